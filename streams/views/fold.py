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
from streams.views import row as rows
from streams.views.row import CaseRow


class MissingFactError(ValueError):
    """A fact came before the one that it follows."""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A row with the offsets of its first and last fact."""

    row: CaseRow
    first_offset: int
    last_offset: int


class Folded(msgspec.Struct):
    """What a batch leads to. `next_offset` is the first fact not folded; `stopped` says why, if it is not the end."""

    next_offset: int
    rows: dict[str, Kept] = {}
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
    for record in records:
        if record.offset < next_offset:
            continue
        try:
            meta, fact = decode(record.value)
        except Unreadable as bad:
            out.stopped = f"fact at offset {record.offset} cannot be read: {bad.reason} ({bad.detail})"
            return out
        if type(meta) is not FactMeta:
            out.stopped = f"the record at offset {record.offset} is a claim, not a fact"
            return out
        out.facts.append((record.offset, meta, fact))
        out.next_offset = record.offset + 1
    return out


def fold_batch(decoded: Decoded, known: Mapping[str, Kept], broken: Mapping[str, str]) -> Folded:
    """Rows after the facts; `known` holds the rows of their subjects where these exist, `broken` those to park."""
    out = Folded(decoded.next_offset, stopped=decoded.stopped)
    for offset, meta, fact in decoded.facts:
        subject = meta.subject.id
        out.facts += 1
        out.watermark = meta.recorded_at
        if subject in broken or subject in out.broken:
            continue
        kept = out.rows.get(subject) or known.get(subject)
        try:
            _fold_one(out, kept, offset, meta, fact)
        except MissingFactError as gap:
            out.broken[subject] = str(gap)
        except Exception as error:  # noqa: BLE001 one subject must not stop the others
            out.broken[subject] = f"fact {meta.seq} ({type(fact).__name__}): {type(error).__name__}"
    return out


def _fold_one(out: Folded, kept: Kept | None, offset: int, meta: FactMeta, fact: Any) -> None:
    before = kept.row if kept else rows.NEW
    if meta.seq <= before.seq:
        return  # the fold rule: repeated, changes nothing
    if meta.seq != before.seq + 1:
        raise MissingFactError(f"fact {meta.seq} came, but fact {before.seq + 1} is missing")
    subject = meta.subject.id
    after = rows.evolve(before, meta, fact)
    out.rows[subject] = Kept(after, kept.first_offset if kept else offset, offset)
    if type(fact) is Reported:
        out.aliases.append((meta.source.system, meta.source.number, subject))
    elif type(fact) is AliasAdded:
        out.aliases.append((fact.system, fact.number, subject))
    elif type(fact) is Refused:
        out.refusals.append(
            (meta.fact_id, subject, meta.seq, fact.claim_type, fact.rule, fact.detail, meta.recorded_at)
        )
