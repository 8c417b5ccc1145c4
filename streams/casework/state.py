"""State of one partition of casework: a fold of its facts, and nothing else.

The fold rule is the second line of defence after fencing: a fact whose claim lies before the next expected one, or
whose index is not the next, is stale or repeated and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from schemas.codec import decode
from schemas.events import FactMeta, Filed
from schemas.wire.headers import START, Position, position_of
from streams.casework.local import Identity, LocalCopy, Mark
from streams.core import numbering, subjects
from streams.core.kind import SubjectState
from streams.core.numbering import Numbers
from streams.runtime.processor import PartitionStopped


class PartitionState:
    """What casework knows of one partition; `facts_offset` is the next fact to fold."""

    __slots__ = ("changed", "facts_offset", "local", "numbers", "position", "recorded_at", "subjects")

    def __init__(self) -> None:
        self.subjects: dict[str, SubjectState] = {}
        self.changed: dict[str, SubjectState] = {}
        self.local: LocalCopy[SubjectState] | None = None
        self.numbers = Numbers()
        self.recorded_at = 0
        self.position: Position = START
        self.facts_offset = 0

    def get(self, subject: str, kind: str = "case") -> SubjectState:
        """The subject as it stands: from memory, from the local copy where it has ended, else a new one."""
        found = self.subjects.get(subject)
        if found is None and self.local is not None:
            found = self.local.ended_subject(subject)
        return subjects.new(kind) if found is None else found

    def fold(self, record: Any) -> bool:
        """Folds one record of the facts topic; False when the fold rule says that it is stale or repeated."""
        before = self.position
        self.fold_all((record,))
        return self.position != before

    def fold_all(self, records: Iterable[Any]) -> None:
        """Folds records of the facts topic in order. Raises PartitionStopped at one that cannot be folded."""
        at, known, changed = self.position, self.subjects, self.changed
        find, folds = known.get, subjects.FOLDS
        try:
            for record in records:
                position = position_of(record.headers)
                if follows(at, position):
                    meta, fact = decode(record.value)
                    if type(meta) is not FactMeta:
                        raise ValueError("it is a claim")
                    subject = meta.subject.id
                    state = find(subject) or self.get(subject, meta.subject.kind)
                    if meta.seq != state.seq + 1:
                        raise ValueError(f"it is fact {meta.seq} of its subject, expected {state.seq + 1}")
                    known[subject] = changed[subject] = folds[type(state)](state, meta, fact)
                    self.recorded_at = meta.recorded_at
                    if type(fact) is Filed:
                        self.numbers = numbering.after(fact)
                    self.position = at = position
                self.facts_offset = record.offset + 1
        except Exception as error:
            raise PartitionStopped(
                f"the record at offset {record.offset} of facts cannot be folded: {error}"
            ) from error

    def merge(self, batch: Batch, facts_offset: int) -> None:
        """Takes over what a committed batch led to; the facts behind it start at `facts_offset`."""
        self.facts_offset = facts_offset
        self.subjects.update(batch.overlay)
        self.changed.update(batch.overlay)
        self.numbers = batch.numbers
        self.recorded_at = batch.recorded_at
        self.position = batch.position

    def restore(self, local: LocalCopy[SubjectState], mark: Mark | None) -> None:
        """Starts from a local copy: open subjects into memory, the rest stays there."""
        self.local = local
        if mark is None:
            self.changed = self.subjects  # all of them will have to be written
        else:
            self.subjects = dict(local.open_subjects())
            self.facts_offset, self.position = mark.facts_offset, mark.position
            self.numbers, self.recorded_at = mark.numbers, mark.recorded_at

    def take_changes(self, identity: Identity) -> tuple[dict[str, SubjectState], Mark]:
        """What has changed since the last call, and where the fold stands; for the local copy to write."""
        changed = self.changed if self.changed is not self.subjects else dict(self.subjects)
        self.changed = {}
        return changed, Mark(identity, self.facts_offset, self.position, self.numbers, self.recorded_at)

    def forget_ended(self, written: Mapping[str, SubjectState]) -> None:
        """Drops from memory what has ended and stands in the local copy unchanged."""
        if self.local is None:
            return
        self.local.refresh()
        for subject, state in written.items():
            if state.ended and self.subjects.get(subject) is state:
                del self.subjects[subject]

    def advance(self, position: Position) -> None:
        """Takes over a position that a batch without a fact has left in the positions topic."""
        self.position = max(self.position, position)


def follows(last: Position, new: Position) -> bool:
    """True when a fact at `new` comes next after `last`: the same claim's next fact, or the first of a later claim."""
    if new.offset == last.offset and new.epoch == last.epoch:
        return new.fact == last.fact + 1
    return new.fact == 0 and new > last


class DeadLetter(msgspec.Struct, frozen=True, gc=False):
    """A claim that could not be read or decided; `detail` carries nothing of its content."""

    record: Any
    reason: str
    detail: str


class Batch(msgspec.Struct):
    """What one batch of claims leads to, before it is committed. Facts are (key, value, headers, milliseconds)."""

    overlay: dict[str, SubjectState]
    numbers: Numbers
    recorded_at: int
    position: Position
    facts: list[tuple[bytes, bytes, list[tuple[str, bytes]], int]] = []
    dead: list[DeadLetter] = []
    counts: dict[tuple[str, str], int] = {}
    """How often (metric, label) is to be counted once the batch is committed."""

    def count(self, metric: str, label: str = "", n: int = 1) -> None:
        self.counts[metric, label] = self.counts.get((metric, label), 0) + n


def overlay_get(overlay: Mapping[str, SubjectState], state: PartitionState, subject: str, kind: str) -> SubjectState:
    """The subject as this batch has left it so far."""
    found = overlay.get(subject)
    return state.get(subject, kind) if found is None else found
