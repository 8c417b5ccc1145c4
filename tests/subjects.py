"""Groups, workers, households and accounts in tests: given facts, when a claim, then facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from schemas import ids
from schemas.events import (
    Actor,
    ClaimMeta,
    FactMeta,
    Load,
    Refused,
    Source,
    Subject,
    Tariff,
    Versions,
)
from streams.core import subjects
from streams.core.authority import load_authority
from streams.core.decisions import Decision, decide
from streams.core.kind import Context, Kind
from streams.core.reference import EMPTY, Loaded, Reference
from streams.core.stamp import fact_meta
from tests.builders import MINUTE, T0

AUTHORITY = load_authority()
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LATER = T0 + 30 * DAY
"""When a claim happens unless a test says otherwise: behind all facts."""

PERSON, OTHER_PERSON = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000009"
WORKER = Actor("street", "grid_worker", PERSON)
STREET = Actor("street", "grid_worker")
CENTRE = Actor("centre", "dispatcher")
POWER = Actor("power", "handler")
LINKS = Actor("hub", "links")
AUDITOR = Actor("centre", "auditor")

TARIFF = (
    Tariff("report.verified", "a report that was settled", 5, "deed"),
    Tariff("clean-up", "an hour of cleaning up", 20, "hour"),
    Tariff("soap", "a piece of soap", -10, "piece"),
    Tariff("lamp", "a lamp", -50, "piece"),
)


def loaded(version: int, kind: str, name: str, items: Sequence[Any], *, at: int = T0, valid_from: int = 0) -> Loaded:
    """One load of reference data, recorded at a moment."""
    header = Load(version, kind, name, valid_from, bytes(32), len(items), "centre", "dispatcher", at)
    return Loaded(header, tuple(items))


REFERENCE = EMPTY.after([loaded(1, "tariffs", "bank", TARIFF)])


class Subjects(NamedTuple):
    """A subject as its facts have left it, and those facts."""

    kind: Kind
    state: Any
    facts: tuple[tuple[FactMeta, Any], ...] = ()

    def when(
        self,
        body: Any,
        by: Actor,
        *,
        at: int = LATER,
        occurrence: str = "",
        already_done: bool = False,
        reference: Reference = REFERENCE,
    ) -> When:
        meta = _meta(self.kind, body, by, at, occurrence or f"{len(self.facts)}", already_done)
        context = Context(AUTHORITY, lambda _division: "", LATER + 365 * DAY, reference)
        return When(self, meta, decide(self.kind, self.state, meta, body, _digest(meta, body), context), body)


def _meta(kind: Kind, body: Any, by: Actor, at: int, occurrence: str, already_done: bool) -> ClaimMeta:
    claim_id = ids.claim_id("test", kind.name, type(body).__name__, occurrence)
    subject = Subject(kind.name, ids.subject_id(kind.name, "test", "1"))
    return ClaimMeta(claim_id, subject, at, by, Source("test", "1"), already_done)


def _digest(meta: ClaimMeta, body: Any) -> bytes:
    return hashlib.sha256(repr((meta, body)).encode()).digest()


def given(kind: str, *bodies: Any, by: Actor = STREET, at: int = T0) -> Subjects:
    """A subject after these facts, an hour apart."""
    found = subjects.KINDS[kind]
    one = Subjects(found, found.new)
    for n, body in enumerate(bodies):
        meta = _meta(found, body, by, at + n * HOUR, f"given-{n}", False)
        one = _after(one, meta, Decision((body,)), _digest(meta, body))
    return one


def _after(before: Subjects, meta: ClaimMeta, decision: Decision, digest: bytes) -> Subjects:
    state, facts = before.state, list(before.facts)
    for index, due in enumerate(decision.due):
        stamped = fact_meta(meta, digest, index, state.seq + 1, T0 + len(facts), (), fell_due=due.at)
        state = before.kind.evolve(state, stamped, due.fact)
        facts.append((stamped, due.fact))
    for index, body in enumerate(decision.facts, len(decision.due)):
        stamped = fact_meta(meta, digest, index, state.seq + 1, T0 + len(facts), decision.irregular, Versions())
        state = before.kind.evolve(state, stamped, body)
        facts.append((stamped, body))
    return Subjects(before.kind, state, tuple(facts))


class When(NamedTuple):
    """What a decision came to."""

    before: Subjects
    meta: ClaimMeta
    decision: Decision
    body: Any

    def then(self, *facts: Any) -> Subjects:
        """The claim led to exactly these facts, those that fell due before it first."""
        told = (*(due.fact for due in self.decision.due), *self.decision.facts)
        assert told == facts, f"{told} instead of {facts}"
        return self.after()

    def then_refused(self, rule: str) -> Subjects:
        (refused,) = self.decision.facts
        assert isinstance(refused, Refused), f"{refused} instead of a refusal by {rule}"
        assert refused.rule == rule
        return self.after()

    def after(self) -> Subjects:
        return _after(self.before, self.meta, self.decision, _digest(self.meta, self.body))


def fold(kind: Kind, facts: Iterable[tuple[FactMeta, Any]]) -> Any:
    """The state that these facts amount to."""
    state = kind.new
    for meta, body in facts:
        state = kind.evolve(state, meta, body)
    return state
