"""Folds a batch of fact records into rows. Pure: rows in, rows out; what cannot be folded is named, never skipped.

A fact of an unknown type or version ends the batch before it (`stopped`): the partition must not go on. A known fact
whose handling raises makes its subject *broken*: its later facts are parked, other subjects go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from schemas.codec import decode
from schemas.events import AliasAdded, FactMeta, Refused, Reported
from schemas.frames import Unreadable
from streams.core.threecross import Part
from streams.views import row as rows
from streams.views import subject as others
from streams.views.row import CaseRow, PartyRow
from streams.views.subject import SubjectRow


class MissingFactError(ValueError):
    """A fact came before the one that it follows."""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A row with the offsets of its first and last fact."""

    row: CaseRow
    first_offset: int
    last_offset: int


class KeptSubject(msgspec.Struct, frozen=True, gc=False):
    """A subject that is no case, with the offsets of its first and last fact."""

    row: SubjectRow
    first_offset: int
    last_offset: int


class Crossing(msgspec.Struct, frozen=True, gc=False):
    """One line of the table `three_cross`; field names are its columns. `why` has each part, citing facts by seq."""

    region: bool | None
    department: bool | None
    authority: bool | None
    rule: str
    reference: int
    why: dict[str, Part]


class ClockLine(msgspec.Struct, frozen=True, gc=False):
    """One line of the table `clocks`; field names are its columns. `party` is empty for a clock of the case."""

    clock: str
    party: str
    opened_by: int
    verdict: str
    opened_at: int
    closed_at: int | None
    yellow_at: int | None
    due_at: int | None
    overdue_at: int | None
    not_before: int | None
    extensions: int
    amount: int | None
    unit: str
    limit_us: int | None
    used_us: int
    calendar: str
    basis: str
    trouble: str


class Folded(msgspec.Struct):
    """What a batch leads to. `next_offset` is the first fact not folded; `stopped` says why, if it is not the end.

    `before` has the parties of cases as they stood before the batch. `more` are cases in which something has changed
    that only some cases have, `borne` those in which a fact has come that the three-cross rule goes by, `timed` those
    with one that clocks go by. What comes from the reference, judging adds: `crossings`, `centres` and `clocks`.
    """

    next_offset: int
    rows: dict[str, Kept] = {}
    before: dict[str, tuple[PartyRow, ...]] = {}
    subjects: dict[str, KeptSubject] = {}
    more: set[str] = set()
    borne: set[str] = set()
    timed: set[str] = set()
    crossings: dict[str, Crossing] = {}
    centres: dict[str, str] = {}
    clocks: dict[str, tuple[ClockLine, ...]] = {}
    aliases: list[tuple[str, str, str]] = []
    refusals: list[tuple[str, str, int, str, str, str, int]] = []
    broken: dict[str, str] = {}
    watermark: int = 0
    facts: int = 0
    stopped: str = ""


class Decoded(msgspec.Struct):
    """Readable facts of a batch, in order, and why it ends early if it does."""

    facts: list[tuple[int, FactMeta, Any]] = []
    stopped: str = ""
    next_offset: int = 0


def decode_batch(records: Sequence[Any], next_offset: int) -> Decoded:
    """Decodes up to the first unreadable record; records before `next_offset` were folded already."""
    out = Decoded(next_offset=next_offset)
    append = out.facts.append
    for record in records:
        offset = record.offset
        if offset < next_offset:
            continue
        try:
            meta, fact = decode(record.value)
        except Unreadable as bad:
            out.stopped = f"fact at offset {offset} cannot be read: {bad.reason} ({bad.detail})"
            return out
        if type(meta) is not FactMeta:
            out.stopped = f"the record at offset {offset} is a claim, not a fact"
            return out
        append((offset, meta, fact))
        out.next_offset = offset + 1
    return out


AnyKept = Kept | KeptSubject


def fold_batch(decoded: Decoded, known: Mapping[str, AnyKept], broken: Mapping[str, str]) -> Folded:
    """Rows after the facts; `known` holds the rows of their subjects where these exist, `broken` those to park."""
    out = Folded(decoded.next_offset, stopped=decoded.stopped, facts=len(decoded.facts))
    before, done = known.get, out.rows.get
    for offset, meta, fact in decoded.facts:
        subject = meta.subject.id
        if subject in broken or subject in out.broken:
            continue
        kept = done(subject) or out.subjects.get(subject) or before(subject)
        try:
            if type(kept) is Kept or (kept is None and meta.subject.kind == "case"):
                _fold_case(out, kept, offset, meta, fact)
            else:
                _fold_other(out, kept, offset, meta, fact)
        except MissingFactError as gap:
            out.broken[subject] = str(gap)
        except Exception as error:  # noqa: BLE001 one subject must not stop the others
            out.broken[subject] = f"fact {meta.seq} ({type(fact).__name__}): {type(error).__name__}"
    if decoded.facts:
        out.watermark = decoded.facts[-1][1].recorded_at
    return out


def _is_next(seq: int, meta: FactMeta) -> bool:
    """Whether this is the fact after number `seq`; a repeated one is not. Raises MissingFactError."""
    if meta.seq > seq + 1:
        raise MissingFactError(f"fact {meta.seq} came, but fact {seq + 1} is missing")
    return meta.seq == seq + 1


def _fold_case(out: Folded, kept: Any, offset: int, meta: FactMeta, fact: Any) -> None:
    before = kept.row if kept else rows.NEW
    if not _is_next(before.seq, meta):
        return
    subject = meta.subject.id
    after = rows.evolve(before, meta, fact)
    if subject not in out.rows and before.parties:
        out.before[subject] = before.parties
    out.rows[subject] = Kept(after, kept.first_offset if kept else offset, offset)
    _note(out, subject, before, after)
    if type(fact) is Reported:
        out.aliases.append((meta.source.system, meta.source.number, subject))
    elif type(fact) is AliasAdded:
        out.aliases.append((fact.system, fact.number, subject))
    elif type(fact) is Refused:
        out.refusals.append(_refusal(meta, fact))


def _note(out: Folded, subject: str, before: CaseRow, after: CaseRow) -> None:
    """What of a case must be written anew beside its row."""
    if after.more is not before.more:
        out.more.add(subject)
    if after.case.clocks is not before.case.clocks:
        out.timed.add(subject)
    if after.bearing is not before.bearing:
        out.borne.add(subject)


def _fold_other(out: Folded, kept: Any, offset: int, meta: FactMeta, fact: Any) -> None:
    before = kept.row if kept else others.NEW
    if not _is_next(before.seq, meta):
        return
    after = others.evolve(before, meta, fact)
    out.subjects[meta.subject.id] = KeptSubject(after, kept.first_offset if kept else offset, offset)
    if type(fact) is Refused:
        out.refusals.append(_refusal(meta, fact))


def _refusal(meta: FactMeta, fact: Refused) -> tuple[str, str, int, str, str, str, int]:
    said = (fact.claim_type, fact.rule, fact.detail)
    return (meta.fact_id, meta.subject.id, meta.seq, *said, meta.recorded_at)
