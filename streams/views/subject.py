"""Any subject that is no case (group, account, worker, household): how far its facts have come. Pure.

What its state means is the matter of its own module in streams.core; the views count, and go on with the next fact.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.events import FactMeta, Refused


class SubjectRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One subject; field names are those of the table `subjects`. Times are UTC µs."""

    seq: int = 0
    kind: str = ""
    opened_at: int | None = None
    last_fact: str = ""
    refused: int = 0
    last_recorded_at: int = 0


NEW = SubjectRow()


def evolve(row: SubjectRow, meta: FactMeta, fact: Any) -> SubjectRow:
    """The row after one more fact. The first one says what kind it is: claims of another kind are refused."""
    row = replace(row, seq=meta.seq, kind=row.kind or meta.subject.kind, last_recorded_at=meta.recorded_at)
    if type(fact) is Refused:
        return replace(row, refused=row.refused + 1)
    return replace(row, opened_at=row.opened_at or meta.occurred_at, last_fact=type(fact).__name__)
