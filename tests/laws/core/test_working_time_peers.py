"""Due times beside two libraries that count in other ways: pandas by offsets, businesstimedelta by rules."""

import random
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache

import businesstimedelta
import pandas as pd
import pytest
import pytz
from hypothesis import settings

from streams.core.calendars import WORKED, Calendar, days_between, micros
from streams.core.working_time import HOUR_US, Unit, due, limit
from tests.working_calendars import china, moment, new_york

Library = Callable[[Calendar, int, int], int]
HOURS = (1, 2, 3, 4, 5, 7, 8, 11, 16, 24, 40)
OFTEN = (6, 6, 6, 8, 6, 6, 8, 4, 4, 2, 1)
EVERY_DAY = list(range(7))


def cases() -> int:
    """How many random cases: by the profile of Hypothesis."""
    examples = settings().max_examples
    return 100_000 if examples > 1_000 else 20_000 if examples > 10 else 1_000


def questions(count: int, seed: int) -> list[tuple[Calendar, int, int]]:
    """Calendar, start (whole seconds, edges of windows among them) and hours."""
    chance = random.Random(seed)
    drawn = []
    for _ in range(count):
        calendar = chance.choice((china(), new_york()))
        first, last = moment(calendar, "2011-01-01T00:00"), moment(calendar, "2026-11-01T00:00")
        edge = chance.choice(calendar.spans[0].opens)
        start = edge if chance.random() < 0.1 and first <= edge < last else chance.randrange(first, last, 1_000_000)
        drawn.append((calendar, start, chance.choices(HOURS, OFTEN)[0]))
    return drawn


@cache
def not_worked(calendar: Calendar) -> frozenset[date]:
    days = days_between(date(2010, 12, 1), date(2026, 12, 31))
    return frozenset(day for day in days if calendar.day(day)[0] not in WORKED)


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@cache
def pandas_hours(calendar: Calendar) -> pd.offsets.CustomBusinessHour:
    windows = calendar.data.windows
    return pd.offsets.CustomBusinessHour(
        start=[clock(w.opens) for w in windows],
        end=[clock(w.closes) for w in windows],
        weekmask="1111111",
        holidays=sorted(not_worked(calendar)),
    )


@cache
def rules(calendar: Calendar) -> businesstimedelta.Rules:
    zone = pytz.timezone(calendar.data.zone)
    windows = [
        businesstimedelta.WorkDayRule(clock(w.opens), clock(w.closes), EVERY_DAY, tz=zone)
        for w in calendar.data.windows
    ]
    return businesstimedelta.Rules([*windows, businesstimedelta.HolidayRule(not_worked(calendar), tz=zone)])


def by_pandas(calendar: Calendar, start: int, hours: int) -> int:
    wall = pd.Timestamp(calendar.local(start).replace(tzinfo=None)) + hours * pandas_hours(calendar)
    return micros(wall.to_pydatetime().replace(tzinfo=calendar.zone))


def by_businesstimedelta(calendar: Calendar, start: int, hours: int) -> int:
    found: datetime = calendar.local(start).astimezone(UTC) + businesstimedelta.BusinessTimeDelta(
        rules(calendar), hours=hours
    )
    return micros(found)


def reason(calendar: Calendar, start: int, clock_us: int, ours: int, theirs: int) -> str:
    """Why a library says another moment; "unexplained" where nothing is known."""
    if ours == theirs:
        return "agrees"
    beyond = due(calendar, start, Unit.WORKING_HOURS, clock_us + 1)
    if isinstance(beyond, int) and beyond - 1 == theirs:
        return "a limit that ends at a closing is taken on to the next opening"
    return "unexplained"


def reasons(library: Library, count: int, seed: int, day_us: int = 8 * HOUR_US) -> Counter[str]:
    found: Counter[str] = Counter()
    for calendar, start, hours in questions(count, seed):
        clock_us = hours // 8 * day_us + hours % 8 * HOUR_US
        ours = due(calendar, start, Unit.WORKING_HOURS, clock_us)
        assert isinstance(ours, int)
        found[reason(calendar, start, clock_us, ours, library(calendar, start, hours))] += 1
    return found


@pytest.fixture(autouse=True)
def pandas_says_when_it_is_slow() -> None:
    warnings.simplefilter("ignore", pd.errors.PerformanceWarning)


@pytest.mark.timeout(1_800)
def test_pandas_agrees_but_for_limits_that_end_at_a_closing() -> None:
    found = reasons(by_pandas, cases(), 1)
    assert set(found) == {"agrees", "a limit that ends at a closing is taken on to the next opening"}
    assert found["agrees"] > cases() * 0.6


@pytest.mark.timeout(1_800)
def test_businesstimedelta_agrees_in_every_case() -> None:
    assert reasons(by_businesstimedelta, cases(), 2) == {"agrees": cases()}


def test_a_working_day_of_24_hours_is_found_by_both() -> None:
    for library in (by_pandas, by_businesstimedelta):
        assert reasons(library, 200, 3, 24 * HOUR_US)["unexplained"] > 50


def test_a_working_day_is_eight_hours_for_both_calendars() -> None:
    assert limit(china(), Unit.WORKING_DAYS, 1) == limit(new_york(), Unit.WORKING_DAYS, 1) == 8 * HOUR_US
