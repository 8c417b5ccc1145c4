"""What a kind of subject brings along, so that casework can decide its claims and fold its facts.

A kind's module has, in this order, its state (a frozen array_like msgspec.Struct with an int as tag, see
`SubjectState`), `EVOLVE`, `RULES`, `DECIDE`, and a `KIND` that names them; `streams.core.subjects` lists the kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from schemas.events import ClaimMeta, NoteTime, SubjectKindSymbol
from streams.core.authority import Authority, Permission, Relation, Stage
from streams.core.reference import EMPTY, Reference

FactBody = Any
"""One of the fact classes of schemas.events, without its meta."""
ClaimBody = Any
"""One of the claim classes of schemas.events, without its meta."""


class SubjectState(Protocol):
    """What every kind's state has. `claims` is as `streams.core.decided` writes it."""

    @property
    def seq(self) -> int:
        """Number of the last fact."""

    @property
    def stage(self) -> Stage:
        """Where it stands, in the stages of its kind."""

    @property
    def claims(self) -> bytes:
        """The claims that were decided."""

    @property
    def ended(self) -> bool:
        """True when nothing more is expected; a later claim still finds the subject."""


class Context(msgspec.Struct, frozen=True, gc=False):
    """What a decision may look at beside state and claim.

    `number` gives the next speakable number of a division, `now` is when the batch began (UTC µs).
    """

    authority: Authority
    number: Callable[[str], str]
    now: int
    reference: Reference = EMPTY


class Due(msgspec.Struct, frozen=True, gc=False):
    """A fact of the hub's own that fell due at a moment (UTC µs), whatever is claimed later.

    `standard` and `calendar` are the versions that say when it did, beside that of the reference.
    """

    at: int
    fact: FactBody
    standard: str | None = None
    calendar: str | None = None


class Rule(NamedTuple):
    """A rule of content: its name, and what stands against a claim in one sentence without personal data, or None.

    The function's docstring says the rule in one sentence; people read it in the printed table.
    """

    name: str
    against: Callable[[Any, ClaimMeta, Any, Context], str | None]


Broken = tuple[str, str]
"""Name of a rule, and what stands against the claim."""
Against = Callable[[Any, ClaimMeta, Any, Context], str | None]
Rules = Mapping[type, tuple[Rule, ...]]
Decisions = Mapping[type, Callable[[Any, ClaimMeta, Any, Context], tuple[FactBody, ...]]]


def claimed_time(_state: Any, meta: ClaimMeta, claim: ClaimBody, context: Context) -> int:
    """When the claim says that it happened, and never later than now."""
    return min(claim.due_at if type(claim) is NoteTime else meta.occurred_at, context.now)


def _untimed(_state: Any) -> bool:
    return False


def _nothing_due(_state: Any, _context: Context, _until: int) -> tuple[Due, ...]:
    return ()


def _nothing_more(_state: Any, _meta: ClaimMeta, _key: str, _permission: Permission) -> tuple[Broken, ...]:
    return ()


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of subject.

    `new` is the state before the first fact. `general` tells broken rules that hold for every claim. `due` are the
    facts that have fallen due by themselves until a moment, in order, `until` that moment for a claim; asked only where
    `timed` says that anything can fall due. `binding` are
    claims whose rules bind a source too that reports what has happened.
    """

    name: SubjectKindSymbol
    new: Any
    evolve: Callable[[Any, Any, FactBody], Any]
    rules: Rules
    decide: Decisions
    relations: Mapping[Relation, Against] = {}
    general: Callable[[Any, ClaimMeta, str, Permission], tuple[Broken, ...]] = _nothing_more
    timed: Callable[[Any], bool] = _untimed
    due: Callable[[Any, Context, int], tuple[Due, ...]] = _nothing_due
    until: Callable[[Any, ClaimMeta, Any, Context], int] = claimed_time
    binding: frozenset[type] = frozenset()
