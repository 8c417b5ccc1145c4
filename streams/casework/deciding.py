"""Decides a batch of claims on an overlay over the state of a partition; nothing is changed before the commit.

A claim that cannot be read, or whose decision raises, becomes a dead letter in the same transaction as the others'
facts: decisions are pure and touch the overlay only when they have succeeded, so the bad record is known at once.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas import events
from schemas.codec import decode, encode
from schemas.events import ChangeRegime, ClaimMeta, Filed, Refused, Subject, Versions
from schemas.frames import Unreadable
from schemas.wire.headers import POSITION, Position, position_bytes
from streams.casework.state import Batch, DeadLetter, PartitionState, overlay_get
from streams.core import numbering
from streams.core.authority import Authority
from streams.core.decisions import Context, Decision, decide
from streams.core.kind import Due
from streams.core.reference import EMPTY, NotReadYet, Reference
from streams.core.stamp import fact_meta
from streams.core.subjects import kind_of

sha256 = hashlib.sha256

MAX_FACT_BYTES = 1_000_000
"""A larger fact would not fit into a batch of Kafka (1 MiB); a compressed claim can be larger than that."""


EARLIEST, LATEST = -2_208_988_800_000_000, 16_725_225_600_000_000
"""1900-01-01 and 2500-01-01 in UTC µs: a time outside is a mistake, and beyond what databases and calendars can say."""

TIMES = frozenset(
    {events.Commit, events.NoteTime, events.Suspend, events.OpenPlan, events.ReviewPlan, events.PlanVisits}
)
"""Claims that name a time beside the one when they happened."""


def times_in(claim: Any) -> Iterator[int]:
    """Every time (UTC µs) that such a claim names."""
    for name in ("due_at", "until", "review_at"):
        found = getattr(claim, name, ())
        yield from found if isinstance(found, tuple) else (found,)
    yield from (step.due_at for step in getattr(claim, "steps", ()) if step.due_at is not None)


class BadClaimError(Exception):
    """A record that decodes but is no claim that casework may decide."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Rules(msgspec.Struct, frozen=True):
    """What a casework process judges by; `division` is for places without one, `zone` for the date in numbers.

    `reference` is the newest version read; each batch is judged by one version.
    """

    authority: Authority
    zone: tzinfo
    division: str
    epoch: int
    reference: Reference = EMPTY


