"""Speakable numbers: division, date, partition and a counter of the day, never by "read the last and add one".

The counter of a partition is a fold of its `Filed` facts, so whoever takes the partition over goes on counting. Dates
are those of recording, which only rise within a partition; one counter is therefore enough.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

import msgspec

from schemas import ids
from schemas.events import Filed


class Numbers(msgspec.Struct, frozen=True, gc=False):
    """Counter of a partition: the last date (yymmdd) on which a case was filed and how many were filed on it."""

    date: str = "000000"
    counter: int = 0


def after(fact: Filed) -> Numbers:
    """The counter after this filed case."""
    _division, date, _partition, counter, _check = fact.number.split("-")
    return Numbers(date, int(counter))


def next_number(numbers: Numbers, division: str, partition: int, recorded_at: int, zone: tzinfo) -> str:
    """The number of a case filed at `recorded_at` (UTC µs), in the date of `zone`."""
    date = local_date(recorded_at, zone)
    counter = numbers.counter + 1 if date == numbers.date else 1
    return ids.number(division, date, partition, counter)


def local_date(at: int, zone: tzinfo) -> str:
    """Date (yymmdd) of a moment (UTC µs) in a zone."""
    return datetime.fromtimestamp(at // 1_000_000, zone).strftime("%y%m%d")
