"""Laws of working time: it adds up, never runs backwards, and what was due once stays due."""

from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.core.calendars import (
    WORKED,
    Calendar,
    CalendarData,
    Holiday,
    Window,
    Year,
    compile_calendar,
    days_between,
)
from streams.core.working_time import AtLeast, NotBefore, Unit, advance, days, due, used
from tests.working_calendars import Arithmetic, due_with_pauses, moment, with_years

FIRST, LAST = 2024, 2026
DAY_US = 86_400_000_000
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
MINUTES = st.integers(0, 48).map(lambda half_hours: half_hours * 30)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    edges = sorted(draw(st.sets(MINUTES, min_size=2, max_size=6)))
    return tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


EVERY_DAY = list(days_between(date(FIRST, 1, 1), date(LAST + 1, 12, 31)))
SOME_DAYS = st.sets(st.integers(0, len(EVERY_DAY) - 1).map(EVERY_DAY.__getitem__), max_size=10)


def known_year(year: int, off: set[date], worked: set[date], rest: frozenset[int]) -> Year:
    holidays = tuple(Holiday(day) for day in sorted(off) if day.year == year)
    made_up = tuple(day for day in sorted(worked - off) if day.year == year and day.isoweekday() in rest)
    return Year(year, holidays, made_up)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    rest = draw(st.sampled_from([frozenset(days) for days in ((6, 7), (), (7,), (5, 6), (1, 3, 7))]))
    off, worked = draw(SOME_DAYS), draw(SOME_DAYS)
    years = tuple(known_year(year, off, worked, rest) for year in range(FIRST, LAST + 1))
    data = CalendarData("any", "1", draw(st.sampled_from(ZONES)), draw(windows()), tuple(sorted(rest)), years)
    return compile_calendar(data)


@dataclass(frozen=True)
class Asked:
    """A calendar, a unit, and moments in the order of time, all in known years."""

    calendar: Calendar
    unit: Unit
    moments: list[int]


@st.composite
def asked(draw: st.DrawFn, count: int = 3) -> Asked:
    calendar = draw(calendars())
    span = calendar.spans[0]
    edges = st.sampled_from([*span.opens[:400], span.starts, span.ends])
    found = sorted(draw(st.lists(edges | st.integers(span.starts, span.ends), min_size=count, max_size=count)))
    return Asked(calendar, draw(st.sampled_from(Unit)), found)


def known(answer: int | AtLeast) -> int:
    assert isinstance(answer, int)
    return answer


@given(asked())
def test_used_time_adds_up_wherever_it_is_split(a: Asked) -> None:
    first, middle, last = a.moments
    parts = known(used(a.calendar, first, middle, a.unit)) + known(used(a.calendar, middle, last, a.unit))
    assert used(a.calendar, first, last, a.unit) == parts


@given(asked())
def test_used_time_never_decreases_and_never_outruns_the_wall(a: Asked) -> None:
    first, middle, last = a.moments
    assert 0 <= known(used(a.calendar, first, middle, a.unit)) <= known(used(a.calendar, first, last, a.unit))
    assert known(used(a.calendar, first, last, a.unit)) <= last - first


@given(asked(1), st.integers(1, 40 * DAY_US))
def test_what_is_due_has_used_exactly_its_limit(a: Asked, limit: int) -> None:
    (start,) = a.moments
    found = due(a.calendar, start, a.unit, limit)
    if isinstance(found, NotBefore):
        assert found.left_us <= limit
        assert found.moment_us in (start, a.calendar.spans[0].ends)
    elif a.unit in (Unit.WORKING_HOURS, Unit.WORKING_DAYS):
        assert used(a.calendar, start, found, a.unit) == limit
        assert used(a.calendar, start, found - 1, a.unit) == limit - 1


@given(asked(2))
def test_a_moment_that_is_worked_is_due_when_what_was_used_until_then_is_the_limit(a: Asked) -> None:
    start, end = a.moments
    limit = known(used(a.calendar, start, end, a.unit))
    found = due(a.calendar, start, a.unit, limit)
    assert isinstance(found, int)
    assert found <= end
    assert used(a.calendar, found, end, a.unit) == 0


