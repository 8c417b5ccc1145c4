"""State of one partition of casework: a fold of its facts, and nothing else.

The fold rule is the second line of defence after fencing: a fact whose claim lies before the next expected one, or
whose index is not the next, is stale or repeated and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.codec import decode
from schemas.events import FactMeta, Filed
from schemas.wire.headers import START, Position, position_of
from streams.core import case as cases
from streams.core import numbering
from streams.core.case import Case
from streams.core.numbering import Numbers
from streams.runtime.processor import PartitionStopped


class PartitionState:
    """What casework knows of one partition; `facts_offset` is the next fact to fold."""

    __slots__ = ("cases", "facts_offset", "numbers", "position", "recorded_at")

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.numbers = Numbers()
        self.recorded_at = 0
        self.position: Position = START
        self.facts_offset = 0

    def get(self, subject: str) -> Case:
        return self.cases.get(subject, cases.NEW)

    def fold(self, record: Any) -> bool:
        """Folds one record of the facts topic; False when the fold rule says that it is stale or repeated."""
        position = position_of(record.headers)
        self.facts_offset = record.offset + 1
        if not follows(self.position, position):
            return False
        meta, fact = decode(record.value)
        if type(meta) is not FactMeta:
            raise PartitionStopped(f"the record at offset {record.offset} of facts is a claim")
        self._apply(meta, fact)
        self.position = position
        return True

    def _apply(self, meta: FactMeta, fact: Any) -> None:
        subject = meta.subject.id
        self.cases[subject] = cases.evolve(self.get(subject), meta, fact)
        self.recorded_at = meta.recorded_at
        if type(fact) is Filed:
            self.numbers = numbering.after(fact)

    def merge(self, batch: Batch) -> None:
        """Takes over what a committed batch led to."""
        self.cases.update(batch.overlay)
        self.numbers = batch.numbers
        self.recorded_at = batch.recorded_at
        self.position = batch.position

    def advance(self, position: Position) -> None:
        """Takes over a position that a batch without a fact has left in the positions topic."""
        self.position = max(self.position, position)


def follows(last: Position, new: Position) -> bool:
    """True when a fact at `new` comes next after `last`: the same claim's next fact, or the first of a later claim."""
    if new[:2] == last[:2]:
        return new.fact == last.fact + 1
    return new[:2] > last[:2] and new.fact == 0


class DeadLetter(msgspec.Struct, frozen=True, gc=False):
    """A claim that could not be read or decided; `detail` carries nothing of its content."""

    record: Any
    reason: str
    detail: str


class Batch(msgspec.Struct):
    """What one batch of claims leads to, before it is committed. Facts are (key, value, headers, milliseconds)."""

    overlay: dict[str, Case]
    numbers: Numbers
    recorded_at: int
    position: Position
    facts: list[tuple[bytes, bytes, list[tuple[str, bytes]], int]] = []
    dead: list[DeadLetter] = []
    counts: dict[tuple[str, str], int] = {}
    """How often (metric, label) is to be counted once the batch is committed."""

    def count(self, metric: str, label: str = "") -> None:
        self.counts[metric, label] = self.counts.get((metric, label), 0) + 1


def overlay_get(overlay: Mapping[str, Case], state: PartitionState, subject: str) -> Case:
    """The case as this batch has left it so far."""
    found = overlay.get(subject)
    return state.get(subject) if found is None else found
