"""Calendars as documents: what is refused, naming the place; what a compiled one says of days and daylight saving."""

from datetime import date

import pytest

from streams.core.calendars import (
    CalendarError,
    DayKind,
    Window,
    compile_calendar,
    micros,
    parse_calendar,
    wall_moment,
)
from tests.working_calendars import NIGHTS, SMALL_HOURS, china, moment, new_york, plain, with_years

GOOD = """
name = "town"
version = "1"
zone = "Asia/Shanghai"
windows = [{ opens = 480, closes = 720 }, { opens = 840, closes = 1080 }]
rest_weekdays = [6, 7]

[[years]]
year = 2026
holidays = [{ date = 2026-01-01, name = "元旦" }, { date = 2026-01-02 }]
working_days = [2026-01-04]
"""


def test_a_document_is_read() -> None:
    calendar = compile_calendar(parse_calendar(GOOD))
    assert calendar.day(date(2026, 1, 1)) == (DayKind.HOLIDAY, "元旦")
    assert calendar.day(date(2026, 1, 2)) == (DayKind.HOLIDAY, "")
    assert calendar.day(date(2026, 1, 3)) == (DayKind.REST, "")
    assert calendar.day(date(2026, 1, 4)) == (DayKind.MAKE_UP, "")
    assert calendar.day(date(2026, 1, 5)) == (DayKind.WORKING, "")
    assert calendar.day(date(2027, 1, 5)) == (DayKind.UNKNOWN, "")
    assert calendar.day_us == 8 * 3_600_000_000


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        ("name =", "names =", "Object contains unknown field `names`"),
        ('name = "town"', "", "missing required field `name`"),
        ('name = "town"', 'name = " "', "name is empty"),
        ("closes = 720", "close = 720", "unknown field `close` - at `$.windows[0]`"),
        ("2026-01-02 }", "2026-01-02, why = 1 }", "unknown field `why` - at `$.years[0].holidays[1]`"),
        ("2026-01-02 }", "2026-02-30 }", "is not TOML"),
        ("2026-01-02 }", '"2026-02-30" }', "Invalid RFC3339 encoded date"),
        ("Asia/Shanghai", "Asia/Atlantis", 'zone "Asia/Atlantis" is no IANA time zone'),
        ("Asia/Shanghai", "../Shanghai", "is no IANA time zone"),
        ("Asia/Shanghai", "Asia", "is no IANA time zone"),
        ("opens = 840", "opens = 700", "window 2 opens before the one before it has closed"),
        ("opens = 840", "opens = 1080", "window 2 must open before it closes, within minutes 0 to 1440"),
        ("closes = 1080", "closes = 1441", "window 2 must open before it closes, within minutes 0 to 1440"),
        ("[{ opens = 480, closes = 720 }, { opens = 840, closes = 1080 }]", "[]", "windows is empty"),
        ("[6, 7]", "[6, 6]", "rest_weekdays names a weekday twice"),
        ("[6, 7]", "[0, 6]", "rest_weekdays names a weekday twice, or one that is not 1 (Monday) to 7 (Sunday)"),
        ("year = 2026", "year = 26", "year 26 is not between 1900 and 2200"),
        ("2026-01-02 }", "2027-01-02 }", "year 2026, holidays: 2027-01-02 is not in that year"),
        ("[2026-01-04]", "[2025-01-04]", "year 2026, working_days: 2025-01-04 is not in that year"),
        ("2026-01-02 }", "2026-01-01 }", "year 2026, holidays: 2026-01-01 stands there twice"),
        ("[2026-01-04]", "[2026-01-04, 2026-01-04]", "year 2026, working_days: 2026-01-04 stands there twice"),
        ("[2026-01-04]", "[2026-01-01]", "year 2026: 2026-01-01 is both a holiday and a working day"),
        ("[2026-01-04]", "[2026-01-05]", "2026-01-05 is no day of rest, so it need not be made up for"),
        ("[[years]]", "[[years]]\nyear = 2027\n[[years]]", "years must stand in order, each once"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused_naming_the_place(good: str, bad: str, sentence: str) -> None:
    assert good in GOOD
    with pytest.raises(CalendarError) as refused:
        parse_calendar(GOOD.replace(good, bad, 1), "town.toml")
    assert str(refused.value).startswith("town.toml")
    assert sentence in str(refused.value)


def test_data_from_elsewhere_are_checked_as_well_when_compiled() -> None:
    with pytest.raises(CalendarError, match="calendar plain 1: window 2 opens before"):
        plain("UTC", (2026,), (Window(0, 60), Window(30, 90)))


def test_all_known_years_of_china_take_little_memory() -> None:
    (span,) = china().spans
    size = span.opens.itemsize * len(span.opens) + span.before.itemsize * len(span.before)
    assert (len(span.opens), size) == (2 * china_working_days(), 16 * len(span.opens) + 8)
    assert size < 250_000


def china_working_days() -> int:
    years = range(2001, 2027)
    days = (date(2001, 1, 1).toordinal(), date(2026, 12, 31).toordinal())
    assert sorted(china().known_years) == list(years)
    kinds = [china().day(date.fromordinal(n))[0] for n in range(days[0], days[1] + 1)]
    return sum(kind in {DayKind.WORKING, DayKind.MAKE_UP} for kind in kinds)


def test_years_with_a_gap_are_two_spans() -> None:
    spans = with_years(china(), {2022, 2023, 2025}).spans
    assert [(span.starts, span.ends) for span in spans] == [
        (moment(china(), "2022-01-01T00:00"), moment(china(), "2024-01-01T00:00")),
        (moment(china(), "2025-01-01T00:00"), moment(china(), "2026-01-01T00:00")),
    ]


# ------------------------------------------------------------------ wall time


@pytest.mark.parametrize(
    ("day", "minutes", "utc"),
    [
        (date(2026, 3, 7), 150, "2026-03-07T07:30+00:00"),
        (date(2026, 3, 8), 119, "2026-03-08T06:59+00:00"),
        (date(2026, 3, 8), 120, "2026-03-08T07:00+00:00"),  # 02:00 never happened
        (date(2026, 3, 8), 150, "2026-03-08T07:00+00:00"),  # nor did 02:30
        (date(2026, 3, 8), 180, "2026-03-08T07:00+00:00"),
        (date(2026, 3, 8), 181, "2026-03-08T07:01+00:00"),
        (date(2026, 3, 8), 1440, "2026-03-09T04:00+00:00"),
        (date(2026, 11, 1), 90, "2026-11-01T05:30+00:00"),  # the first of two
        (date(2026, 11, 1), 120, "2026-11-01T07:00+00:00"),
        (date(2026, 11, 1), 1440, "2026-11-02T05:00+00:00"),
    ],
)
def test_a_wall_time_that_never_was_is_the_jump_and_one_that_was_twice_is_the_first(
    day: date, minutes: int, utc: str
) -> None:
    assert wall_moment(new_york().zone, day, minutes) == moment(new_york(), utc)


@pytest.mark.parametrize(
    "windows", [NIGHTS, SMALL_HOURS, (Window(0, 1440),), tuple(Window(n, n + 30) for n in range(0, 1440, 30))]
)
@pytest.mark.parametrize(
    "zone", ["America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "America/Havana", "Africa/Cairo"]
)
def test_windows_never_overlap_whatever_the_clocks_do(zone: str, windows: tuple[Window, ...]) -> None:
    (span,) = plain(zone, range(1985, 1992), windows, ()).spans
    closes = [
        opens + after - before for opens, before, after in zip(span.opens, span.before, span.before[1:], strict=False)
    ]
    assert all(closed <= opened for closed, opened in zip(closes, span.opens[1:], strict=False))
    assert all(opened < closed for opened, closed in zip(span.opens, closes, strict=True))
    assert span.starts <= span.opens[0]
    assert closes[-1] <= span.ends


def test_a_day_that_a_zone_left_out_is_not_worked() -> None:
    samoa = plain("Pacific/Apia", (2011,), rest=())
    there = [samoa.local(opens).date() for opens in samoa.spans[0].opens]
    assert date(2011, 12, 29) in there
    assert date(2011, 12, 30) not in there
    assert micros(samoa.local(samoa.spans[0].ends)) == samoa.spans[0].ends
