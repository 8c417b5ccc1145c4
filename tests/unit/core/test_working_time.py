"""Limits, used time and the ledger of days."""

from decimal import Decimal
from typing import Any

import pytest

from streams.core.calendars import DayKind, Window
from streams.core.working_time import (
    HOUR_US,
    AtLeast,
    BadAmount,
    NotBefore,
    Unit,
    advance,
    days,
    due,
    limit,
    used,
)
from tests.working_calendars import china, moment, new_york, plain, with_years


def at(text: str) -> int:
    return moment(china(), text)


# ------------------------------------------------------------------ limits


@pytest.mark.parametrize(
    ("unit", "amount", "hours"),
    [
        (Unit.URGENT_HOURS, "4", 4),
        (Unit.URGENT_DAYS, 2, 48),
        (Unit.WORKING_HOURS, Decimal("1.50"), 1.5),
        (Unit.WORKING_DAYS, "15", 120),
        (Unit.WORKING_DAYS, Decimal("1E+1"), 80),
        (Unit.WORKING_DAYS, "0.5", 4),
    ],
)
def test_a_limit_is_exact_clock_time(unit: Unit, amount: Any, hours: float) -> None:
    assert limit(china(), unit, amount) == hours * HOUR_US


def test_a_working_day_is_as_long_as_the_windows_of_the_calendar() -> None:
    assert limit(new_york(), Unit.WORKING_DAYS, 1) == 8 * HOUR_US
    assert limit(plain("UTC", (2026,), (Window(0, 30), Window(60, 90))), Unit.WORKING_DAYS, 1) == HOUR_US


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("0", "an amount of 0 is no limit"),
        (Decimal("0.000"), "an amount of 0 is no limit"),
        (-1, '"-1" is no amount: write a plain number above 0'),
        ("-0.5", "is no amount"),
        ("", '"" is no amount'),
        ("1紧急工作时制止", '"1紧急工作时制止" is no amount'),
        ("３", "is no amount"),
        ("1e3", "is no amount"),
        ("1_000", "is no amount"),
        (" 1", "is no amount"),
        ("1/2", "is no amount"),
        (".5", "is no amount"),
        (True, '"True" is no amount'),
        (Decimal("NaN"), "is no amount"),
        (Decimal("sNaN"), "is no amount"),
        (Decimal("Infinity"), "is no amount"),
        (Decimal("1E-999999"), "is no amount"),
        (Decimal("1E+999999"), "is no amount"),
        ("9" * 5000, "is no amount"),
        ("87840", "87840 working_hours is longer than any limit can be"),
        ("0.0000000001", "finer than a microsecond"),
    ],
)
def test_what_is_no_limit_is_refused_in_one_sentence(amount: Any, sentence: str) -> None:
    with pytest.raises(BadAmount) as refused:
        limit(china(), Unit.WORKING_HOURS, amount)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize("unit", [Unit.URGENT_DAYS, Unit.WORKING_DAYS])
def test_ten_years_of_days_are_too_long(unit: Unit) -> None:
    assert limit(china(), unit, "3659.5") > 0
    with pytest.raises(BadAmount, match="longer than any limit"):
        limit(china(), unit, 3660)


# ------------------------------------------------------------------ arithmetic


def test_nothing_left_is_due_where_it_starts_wherever_that_is() -> None:
    for text in ("2026-03-03T10:00", "2026-03-03T20:00", "2026-10-03T10:00", "2027-05-05T10:00"):
        assert advance(china(), at(text), 0) == due(china(), at(text), Unit.URGENT_DAYS, 0) == at(text)