@given(asked(1), st.integers(0, 20 * DAY_US), st.integers(0, 20 * DAY_US))
def test_counting_on_is_the_same_in_one_step_or_two(a: Asked, first: int, second: int) -> None:
    (start,) = a.moments
    step = advance(a.calendar, start, first)
    if isinstance(step, int) and second:
        assert advance(a.calendar, step, second) == advance(a.calendar, start, first + second)


@given(asked(2), st.integers(1, 40 * DAY_US))
def test_a_pause_of_no_length_changes_nothing(a: Asked, limit: int) -> None:
    start, at = a.moments
    plain = due(a.calendar, start, a.unit, limit)
    assert due_with_pauses(Arithmetic(), a.calendar, start, a.unit, limit, [(at, at)]) == plain


@given(asked(3), st.integers(1, 20 * DAY_US))
def test_a_pause_moves_the_due_time_by_what_it_covers_in_the_clocks_own_time(a: Asked, limit: int) -> None:
    start, begins, ends = a.moments
    before = due(a.calendar, start, a.unit, limit)
    if isinstance(before, int) and before > begins:
        covered = known(used(a.calendar, begins, ends, a.unit))
        paused = due_with_pauses(Arithmetic(), a.calendar, start, a.unit, limit, [(begins, ends)])
        longer = due(a.calendar, start, a.unit, limit + covered)
        same_moment = isinstance(paused, NotBefore) or isinstance(longer, NotBefore) or paused == longer
        assert same_moment


@given(asked(2), SOME_DAYS, SOME_DAYS, st.integers(1, 40 * DAY_US))
def test_a_later_version_that_adds_a_year_never_changes_what_was_known(
    a: Asked, off: set[date], worked: set[date], limit: int
) -> None:
    data = a.calendar.data
    added = known_year(LAST + 1, off, worked, frozenset(data.rest_weekdays))
    later = compile_calendar(msgspec.structs.replace(data, version="2", years=(*data.years, added)))
    start, end = a.moments
    assert used(later, start, end, a.unit) == used(a.calendar, start, end, a.unit)
    found, now = due(a.calendar, start, a.unit, limit), due(later, start, a.unit, limit)
    if isinstance(found, int):
        assert now == found
    else:
        assert (now if isinstance(now, int) else now.moment_us) >= found.moment_us


@given(asked(2))
def test_a_calendar_that_knows_less_never_says_another_moment(a: Asked) -> None:
    start, end = a.moments
    less = with_years(a.calendar, {FIRST, LAST})
    whole, part = used(a.calendar, start, end, a.unit), used(less, start, end, a.unit)
    assert part == whole or (isinstance(part, AtLeast) and part.clock_us <= known(whole))


@given(asked(2))
def test_the_days_of_the_ledger_add_up_to_what_was_used(a: Asked) -> None:
    start, end = a.moments
    end = min(end, start + 90 * DAY_US)
    ledger = days(a.calendar, start, end)
    assert sum(day.clock_us for day in ledger) == used(a.calendar, start, end, Unit.WORKING_DAYS)
    assert [day.date for day in ledger] == sorted({day.date for day in ledger})
    assert ledger[0].date == a.calendar.local(start).date()


@given(calendars())
def test_a_moment_is_worked_where_its_wall_time_lies_in_a_window(calendar: Calendar) -> None:
    """The slow way, every ten minutes, around the days on which clocks change. Where a wall time happens twice, windows
    follow the first of the two, so those hours are left to the golden table."""
    for first in ("2026-03-07T00:00+00:00", "2026-04-04T00:00+00:00", "2026-10-31T00:00+00:00"):
        start = moment(calendar, first)
        for at in range(start, start + 3 * DAY_US, 600_000_000):
            local = calendar.local(at)
            minute = local.hour * 60 + local.minute
            inside = any(window.opens <= minute < window.closes for window in calendar.data.windows)
            worked = inside and calendar.day(local.date())[0] in WORKED
            assert _repeated(local) or used(calendar, at, at + 1, Unit.WORKING_HOURS) == worked


def _repeated(local: datetime) -> bool:
    return local.replace(fold=1).utcoffset() != local.replace(fold=0).utcoffset()
