"""Samples of every test that needs an event, and the DSL of decisions: given facts, when a claim, then facts.

The cast: the street reports, the centre files and dispatches, power leads, telecom assists, water is informed. A claim
without an explicit actor is made by whoever may make it. Nothing here reads a clock: times are UTC µs behind `T0`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from schemas import codec, events, ids
from schemas.events import (
    Acknowledge,
    Acknowledged,
    Actor,
    AddAlias,
    AliasAdded,
    Assignment,
    Category,
    Check,
    Checked,
    ClaimMeta,
    Close,
    Closed,
    Commit,
    Committed,
    Dispatch,
    Dispatched,
    FactMeta,
    File,
    Filed,
    FileRef,
    FilingRefused,
    HandBack,
    HandedBack,
    Place,
    Position,
    Refused,
    RefuseFiling,
    Report,
    Reported,
    ReworkOrdered,
    SelfHandle,
    SelfHandled,
    Source,
    Subject,
    SubjectKindSymbol,
    TextRef,
    Versions,
)
from streams.core import case as cases
from streams.core.authority import Authority, load_authority
from streams.core.case import Case
from streams.core.decisions import Context, Decision, decide
from streams.core.stamp import fact_meta

T0 = 1_763_856_000_000_000
"""2025-11-23 00:00 UTC in microseconds."""
MINUTE = 60_000_000
SYSTEM = "hotline"
NUMBER = "411702-251123-000-00001-3"
"""The speakable number that the DSL gives to every case."""

STREET = Actor("street", "grid_worker")
CENTRE = Actor("centre", "dispatcher")
POWER = Actor("power", "handler")
TELECOM = Actor("telecom", "handler")
WATER = Actor("water", "handler")
INSPECTOR = Actor("centre", "inspector")
SOURCE = Actor("upstream", "source")

CATEGORY = Category("gb", "2021", "0105")
PLACE = Place("411702001001", "411702001001001", "春晓街 12", Position(114.02, 32.98, "WGS-84", 114.02, 32.98))
PERSON = "00000000-0000-4000-8000-000000000001"
"""A random reference of the vault."""
TEXT = TextRef("00000000-0000-4000-8000-000000000002", bytes(32))
PHOTO = FileRef("00000000-0000-4000-8000-000000000003", bytes(32), "image/jpeg", 1_000)
PARTIES = (Assignment("power", "lead"), Assignment("telecom", "assist"), Assignment("water", "inform"))

# ------------------------------------------------------------ claims


def report(**changes: Any) -> Report:
    return msgspec.structs.replace(Report(CATEGORY, PLACE, "app"), **changes)


def dispatch(*parties: Assignment) -> Dispatch:
    return Dispatch(parties or PARTIES, "list-7")


CLAIMS: tuple[Any, ...] = (
    report(),
    AddAlias("crm", "77"),
    File(),
    RefuseFiling("not-ours"),
    SelfHandle(TEXT, (PHOTO,)),
    dispatch(),
    Acknowledge("power"),
    Commit(T0 + 600 * MINUTE, "charging shed in 10 days"),
    HandBack("power"),
    Check("passed"),
    Close("checked"),
)
"""One sample of every claim."""

BY: dict[type, Actor] = {
    Report: STREET,
    SelfHandle: STREET,
    Check: STREET,
    Acknowledge: POWER,
    HandBack: POWER,
}
"""Who makes a claim unless a test says otherwise; the centre makes the others."""


class Said(NamedTuple):
    """A claim with its meta."""

    meta: ClaimMeta
    body: Any

    @property
    def key(self) -> bytes:
        return self.meta.subject.id.encode()

    @property
    def value(self) -> bytes:
        return codec.encode(self.meta, self.body)

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.value).digest()


def actor_of(body: Any) -> Actor:
    """Who may make this claim: parties speak for themselves."""
    if isinstance(body, Acknowledge | HandBack):
        return Actor(body.party, "handler")
    return BY.get(type(body), CENTRE)


def claim(
    body: Any,
    *,
    by: Actor | None = None,
    number: str = "1",
    kind: SubjectKindSymbol = "case",
    occurrence: str = "1",
    at: int = T0,
    already_done: bool = False,
    claim_id: str | None = None,
) -> Said:
    """A claim about the case that the report with this number of the hotline opened."""
    party = getattr(body, "party", None)
    action = f"{type(body).__name__}:{party}" if party else type(body).__name__
    meta = ClaimMeta(
        claim_id or ids.claim_id(SYSTEM, number, action, occurrence),
        Subject(kind, ids.case_id(SYSTEM, number)),
        at,
        by or actor_of(body),
        Source(SYSTEM, number),
        already_done,
    )
    return Said(meta, body)


def whole_loop(number: str = "1") -> list[Said]:
    """Claims that take a case from its report to its closing, each accepted, a minute apart: 9 claims, 9 facts."""
    bodies = (
        report(),
        File(),
        dispatch(),
        Acknowledge("power"),
        Acknowledge("telecom"),
        HandBack("telecom"),
        HandBack("power"),
        Check("passed"),
        Close("checked"),
    )
    return [claim(body, number=number, at=T0 + i * MINUTE) for i, body in enumerate(bodies)]


# ------------------------------------------------------------ facts


def reported(**changes: Any) -> Reported:
    return msgspec.structs.replace(Reported(CATEGORY, PLACE, "app"), **changes)


def dispatched(*parties: Assignment) -> Dispatched:
    return Dispatched(parties or PARTIES, "list-7")


def filed(number: str = NUMBER) -> Filed:
    return Filed(number)


FACTS: tuple[Any, ...] = (
    reported(),
    AliasAdded("crm", "77"),
    filed(),
    FilingRefused("not-ours"),
    Refused("threecross.claim.report.File", "File.stage", "the case is closed"),
    SelfHandled(TEXT, (PHOTO,)),
    dispatched(),
    Acknowledged("power"),
    Committed(T0 + 600 * MINUTE, "charging shed in 10 days"),
    HandedBack("power"),
    ReworkOrdered(("power", "telecom")),
    Checked("passed"),
    Closed("checked"),
)
"""One sample of every fact."""

REPORTED = (reported(),)
FILED = (*REPORTED, filed())
DISPATCHED = (*FILED, dispatched())
WORKED = (*DISPATCHED, Acknowledged("power"), Acknowledged("telecom"))
HANDED_BACK = (*WORKED, HandedBack("telecom"), HandedBack("power"))
PASSED = (*HANDED_BACK, Checked("passed"))
CLOSED = (*PASSED, Closed("checked"))
NOT_FILED = (*REPORTED, FilingRefused("not-ours"))


def fact(
    body: Any,
    seq: int = 1,
    *,
    number: str = "1",
    at: int | None = None,
    by: Actor = STREET,
    irregular: tuple[str, ...] = (),
    recorded_at: int | None = None,
) -> tuple[FactMeta, Any]:
    """A fact with its meta; by default it happened `seq` minutes behind `T0` and was recorded a second later."""
    claim_id = ids.claim_id(SYSTEM, number, f"{type(body).__name__}-{seq}", "1")
    happened = T0 + seq * MINUTE if at is None else at
    subject = Subject("case", ids.case_id(SYSTEM, number))
    meta = FactMeta(
        fact_id=ids.fact_id(claim_id, 0),
        subject=subject,
        seq=seq,
        occurred_at=happened,
        recorded_at=happened + 1_000_000 if recorded_at is None else recorded_at,
        actor=by,
        source=Source(SYSTEM, number),
        claim_id=claim_id,
        claim_digest=hashlib.sha256(claim_id.encode()).digest(),
        versions=Versions(),
        case_id=subject.id,
        irregular=irregular,
    )
    return meta, body


def history(bodies: Sequence[Any], number: str = "1") -> list[tuple[FactMeta, Any]]:
    """These facts as the first ones of a case."""
    return [fact(body, seq, number=number) for seq, body in enumerate(bodies, 1)]


# ------------------------------------------------------------ records of Kafka


class Record(NamedTuple):
    """What the processors read of a consumer's record."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: int = T0 // 1000