class Decider:
    """Decides the claims of one partition. `now` is UTC µs at the start of the batch.

    `caught_up` False: the reference may be behind, so a claim that names a later version raises NotReadYet, for the
    caller to read on. True: what it names does not exist.
    """

    def __init__(self, rules: Rules, partition: int, *, caught_up: bool = True) -> None:
        self.rules = rules
        self.partition = partition
        self.caught_up = caught_up

    def decide_batch(self, state: PartitionState, records: Sequence[Any], now: int) -> Batch:
        """What the records lead to; records at or before the state's position are passed over."""
        batch = Batch({}, state.numbers, state.recorded_at, state.position)
        work = _Work(self, state, batch, now)
        done = state.position[:2]
        epoch = self.rules.epoch
        for record in records:
            if (epoch, record.offset) <= done:
                continue
            try:
                self._decide_record(work, record, now)
            except NotReadYet:
                raise
            except (Unreadable, BadClaimError) as bad:
                self._dead(batch, record, bad.reason, bad.detail)
            except Exception as error:  # noqa: BLE001 a claim that cannot be decided must not stop the others
                self._dead(batch, record, "decision-failed", type(error).__name__)
        _count(batch, work.decisions)
        return batch

    def _dead(self, batch: Batch, record: Any, reason: str, detail: str) -> None:
        batch.dead.append(DeadLetter(record, reason, detail))
        batch.count("dead", reason)
        batch.position = Position(self.rules.epoch, record.offset, -1, 0)

    def _decide_record(self, work: _Work, record: Any, now: int) -> None:
        value = record.value
        if value is None:
            raise BadClaimError("no-value", "the record has no value")
        meta, claim = decode(value)
        if type(meta) is not ClaimMeta:
            raise BadClaimError("not-a-claim", f"{type(claim).__name__} is not a claim")
        subject = meta.subject.id
        if not _sane(meta.occurred_at) or (type(claim) in TIMES and not all(map(_sane, times_in(claim)))):
            raise BadClaimError("bad-time", "a time of it lies before 1900 or after 2499")
        if record.key != subject.encode():
            raise BadClaimError("key-mismatch", "the key of the record is not the id of its subject")
        if type(claim) is ChangeRegime and not self.caught_up and claim.reference > self.rules.reference.version:
            raise NotReadYet(f"a claim names version {claim.reference} of the reference, which has not been read")
        digest = sha256(value).digest()
        batch = work.batch
        work.recorded_at = recorded_at = max(now, batch.recorded_at + 1)
        state = overlay_get(batch.overlay, work.state, subject, meta.subject.kind)
        kind = kind_of(state)
        decision = decide(kind, state, meta, claim, digest, work.context)
        if kind.name != meta.subject.kind and decision.facts:
            meta = replace(
                meta, subject=Subject(kind.name, subject)
            )  # a refusal stands in the history of what is there
        self._write(work, record, meta, decision, digest, state, recorded_at)

    def _write(
        self,
        work: _Work,
        record: Any,
        meta: ClaimMeta,
        decision: Decision,
        digest: bytes,
        state: Any,
        recorded_at: int,
    ) -> None:
        facts = []
        batch = work.batch
        numbers = batch.numbers
        evolve = kind_of(state).evolve
        bodies = (*decision.due, *decision.facts) if decision.due else decision.facts
        count = len(bodies)
        for index, body in enumerate(bodies):
            number = decision.first_index + index
            fell_due, fact, irregular, versions = None, body, decision.irregular, work.versions
            if type(body) is Due:
                fell_due, fact, irregular = body.at, body.fact, ()
                versions = replace(versions, standard=body.standard, calendar=body.calendar)
            stamped = fact_meta(meta, digest, number, state.seq + 1, recorded_at + index, irregular, versions, fell_due)
            header = [(POSITION, position_bytes(self.rules.epoch, record.offset, index, count))]
            value = encode(stamped, fact)
            if len(value) > MAX_FACT_BYTES:
                raise BadClaimError(
                    "too-large", f"it leads to a fact of {len(value):,} bytes, above {MAX_FACT_BYTES:,}"
                )
            facts.append((record.key, value, header, stamped.recorded_at // 1000))
            state = evolve(state, stamped, fact)
            if type(fact) is Filed:
                numbers = numbering.after(fact)
        batch.position = Position(self.rules.epoch, record.offset, count - 1, count)
        if not facts:
            batch.count("repeated")
            return
        batch.facts += facts
        batch.overlay[meta.subject.id] = state
        batch.numbers = numbers
        batch.recorded_at = recorded_at + count - 1
        work.decisions.append(decision)


def _sane(at: int) -> bool:
    return EARLIEST <= at < LATEST


def _count(batch: Batch, decisions: Sequence[Decision]) -> None:
    """What a batch led to, counted once for all of it."""
    kinds = Counter(map(type, chain.from_iterable([decision.facts for decision in decisions])))
    for decision in decisions:
        if decision.due:
            kinds.update([type(one.fact) for one in decision.due])
        for rule in decision.irregular:
            batch.count("irregular", rule)
        if decision.facts and type(decision.facts[0]) is Refused:
            batch.count("refused", decision.facts[0].rule)
    for kind, n in kinds.items():
        batch.count("fact", kind.__name__, n)


class _Work:
    """One batch being decided: what a decision may ask for while it is."""

    __slots__ = ("batch", "context", "decider", "decisions", "recorded_at", "state", "versions")

    def __init__(self, decider: Decider, state: PartitionState, batch: Batch, now: int) -> None:
        self.decider = decider
        self.state = state
        self.batch = batch
        self.decisions: list[Decision] = []
        """Those that led to facts."""
        self.recorded_at = batch.recorded_at
        self.context = Context(decider.rules.authority, self.number, now, decider.rules.reference)
        self.versions = Versions(reference=decider.rules.reference.version)

    def number(self, division: str) -> str:
        """The next speakable number of the partition."""
        rules = self.decider.rules
        place = division if len(division) == 6 and division.isascii() and division.isdigit() else rules.division
        return numbering.next_number(self.batch.numbers, place, self.decider.partition, self.recorded_at, rules.zone)