@pytest.mark.parametrize("unit", Unit)
def test_a_clock_does_not_run_backwards(unit: Unit) -> None:
    with pytest.raises(ValueError, match="backwards"):
        due(china(), at("2026-03-03T10:00"), unit, -1)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-03T09:00", "2026-03-03T11:00", 2),
        ("2026-03-03T11:00", "2026-03-03T15:00", 2),
        ("2026-03-03T12:00", "2026-03-03T14:00", 0),
        ("2026-03-03T18:00", "2026-03-04T08:00", 0),
        ("2026-03-06T17:00", "2026-03-09T09:00", 2),
        ("2026-09-30T17:00", "2026-10-08T09:00", 2),
        ("2025-12-31T00:00", "2026-01-05T00:00", 16),
        ("2026-12-31T17:00", "2027-01-01T00:00", 1),
        ("2026-03-03T11:00", "2026-03-03T11:00", 0),
        ("2026-03-03T11:00", "2026-03-03T09:00", 0),
    ],
)
def test_used_counts_working_hours_only(start: str, end: str, hours: int) -> None:
    assert used(china(), at(start), at(end), Unit.WORKING_DAYS) == hours * HOUR_US


def test_used_urgent_time_is_what_has_elapsed() -> None:
    assert used(china(), at("2026-12-31T17:00"), at("2027-01-01T09:00"), Unit.URGENT_HOURS) == 16 * HOUR_US


def test_what_reaches_into_unknown_years_is_said() -> None:
    gap = with_years(china(), {2022, 2023, 2025})
    start, end = at("2023-12-29T17:00"), at("2025-01-02T09:00")
    assert due(gap, start, Unit.WORKING_HOURS, 3 * HOUR_US) == NotBefore(at("2024-01-01T00:00"), 2024, 2 * HOUR_US)
    assert due(gap, at("2024-05-06T09:00"), Unit.WORKING_HOURS, 1) == NotBefore(at("2024-05-06T09:00"), 2024, 1)
    assert used(gap, start, end, Unit.WORKING_HOURS) == AtLeast(2 * HOUR_US, 2024)
    assert used(gap, at("2024-05-06T09:00"), end, Unit.WORKING_HOURS) == AtLeast(HOUR_US, 2024)
    assert used(gap, at("2025-12-31T17:00"), at("2031-01-02T09:00"), Unit.WORKING_HOURS) == AtLeast(HOUR_US, 2026)
    assert used(gap, at("2019-12-31T17:00"), at("2020-01-02T09:00"), Unit.WORKING_HOURS) == AtLeast(0, 2019)


# ------------------------------------------------------------------ ledger


def test_the_ledger_says_of_each_day_what_it_is_and_what_it_counted() -> None:
    ledger = days(china(), at("2025-12-31T17:00"), at("2026-01-05T10:00"))
    assert [(str(day.date), day.kind, day.name, day.clock_us / HOUR_US) for day in ledger] == [
        ("2025-12-31", DayKind.WORKING, "", 1),
        ("2026-01-01", DayKind.HOLIDAY, "元旦", 0),
        ("2026-01-02", DayKind.HOLIDAY, "元旦调休", 0),
        ("2026-01-03", DayKind.REST, "", 0),
        ("2026-01-04", DayKind.MAKE_UP, "", 8),
        ("2026-01-05", DayKind.WORKING, "", 2),
    ]


def test_a_day_of_an_unknown_year_is_named_as_such() -> None:
    ledger = days(china(), at("2026-12-31T17:00"), at("2027-01-01T10:00"))
    assert [(str(day.date), day.kind, day.clock_us / HOUR_US) for day in ledger] == [
        ("2026-12-31", DayKind.WORKING, 1),
        ("2027-01-01", DayKind.UNKNOWN, 0),
    ]


def test_an_interval_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    ledger = days(china(), at("2026-03-03T10:00"), at("2026-03-04T00:00"))
    assert [str(day.date) for day in ledger] == ["2026-03-03"]
    assert days(china(), at("2026-03-03T10:00"), at("2026-03-03T10:00"))[0].clock_us == 0
    assert days(china(), at("2026-03-03T10:00"), at("2026-03-03T09:00")) == []
