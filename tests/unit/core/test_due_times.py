"""The golden table of due times, worked by hand from the announced calendars; and what each known bug does to it."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest

from streams.core import working_time
from streams.core.calendars import Calendar, CalendarData, Window, Year, compile_calendar
from streams.core.working_time import HOUR_US, AtLeast, NotBefore, Unit
from tests.working_calendars import Arithmetic, china, due_with_pauses, moment, named

TABLE = Path(__file__).with_name("due_times.csv")
NOT_BEFORE = "not before "
Change = Callable[[CalendarData], CalendarData]


class Worked(NamedTuple):
    """One row of the table."""

    calendar: str
    start: str
    unit: str
    amount: str
    pauses: str
    due: str
    why: str


ROWS = [Worked(**row) for row in csv.DictReader(TABLE.read_text("utf-8").splitlines())]


PRODUCT = Arithmetic()


def unchanged(data: CalendarData) -> CalendarData:
    return data


@cache
def changed(name: str, change: Change) -> Calendar:
    calendar = named(name)
    return calendar if change is unchanged else compile_calendar(change(calendar.data))


def is_right(row: Worked, arithmetic: Arithmetic = PRODUCT, change: Change = unchanged) -> bool:
    """Whether arithmetic, perhaps on a changed calendar, gives what the row says. Local times are the true zone's."""
    true, calendar = named(row.calendar), changed(row.calendar, change)
    pauses = [pause.split("/") for pause in row.pauses.split()]
    unit, start = Unit(row.unit), moment(true, row.start)
    paused = [(moment(true, begins), moment(true, ends)) for begins, ends in pauses]
    limit = arithmetic.limit(calendar, unit, row.amount)
    found = due_with_pauses(arithmetic, calendar, start, unit, limit, paused)
    expected = moment(true, row.due.removeprefix(NOT_BEFORE))
    if isinstance(found, NotBefore):
        return row.due.startswith(NOT_BEFORE) and found.moment_us == expected
    return found == expected and not row.due.startswith(NOT_BEFORE)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.calendar} {row.start} {row.amount} {row.unit}" for row in ROWS])
def test_a_worked_case_is_due_when_the_table_says(row: Worked) -> None:
    assert is_right(row), row.why


def test_the_table_is_large_and_says_why() -> None:
    assert len(ROWS) >= 150
    assert all(row.why for row in ROWS)
    assert len({row[:5] for row in ROWS}) == len(ROWS)


# ------------------------------------------------------------------ bad twins: bugs that real systems have


def wall_clock_pause(_calendar: Calendar, start: int, end: int, _unit: Unit) -> int:
    """A pause measured in wall-clock seconds but credited as working seconds."""
    return end - start


def day_of_24_hours(calendar: Calendar, unit: Unit, amount: str) -> int:
    """1 working day taken as 24 h."""
    return working_time.limit(calendar, Unit.URGENT_DAYS if unit is Unit.WORKING_DAYS else unit, amount)


def on_to_the_next_opening(calendar: Calendar, start: int, unit: Unit, limit: int) -> int | NotBefore:
    """A limit that is used up at closing is due at the next opening."""
    found = working_time.due(calendar, start, unit, limit)
    if isinstance(found, NotBefore) or unit in working_time.URGENT:
        return found
    further = working_time.due(calendar, start, unit, limit + 1)
    return further if isinstance(further, NotBefore) else further - 1


def a_guess_for_unknown_years(calendar: Calendar, start: int, unit: Unit, limit: int) -> int | NotBefore:
    """Elapsed time wherever the calendar does not know."""
    found = working_time.due(calendar, start, unit, limit)
    return found.moment_us + found.left_us if isinstance(found, NotBefore) else found


def urgent_in_working_hours(calendar: Calendar, start: int, _unit: Unit, limit: int) -> int | NotBefore:
    """Urgent time kept to the calendar."""
    return working_time.advance(calendar, start, limit)


def local_time_as_if_elapsed(calendar: Calendar, start: int, unit: Unit, limit: int) -> int | NotBefore:
    """Urgent time added to the wall clock, so that daylight saving changes what has elapsed."""
    if unit not in working_time.URGENT:
        return working_time.due(calendar, start, unit, limit)
    offset = calendar.local(start).utcoffset()
    later = calendar.local(start + limit).utcoffset()
    assert offset is not None
    assert later is not None
    return start + limit - round((later - offset).total_seconds()) * 1_000_000


