"""A casework without Kafka: batches of records in, facts on a list; and random claims to feed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from schemas import codec
from schemas.events import (
    Acknowledge,
    Actor,
    AddAlias,
    Assignment,
    Check,
    CheckResult,
    Close,
    ClosingKind,
    Commit,
    Dispatch,
    FactMeta,
    HandBack,
    PartyRole,
    SelfHandle,
)
from schemas.wire.headers import Position
from streams.casework.deciding import Decider, Rules
from streams.casework.state import DeadLetter, PartitionState
from streams.core.authority import Role
from streams.views.fold import decode_batch, fold_batch
from tests.builders import (
    AUTHORITY,
    CLAIMS,
    CLAIMS_OF,
    DAY,
    MINUTE,
    PHOTO,
    T0,
    Record,
    Said,
    claim,
    claim_record,
    report,
    whole_loop,
)

RULES = Rules(AUTHORITY, ZoneInfo("Asia/Shanghai"), "411702", 1)


class Desk:
    """One partition: what it was sent, what it wrote, and the state that it has kept all the while."""

    def __init__(self) -> None:
        self.state = PartitionState()
        self.log: list[Record] = []
        self.dead: list[DeadLetter] = []
        self.counts: dict[tuple[str, str], int] = {}
        self.clock = T0 + 10_000 * DAY

    def work(self, records: Sequence[Record]) -> None:
        """One batch, decided and committed. A batch whose claims were all decided before writes nothing."""
        self.clock += 1_000
        batch = Decider(RULES, 0).decide_batch(self.state, records, self.clock)
        if batch.position == self.state.position:
            return
        for key, value, headers, at in batch.facts:
            self.log.append(Record("t.facts", 0, len(self.log), key, value, tuple(headers), at))
        self.dead += batch.dead
        for counted, n in batch.counts.items():
            self.counts[counted] = self.counts.get(counted, 0) + n
        self.state.merge(batch, len(self.log))

    def facts(self) -> list[tuple[FactMeta, Any]]:
        return self.facts_from(0)

    def facts_from(self, first: int) -> list[tuple[FactMeta, Any]]:
        return [codec.decode(record.value or b"") for record in self.log[first:]]  # type: ignore[misc]

    def told(self) -> list[tuple[Any, ...]]:
        """What the facts say without when they were recorded: subject, seq, id, irregular rules, body."""
        return [(m.subject.id, m.seq, m.fact_id, m.irregular, _without_number(body)) for m, body in self.facts()]

    def snapshot(self) -> tuple[Any, ...]:
        state = self.state
        return dict(state.subjects), state.numbers, state.recorded_at, state.position

    def replayed(self, position: Position | None = None) -> PartitionState:
        """State of a casework that takes over: the fold of the facts' bytes, then the position without a fact."""
        state = PartitionState()
        state.fold_all(self.log)
        if position is not None:
            state.advance(position)
        return state


def _without_number(body: Any) -> Any:
    """Speakable numbers depend on the order of all cases of a partition, not on that of one."""
    return type(body).__name__ if type(body).__name__ == "Filed" else body


def worked(said: Iterable[Said], sizes: Sequence[int] = ()) -> Desk:
    """A desk that has worked on these claims, in batches of these sizes (the last one takes the rest)."""
    desk = Desk()
    records = [claim_record(one, offset) for offset, one in enumerate(said)]
    at = 0
    for size in (*sizes, len(records)):
        desk.work(records[at : at + size])
        at += size
    return desk


def rows_of(log: list[Record], split: list[int]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    at = 0
    for size in (*split, len(log)):
        folded = fold_batch(decode_batch(log[at : at + size], at), known, {})
        assert (folded.broken, folded.stopped) == ({}, "")
        known |= folded.rows | folded.subjects
        at = folded.next_offset
    return known


ORGS = ("street", "centre", "power", "telecom", "upstream", "police", "gas")
ROLES = (*Role, "passer-by")
LEAD, ASSIST, INFORMED = (Assignment(org, role) for org, role in zip(ORGS[2:], PartyRole.ALL, strict=False))
BODIES: tuple[Any, ...] = (
    *(report(inlet=inlet) for inlet in ("app", "chat")),
    *(AddAlias("crm", number) for number in "12"),
    *(SelfHandle(None, evidence) for evidence in ((), (PHOTO,))),
    *(Dispatch(parties) for parties in ((LEAD,), (LEAD, ASSIST, INFORMED), (ASSIST,), (LEAD, LEAD), ())),
    *(Acknowledge(org) for org in ORGS),
    *(Commit(T0 + minutes * MINUTE, "basis", party) for minutes in (0, 99) for party in (None, "power")),
    *(HandBack(org) for org in ORGS),
    *(Check(result) for result in CheckResult.ALL),
    *(Close(kind) for kind in ClosingKind.ALL),
    *CLAIMS,
    *(body for bodies in CLAIMS_OF.values() for body in bodies),
)
CHOICES = (len(BODIES), 2 * len(ORGS), len(ROLES), 3, 10, 4, 3, 2)


def _claim(number: int) -> Said:
    """One of all claims by its number: body, actor, case, kind of subject, occurrence, time, already done."""
    picked = []
    for choices in CHOICES:
        number, one = divmod(number, choices)
        picked.append(one)
    body, org, role, case, kind, occurrence, minutes, done = picked
    return claim(
        BODIES[body],
        by=Actor(ORGS[org], ROLES[role]) if org < len(ORGS) else None,
        number="123"[case],
        kind=None if kind else "household",
        occurrence="1234"[occurrence],
        at=T0 + minutes * MINUTE,
        already_done=bool(done),
    )


any_claim = st.integers(0, prod(CHOICES) - 1).map(_claim)
"""Any claim about one of three cases, every other one by who may make it; ids collide now and then."""


def _likely(script: list[tuple[int, Said | None]]) -> list[Said]:
    """Loops of three cases, interleaved as scripted, with claims repeated, left out and thrown in."""
    loops = [whole_loop(number) for number in "123"]
    said: list[Said] = []
    for step, thrown in script:
        case, how = step % 3, step // 3
        if loops[case]:
            one = loops[case].pop(0)
            said += [one] * (1 if how < 10 else how - 10)
        said += [] if thrown is None else [thrown]
    return said


likely_claims = st.lists(st.tuples(st.integers(0, 38), st.none() | any_claim), max_size=30).map(_likely)
"""Claims most of which are accepted."""
claims = st.one_of(likely_claims, st.lists(any_claim, max_size=20))
sizes = st.lists(st.integers(0, 6), max_size=8)
