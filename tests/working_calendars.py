"""Calendars of tests, local times as text, and a clock with pauses as a sum of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import NamedTuple

import msgspec

from ops.reference import calendars
from streams.core import working_time
from streams.core.calendars import Calendar, CalendarData, Window, Year, compile_calendar, micros
from streams.core.working_time import NotBefore, Unit

NIGHTS = (Window(0, 360), Window(1320, 1440))
SMALL_HOURS = (Window(0, 90), Window(150, 240))
OFFICE = (Window(480, 720), Window(840, 1080))


@cache
def china() -> Calendar:
    return calendars.load("china")


@cache
def new_york() -> Calendar:
    return calendars.load("new_york")


def with_years(calendar: Calendar, wanted: Iterable[int]) -> Calendar:
    """The same calendar, knowing only some of its years."""
    kept = set(wanted)
    years = tuple(year for year in calendar.data.years if year.year in kept)
    return compile_calendar(msgspec.structs.replace(calendar.data, years=years))


def plain(
    zone: str, years: Iterable[int], windows: tuple[Window, ...] = OFFICE, rest: tuple[int, ...] = (6, 7)
) -> Calendar:
    """A calendar without holidays."""
    data = CalendarData("plain", "1", zone, windows, rest, tuple(Year(year) for year in years))
    return compile_calendar(data)


@cache
def named(name: str) -> Calendar:
    """A calendar of the golden table."""
    match name:
        case "until_2025":
            return with_years(china(), range(2001, 2026))
        case "without_2024":
            return with_years(china(), {2022, 2023, 2025, 2026})
        case "only_2026":
            return with_years(china(), {2026})
        case "round_the_clock":
            return plain("America/New_York", (2026,), (Window(0, 1440),), ())
        case "nights":
            return plain("America/New_York", (2026,), NIGHTS, ())
        case "small_hours":
            return plain("America/New_York", (2026,), SMALL_HOURS, ())
        case "early_shanghai":
            return plain("Asia/Shanghai", range(1985, 1994), rest=(7,))
        case _:
            return calendars.load(name)


def moment(calendar: Calendar, text: str) -> int:
    """UTC µs of a time as text: with an offset, or else on the calendar's clocks (the first of two)."""
    read = datetime.fromisoformat(text)
    return micros(read if read.tzinfo else read.replace(tzinfo=calendar.zone))


class Arithmetic(NamedTuple):
    """What the golden table judges; a bad twin has something else in one of these places."""

    limit: Callable[[Calendar, Unit, str], int] = working_time.limit
    due: Callable[[Calendar, int, Unit, int], int | NotBefore] = working_time.due
    used: Callable[[Calendar, int, int, Unit], int | working_time.AtLeast] = working_time.used


def due_with_pauses(
    arithmetic: Arithmetic, calendar: Calendar, start: int, unit: Unit, limit: int, pauses: list[tuple[int, int]]
) -> int | NotBefore:
    """When the clock is due: each part counts what it used, the rest is counted on from the end of the pause."""
    for begins, ends in pauses:
        found = arithmetic.due(calendar, start, unit, limit)
        if (found.moment_us if isinstance(found, NotBefore) else found) <= begins:
            return found
        spent = arithmetic.used(calendar, start, begins, unit)
        assert isinstance(spent, int)
        start, limit = ends, max(0, limit - spent)
    return arithmetic.due(calendar, start, unit, limit)
