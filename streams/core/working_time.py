"""Time as clocks count it: round the clock, or in the working hours of a calendar.

A limit is an amount of one of four units. *Urgent* hours and days run round the clock: elapsed time, whatever the wall
clocks do. *Working* hours and days run in a calendar's windows only; one working day is the length of that calendar's
windows together (8 hours in China, never 24), also on a day that daylight saving makes shorter or longer.

All times are UTC µs. A clock's own time is µs of its unit's kind, and adds up: used(a, b) + used(b, c) = used(a, c). So
a pause is simple: what is left of the limit when it begins is counted on from its end. A limit that is used up at the
closing of a window is due at the closing, not at the next opening; an amount of nothing is due where it starts.

Where a question reaches into a year that the calendar does not know, the answer says so (`NotBefore`, `AtLeast`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from streams.core.calendars import Calendar, DayKind, Span, days_between, wall_moment

HOUR_US = 3_600_000_000
LONGEST_DAYS = 3_660
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")


class Unit(StrEnum):
    """Units of limits."""

    URGENT_HOURS = "urgent_hours"
    URGENT_DAYS = "urgent_days"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


URGENT = frozenset({Unit.URGENT_HOURS, Unit.URGENT_DAYS})
DAYS = frozenset({Unit.URGENT_DAYS, Unit.WORKING_DAYS})


class BadAmount(ValueError):
    """An amount that is no limit; the text is what is wrong with it."""


class NotBefore(msgspec.Struct, frozen=True, gc=False):
    """Due at or after `moment_us`, where the calendar stops knowing: `year` is unknown, `left_us` was still left."""

    moment_us: int
    year: int
    left_us: int


class AtLeast(msgspec.Struct, frozen=True, gc=False):
    """Used at least `clock_us`: what the calendar knows of it; `year` is the first one that it does not."""

    clock_us: int
    year: int


class Day(msgspec.Struct, frozen=True, gc=False):
    """One day of a ledger: what the calendar says of it, and the clock's own µs that it counted."""

    date: date
    kind: DayKind
    name: str
    clock_us: int


# ------------------------------------------------------------------ limits


def limit(calendar: Calendar, unit: Unit, amount: str | int | Decimal) -> int:
    """An amount of a unit in the clock's own µs, exactly. Raises BadAmount."""
    text = _plain(amount)
    whole, _, decimals = text.partition(".")
    parts: int = 10 ** len(decimals)
    clock_us, rest = divmod(int(whole + decimals) * _unit_us(calendar, unit), parts)
    if rest:
        raise BadAmount(f"{text} is finer than a microsecond: write fewer decimals")
    if clock_us == 0:
        raise BadAmount("an amount of 0 is no limit: write a number above 0")
    if int(whole) >= (LONGEST_DAYS if unit in DAYS else LONGEST_DAYS * 24):
        raise BadAmount(f"{text} {unit} is longer than any limit can be (ten years)")
    return clock_us


def _plain(amount: str | int | Decimal) -> str:
    """The amount as digits with or without decimals. Raises BadAmount."""
    text = f"{amount:f}" if isinstance(amount, Decimal) and abs(amount.adjusted()) <= 12 else str(amount)
    if not _NUMBER.fullmatch(text):
        raise BadAmount(f'"{text[:40]}" is no amount: write a plain number above 0, such as 2 or 0.5')
    return text


def _unit_us(calendar: Calendar, unit: Unit) -> int:
    match unit:
        case Unit.URGENT_HOURS | Unit.WORKING_HOURS:
            return HOUR_US
        case Unit.URGENT_DAYS:
            return 24 * HOUR_US
        case Unit.WORKING_DAYS:
            return calendar.day_us


# ------------------------------------------------------------------ arithmetic


def due(calendar: Calendar, start_us: int, unit: Unit, clock_us: int) -> int | NotBefore:
    """When a clock that starts then has used up that much of its own time (`limit` gives it). ValueError below 0."""
    if unit not in URGENT:
        return advance(calendar, start_us, clock_us)
    if clock_us < 0:
        raise ValueError("a clock does not run backwards")
    return start_us + clock_us


def advance(calendar: Calendar, at_us: int, clock_us: int) -> int | NotBefore:
    """The moment by which that much working time has passed since then; ValueError below 0."""
    if clock_us <= 0:
        if clock_us < 0:
            raise ValueError("a clock does not run backwards")
        return at_us
    span = _span_at(calendar, at_us)
    if span is None:
        return NotBefore(at_us, calendar.local(at_us).year, clock_us)
    before = span.before
    worked = _worked(span, at_us) + clock_us
    if worked > before[-1]:
        return NotBefore(span.ends, calendar.local(span.ends).year, worked - before[-1])
    window = bisect_left(before, worked) - 1
    return span.opens[window] + worked - before[window]


def used(calendar: Calendar, start_us: int, end_us: int, unit: Unit) -> int | AtLeast:
    """The clock's own time between two moments; 0 where the second is not after the first."""
    if end_us <= start_us:
        return 0
    if unit in URGENT:
        return end_us - start_us
    for span in calendar.spans:
        if span.starts <= start_us and end_us <= span.ends:
            return _worked(span, end_us) - _worked(span, start_us)
    return _known_part(calendar, start_us, end_us)


def _span_at(calendar: Calendar, at_us: int) -> Span | None:
    for span in calendar.spans:
        if span.starts <= at_us < span.ends:
            return span
    return None


def _worked(span: Span, at_us: int) -> int:
    """Working time of the span before a moment in it."""
    window = bisect_right(span.opens, at_us) - 1
    if window < 0:
        return 0
    reached, closing = span.before[window] + at_us - span.opens[window], span.before[window + 1]
    return min(reached, closing)


def _known_part(calendar: Calendar, start_us: int, end_us: int) -> AtLeast:
    known, unknown_from = 0, start_us
    for span in calendar.spans:
        first, last = max(span.starts, start_us), min(span.ends, end_us)
        if first < last:
            known += _worked(span, last) - _worked(span, first)
        if span.starts <= unknown_from < span.ends:
            unknown_from = span.ends
    return AtLeast(known, calendar.local(unknown_from).year)


# ------------------------------------------------------------------ ledger


def days(calendar: Calendar, start_us: int, end_us: int) -> list[Day]:
    """Every local day that an interval touches: what it is, and the working time that it counted. They add up to
    `used`; a day of an unknown year counts nothing here."""
    if end_us < start_us:
        return []
    last = calendar.local(max(start_us, end_us - 1)).date()
    found = []
    for day in days_between(calendar.local(start_us).date(), last):
        kind, name = calendar.day(day)
        midnight, next_midnight = wall_moment(calendar.zone, day), wall_moment(calendar.zone, day, 24 * 60)
        counted = used(calendar, max(start_us, midnight), min(end_us, next_midnight), Unit.WORKING_DAYS)
        found.append(Day(day, kind, name, counted if isinstance(counted, int) else counted.clock_us))
    return found
