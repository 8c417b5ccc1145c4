"""CPU µs of a due time in working days, ours and businesstimedelta's, by China's calendar from the same questions."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from typing import Any

import businesstimedelta
import pytz

from ops.reference import calendars
from streams.core.calendars import WORKED, Calendar, compile_calendar, days_between, micros
from streams.core.working_time import HOUR_US, Unit, due, limit, used

DAYS = ("1", "2", "3", "5", "7", "10", "15")
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def questions(count: int) -> list[tuple[datetime, str]]:
    """Starts at any second of three years, and typical limits in working days."""
    chance = random.Random(5)
    seconds = int((LAST - FIRST).total_seconds())
    return [(FIRST + timedelta(seconds=chance.randrange(seconds)), chance.choice(DAYS)) for _ in range(count)]


def rules(calendar: Calendar) -> Any:
    """The same calendar as rules of the peer: every day is worked but for those that are not."""
    zone = pytz.timezone(calendar.data.zone)
    days = days_between(date(2023, 12, 1), date(2026, 12, 31))
    off = frozenset(day for day in days if calendar.day(day)[0] not in WORKED)
    hours = [(wall(w.opens // 60), wall(w.closes // 60)) for w in calendar.data.windows]
    windows = [businesstimedelta.WorkDayRule(*both, list(range(7)), tz=zone) for both in hours]
    return businesstimedelta.Rules([*windows, businesstimedelta.HolidayRule(off, tz=zone)])


def cost(work: Callable[[Any], Any], items: list[Any]) -> float:
    """CPU µs per item."""
    started = time.process_time()
    for item in items:
        work(item)
    return (time.process_time() - started) / len(items) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap")
    parser.add_argument("--count", type=int, default=100_000)
    asked = questions(parser.parse_args().count)
    data = calendars.load("china").data
    started = time.process_time()
    calendar = compile_calendar(data)
    compiled_ms = (time.process_time() - started) * 1e3
    unit, rule = Unit.WORKING_DAYS, rules(calendar)

    def ours(question: tuple[int, str]) -> Any:
        return due(calendar, question[0], unit, limit(calendar, unit, question[1]))

    def ours_used(question: tuple[int, int]) -> Any:
        return used(calendar, question[0], question[1], unit)

    def theirs(question: tuple[datetime, int]) -> Any:
        return question[0] + businesstimedelta.BusinessTimeDelta(rule, hours=question[1])

    mine = [(micros(start), days) for start, days in asked]
    peers = [(start, limit(calendar, unit, days) // HOUR_US) for start, days in asked[: len(asked) // 100]]
    answers = [ours(question) for question in mine]
    assert [micros(theirs(question)) for question in peers] == answers[: len(peers)]
    spans = [(start, found) for (start, _), found in zip(mine, answers, strict=True)]
    found = {
        "ours": cost(ours, mine),
        "used": cost(ours_used, spans),
        "peer": cost(theirs, peers),
        "compile_ms": compiled_ms,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