def hours_cut_to_whole(calendar: Calendar, unit: Unit, amount: str) -> int:
    """Fractions of an amount lost."""
    return working_time.limit(calendar, unit, amount) // HOUR_US * HOUR_US


BROKEN_ARITHMETIC = {
    "a pause in wall-clock seconds": Arithmetic(used=wall_clock_pause),
    "1 working day is 24 h": Arithmetic(limit=day_of_24_hours),
    "due at the next opening": Arithmetic(due=on_to_the_next_opening),
    "unknown years guessed": Arithmetic(due=a_guess_for_unknown_years),
    "urgent only in working hours": Arithmetic(due=urgent_in_working_hours),
    "urgent on the wall clock": Arithmetic(due=local_time_as_if_elapsed),
    "fractions lost": Arithmetic(limit=hours_cut_to_whole),
}


def only_this_years_holidays(data: CalendarData) -> CalendarData:
    kept = tuple(year if year.year == 2025 else Year(year.year) for year in data.years)
    return msgspec.structs.replace(data, years=kept)


def no_make_up_days(data: CalendarData) -> CalendarData:
    return msgspec.structs.replace(data, years=tuple(Year(year.year, year.holidays) for year in data.years))


def one_window(data: CalendarData) -> CalendarData:
    return msgspec.structs.replace(data, windows=(Window(data.windows[0].opens, data.windows[-1].closes),))


def windows_in_utc(data: CalendarData) -> CalendarData:
    return msgspec.structs.replace(data, zone="UTC")


def standard_time_all_year(data: CalendarData) -> CalendarData:
    zones = {"America/New_York": "Etc/GMT+5", "Asia/Shanghai": "Etc/GMT-8"}
    return msgspec.structs.replace(data, zone=zones[data.zone])


def edited_in_place(data: CalendarData) -> CalendarData:
    """A later year's days off put into a year that was known already."""
    holidays = china().data.years[-1].holidays
    moved = tuple(msgspec.structs.replace(day, date=day.date.replace(year=2025)) for day in holidays)
    years = tuple(
        msgspec.structs.replace(y, holidays=moved, working_days=()) if y.year == 2025 else y for y in data.years
    )
    return msgspec.structs.replace(data, years=years)


BROKEN_CALENDARS = {
    "only this year's holidays loaded": only_this_years_holidays,
    "no make-up days": no_make_up_days,
    "lunch is worked": one_window,
    "windows in UTC": windows_in_utc,
    "no daylight saving": standard_time_all_year,
    "a calendar edited in place": edited_in_place,
}


@pytest.mark.parametrize("broken", BROKEN_ARITHMETIC.values(), ids=BROKEN_ARITHMETIC.keys())
def test_the_table_catches_broken_arithmetic(broken: Arithmetic) -> None:
    caught = [row for row in ROWS if not is_right(row, broken)]
    assert caught
    assert len(caught) < len(ROWS)


@pytest.mark.parametrize("change", BROKEN_CALENDARS.values(), ids=BROKEN_CALENDARS.keys())
def test_the_table_catches_a_broken_calendar(change: Change) -> None:
    rows = [row for row in ROWS if row.calendar in {"china", "new_york", "early_shanghai"}]
    assert [row for row in rows if not is_right(row, change=change)]


def test_a_limit_over_new_year_is_wrong_where_only_this_years_holidays_are_loaded() -> None:
    (row,) = [row for row in ROWS if row.start == "2025-12-31T09:00" and not row.pauses]
    assert is_right(row)
    assert not is_right(row, change=only_this_years_holidays)


def test_used_knows_what_lies_in_an_unknown_year() -> None:
    calendar = china()
    start, end = (moment(calendar, text) for text in ("2026-12-31T16:00", "2027-01-05T16:00"))
    assert working_time.used(calendar, start, end, Unit.WORKING_HOURS) == AtLeast(2 * HOUR_US, 2027)
    assert calendar.zone == ZoneInfo("Asia/Shanghai")
