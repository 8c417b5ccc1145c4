"""What tests make events and decisions with, and the DSL of decisions: given facts, when a claim, then facts.

The cast and the samples of every event are those of tests.samples. A claim without an explicit actor is made by whoever
may make it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from schemas import codec, events, ids
from schemas.events import (
    Acknowledge,
    Acknowledged,
    Actor,
    Check,
    Checked,
    ClaimMeta,
    Close,
    Closed,
    FactMeta,
    File,
    Filed,
    FilingRefused,
    HandBack,
    HandedBack,
    Merged,
    Refused,
    ReportWithdrawn,
    Source,
    Subject,
    SubjectKindSymbol,
    Versions,
    Voided,
)
from streams.core.authority import Authority, Stage, load_authority
from streams.core.decisions import Decision, after_due, decide
from streams.core.kind import Context, Due, Kind
from streams.core.reference import EMPTY, Reference
from streams.core.stamp import fact_meta
from streams.core.subjects import KINDS
from tests.samples import (
    APPROVER,
    AUDITOR,
    BY,
    CATEGORY,
    CENTRE,
    CLAIMS,
    CLAIMS_OF,
    CLOCKS,
    CONDITION,
    DAY,
    DEPUTY,
    FACTS,
    FACTS_OF,
    GROUP,
    INSPECTOR,
    KIND_OF,
    LINKS,
    MEDIATOR,
    MINUTE,
    NUMBER,
    OTHER,
    OWN,
    PART,
    PARTIES,
    PERSON,
    PHOTO,
    PLACE,
    POLICE,
    POWER,
    REVIEWER,
    SOON,
    SOURCE,
    STREET,
    SYSTEM,
    T0,
    TELECOM,
    TEXT,
    WATER,
    dispatch,
    dispatched,
    filed,
    report,
    reported,
)

__all__ = [
    "APPROVER",
    "AUDITOR",
    "BY",
    "CATEGORY",
    "CENTRE",
    "CLAIMS",
    "CLAIMS_OF",
    "CLOCKS",
    "CONDITION",
    "DAY",
    "DEPUTY",
    "FACTS",
    "FACTS_OF",
    "GROUP",
    "INSPECTOR",
    "KIND_OF",
    "LINKS",
    "MEDIATOR",
    "MINUTE",
    "NUMBER",
    "OTHER",
    "OWN",
    "PART",
    "PARTIES",
    "PERSON",
    "PHOTO",
    "PLACE",
    "POLICE",
    "POWER",
    "REVIEWER",
    "SOON",
    "SOURCE",
    "STREET",
    "SYSTEM",
    "T0",
    "TELECOM",
    "TEXT",
    "WATER",
    "dispatch",
    "dispatched",
    "filed",
    "report",
    "reported",
]


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
    if isinstance(body, OWN):
        return Actor(body.party, "handler")
    if isinstance(body, events.AnswerHandOver):
        return Actor(body.org, "handler")
    return BY.get(type(body), CENTRE)


def claim(
    body: Any,
    *,
    by: Actor | None = None,
    number: str = "1",
    kind: SubjectKindSymbol | None = None,
    occurrence: str = "1",
    at: int = T0,
    already_done: bool = False,
    claim_id: str | None = None,
) -> Said:
    """A claim about the subject that the hotline knows by this number, of the kind that such a claim is about."""
    kind = kind or KIND_OF.get(type(body), "case")
    party = getattr(body, "party", None)
    action = f"{type(body).__name__}:{party}" if party else type(body).__name__
    if kind != "case":
        action = f"{kind} {action}"
    meta = ClaimMeta(
        claim_id or ids.claim_id(SYSTEM, number, action, occurrence),
        Subject(kind, ids.subject_id(kind, SYSTEM, number)),
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

REPORTED = (reported(),)
FILED = (*REPORTED, filed())
DISPATCHED = (*FILED, dispatched())
WORKED = (*DISPATCHED, Acknowledged("power"), Acknowledged("telecom"))
HANDED_BACK = (*WORKED, HandedBack("telecom"), HandedBack("power"))
PASSED = (*HANDED_BACK, Checked("passed"))
CLOSED = (*PASSED, Closed("checked"))
NOT_FILED = (*REPORTED, FilingRefused("not-ours"))
WITHDRAWN = (*REPORTED, ReportWithdrawn("settled"))
VOID = (*FILED, Voided("filed by mistake"))
MERGED = (*REPORTED, Merged(OTHER, "the same pole"))
AT: dict[Stage, tuple[Any, ...]] = {
    Stage.NONE: (),
    Stage.REPORTED: REPORTED,
    Stage.FILED: FILED,
    Stage.DISPATCHED: DISPATCHED,
    Stage.HANDED_BACK: HANDED_BACK,
    Stage.PASSED: PASSED,
    Stage.CLOSED: CLOSED,
    Stage.NOT_FILED: NOT_FILED,
    Stage.WITHDRAWN: WITHDRAWN,
    Stage.VOID: VOID,
    Stage.MERGED: MERGED,
}
"""A history that leads to each stage of a case."""


class Told(NamedTuple):
    """A fact of a history whose actor or time matters: `by` and `at` are as in `fact`."""

    body: Any
    by: Actor | None = None
    at: int | None = None


def fact(
    body: Any,
    seq: int = 1,
    *,
    number: str = "1",
    at: int | None = None,
    by: Actor | None = None,
    kind: SubjectKindSymbol = "case",
    irregular: tuple[str, ...] = (),
    recorded_at: int | None = None,
) -> tuple[FactMeta, Any]:
    """A fact with its meta; by default it happened `seq` minutes behind `T0` and was recorded a second later."""
    claim_id = ids.claim_id(SYSTEM, number, f"{type(body).__name__}-{seq}", "1")
    happened = T0 + seq * MINUTE if at is None else at
    subject = Subject(kind, ids.subject_id(kind, SYSTEM, number))
    meta = FactMeta(
        fact_id=ids.fact_id(claim_id, 0),
        subject=subject,
        seq=seq,
        occurred_at=happened,
        recorded_at=happened + 1_000_000 if recorded_at is None else recorded_at,
        actor=by or (CENTRE if isinstance(body, Filed) else STREET),
        source=Source(SYSTEM, number),
        claim_id=claim_id,
        claim_digest=hashlib.sha256(claim_id.encode()).digest(),
        versions=Versions(),
        case_id=subject.id if kind == "case" else None,
        irregular=irregular,
    )
    return meta, body


def history(bodies: Sequence[Any], number: str = "1", kind: SubjectKindSymbol = "case") -> list[tuple[FactMeta, Any]]:
    """These facts, bodies or `Told`, as the first ones of a subject."""
    told = [body if isinstance(body, Told) else Told(body) for body in bodies]
    return [fact(one.body, seq, number=number, at=one.at, by=one.by, kind=kind) for seq, one in enumerate(told, 1)]


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
LATER = T0 + 1_000 * MINUTE
"""When a claim is made unless a test says otherwise: after all facts."""
NOW = T0 + 10_000 * DAY
"""When decisions are made."""


class Given(NamedTuple):
    """A case, or another subject, as these facts have left it."""

    case: Any
    kind: Kind = KINDS["case"]

    def when(
        self, said: Said | Any, authority: Authority = AUTHORITY, *, reference: Reference = EMPTY, **how: Any
    ) -> When:
        """One claim, a `Said` or a body; `how` goes to `claim`."""
        if not isinstance(said, Said):
            defaults: dict[str, Any] = {"at": LATER, "occurrence": "when"}
            said = claim(said, **defaults | how)
        context = Context(authority, lambda _division: NUMBER, NOW, reference)
        decision = decide(self.kind, self.case, said.meta, said.body, said.digest, context)
        return When(self.case, said, decision, self.kind)


def given(*facts: Any, kind: SubjectKindSymbol = "case") -> Given:
    """Facts of one subject, in order: bodies or `Told`."""
    rules = KINDS[kind]
    state = rules.new
    for meta, body in history(facts, kind=kind):
        state = rules.evolve(state, meta, body)
    return Given(state, rules)


class When(NamedTuple):
    """What a decision came to."""

    case: Any
    said: Said
    decision: Decision
    kind: Kind = KINDS["case"]

    def then(self, *facts: Any, irregular: tuple[str, ...] = (), due: tuple[Due, ...] = ()) -> Given:
        """The claim led to exactly these facts, type and fields; gives the subject behind them."""
        assert self.decision.facts == facts, f"{self.decision.facts} instead of {facts}"
        assert self.decision.irregular == irregular
        assert self.decision.due == due, f"{self.decision.due} instead of {due}"
        return self.after()

    def then_refused(self, rule: str) -> Given:
        """The claim was refused by this rule, and nothing but its number changed."""
        (refused,) = self.decision.facts
        assert isinstance(refused, Refused), f"{refused} instead of a refusal by {rule}"
        assert refused.claim_type == events.full_name(type(self.said.body))
        assert refused.rule == rule
        assert refused.detail
        after = self.after()
        if not self.decision.due:
            assert replace(after.case, seq=self.case.seq, claims=self.case.claims) == self.case
        return after

    def then_nothing(self) -> Given:
        """The claim led to no fact."""
        return self.then()

    def after(self) -> Given:
        """The subject behind what was decided."""
        meta, digest, decision = self.said.meta, self.said.digest, self.decision
        state = after_due(self.kind, self.case, meta, digest, decision.due)
        for index, body in enumerate(decision.facts, len(decision.due)):
            stamped = fact_meta(meta, digest, index, state.seq + 1, T0, decision.irregular)
            state = self.kind.evolve(state, stamped, body)
        return Given(state, self.kind)
