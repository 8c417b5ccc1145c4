"""A case on the closure loop: the fold of its facts, its rules and decisions, from the rooms of this folder.

Promise: `evolve` folds any sequence of facts that casework wrote, never raises, and gives the same state however the
facts were batched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from schemas.events import ClaimMeta, DispatchProposed, FactMeta, File, Refused
from streams.core.authority import Permission
from streams.core.case import (
    clocks,
    closing,
    disposal,
    filing,
    handover,
    loop,
    moretime,
    parties,
    privacy,
    relations,
    returns,
    verification,
    whistle,
)
from streams.core.case.standing import STANDING
from streams.core.case.state import ENDED, NEW, Case, Party, PartyStatus
from streams.core.clocks import evolve as evolve_clocks
from streams.core.decided import remember
from streams.core.kind import Broken, FactBody, Kind, Rule

__all__ = ["DECIDE", "ENDED", "EVOLVE", "KIND", "NEW", "RULES", "Case", "Party", "PartyStatus", "evolve"]

_ROOMS = (
    loop,
    filing,
    parties,
    returns,
    whistle,
    disposal,
    moretime,
    verification,
    closing,
    handover,
    relations,
    privacy,
    clocks,
)


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


EVOLVE: Final[dict[type, Callable[[Case, FactMeta, Any], Case]]] = {
    Refused: _unchanged,
    DispatchProposed: _unchanged,
    **{fact: function for room in _ROOMS for fact, function in room.EVOLVE.items()},
}
RULES: Final[dict[type, tuple[Rule, ...]]] = {claim: rules for room in _ROOMS for claim, rules in room.RULES.items()}
DECIDE: Final[dict[type, Any]] = {claim: function for room in _ROOMS for claim, function in room.DECIDE.items()}


def evolve(case: Case, meta: FactMeta, fact: FactBody) -> Case:
    """The case after one more fact."""
    case = EVOLVE[type(fact)](case, meta, fact)
    claims = remember(case.claims, meta.claim_id, meta.claim_digest)
    marked = evolve_clocks(case.clocks, meta, fact)
    if marked is case.clocks:
        return replace(case, seq=meta.seq, claims=claims)
    return replace(case, seq=meta.seq, claims=claims, clocks=marked)


BEFORE_REPORT = "time.before-report"


def _general(case: Case, meta: ClaimMeta, key: str, permission: Permission) -> tuple[Broken, ...]:
    """What holds for every claim: nothing happens before the report, little during a suspension."""
    broken: tuple[Broken, ...] = ()
    if case.rest is not None and case.rest.suspended_until and not permission.suspended:
        broken = ((f"{key}.suspended", "the case is suspended"),)
    if meta.occurred_at < case.reported_at:
        return (*broken, (BEFORE_REPORT, "it is said to have happened before the report"))
    return broken


KIND: Final = Kind(
    name="case",
    new=NEW,
    evolve=evolve,
    rules=RULES,
    decide=DECIDE,
    relations=STANDING,
    general=_general,
    timed=clocks.timed,
    due=clocks.due_facts,
    until=clocks.until,
    binding=frozenset({File}),
)