def claim_record(said: Said, offset: int, **changes: Any) -> Record:
    return Record("t.claims", 0, offset, said.key, said.value)._replace(**changes)


def fact_record(meta_and_body: tuple[FactMeta, Any], offset: int, **changes: Any) -> Record:
    meta, body = meta_and_body
    return Record("t.facts", 0, offset, meta.subject.id.encode(), codec.encode(meta, body))._replace(**changes)


# ------------------------------------------------------------ given, when, then

AUTHORITY = load_authority()


class Given(NamedTuple):
    """A case as these facts have left it."""

    case: Case

    def when(self, said: Said | Any, authority: Authority = AUTHORITY, **how: Any) -> When:
        """One claim, a `Said` or a body; `how` goes to `claim`. Without a time it happens after all facts."""
        if not isinstance(said, Said):
            defaults: dict[str, Any] = {"at": T0 + 1_000 * MINUTE, "occurrence": "when"}
            said = claim(said, **defaults | how)
        context = Context(authority, lambda _division: NUMBER)
        return When(self.case, said, decide(self.case, said.meta, said.body, said.digest, context))


def given(*facts: Any) -> Given:
    """Facts of one case, in order: bodies."""
    case = cases.NEW
    for meta, body in history(facts):
        case = cases.evolve(case, meta, body)
    return Given(case)


class When(NamedTuple):
    """What a decision came to."""

    case: Case
    said: Said
    decision: Decision

    def then(self, *facts: Any, irregular: tuple[str, ...] = ()) -> Given:
        """The claim led to exactly these facts, type and fields; gives the case behind them."""
        assert self.decision.facts == facts, f"{self.decision.facts} instead of {facts}"
        assert self.decision.irregular == irregular
        return Given(self._after())

    def then_refused(self, rule: str) -> Given:
        """The claim was refused by this rule, and nothing but its number changed."""
        (refused,) = self.decision.facts
        assert isinstance(refused, Refused), f"{refused} instead of a refusal by {rule}"
        assert refused.claim_type == events.full_name(type(self.said.body))
        assert refused.rule == rule
        assert refused.detail
        after = self._after()
        assert (after.stage, after.parties) == (self.case.stage, self.case.parties)
        return Given(after)

    def then_nothing(self) -> Given:
        """The claim led to no fact."""
        return self.then()

    def _after(self) -> Case:
        case = self.case
        for index, body in enumerate(self.decision.facts):
            meta = fact_meta(self.said.meta, self.said.digest, index, case.seq + 1, T0, self.decision.irregular)
            case = cases.evolve(case, meta, body)
        return case
