"""Local times of a source: formats, and the two awkward hours of a year."""

from zoneinfo import ZoneInfo

import pytest

from connectors.csvfile import times

NYC = ZoneInfo("America/New_York")
TWELVE = "%m/%d/%Y %I:%M:%S %p"


def read(text: str, pattern: str = TWELVE, zone: ZoneInfo = NYC, **how: str) -> str:
    return times.iso(times.reader(pattern, zone, **how)(text))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("06/26/2018 10:58:54 AM", "2018-06-26T14:58:54+00:00"),
        ("06/26/2018 12:00:00 AM", "2018-06-26T04:00:00+00:00"),
        ("06/26/2018 12:00:00 PM", "2018-06-26T16:00:00+00:00"),
        ("12/26/2018 11:59:59 PM", "2018-12-27T04:59:59+00:00"),
        ("11/05/2017 12:30:00 AM", "2017-11-05T04:30:00+00:00"),
        ("11/05/2017 03:30:00 AM", "2017-11-05T08:30:00+00:00"),
    ],
)
def test_a_12_hour_time_of_new_york_is_read_in_summer_and_winter(text: str, utc: str) -> None:
    assert read(text) == utc


@pytest.mark.parametrize(
    ("pattern", "text", "utc"),
    [
        ("%Y-%m-%d %H:%M:%S", "2026-10-01 08:10:45", "2026-10-01T00:10:45+00:00"),
        ("%Y年%m月%d日 %H:%M", "2026年1月2日 09:15", "2026-01-02T01:15:00+00:00"),
        ("%Y-%m-%dT%H:%M:%S.%f", "2026-10-01T00:00:00.25", "2026-09-30T16:00:00.250000+00:00"),
        ("%d.%m.%Y", "24.12.2025", "2025-12-23T16:00:00+00:00"),
    ],
)
def test_the_format_is_data(pattern: str, text: str, utc: str) -> None:
    assert read(text, pattern, ZoneInfo("Asia/Shanghai")) == utc


def test_a_time_that_happens_twice_is_the_first_of_the_two() -> None:
    assert read("11/05/2017 01:30:00 AM") == "2017-11-05T05:30:00+00:00"


def test_a_mapping_may_take_the_second_of_the_two() -> None:
    assert read("11/05/2017 01:30:00 AM", ambiguous="second") == "2017-11-05T06:30:00+00:00"


def test_a_mapping_may_refuse_a_time_that_happens_twice() -> None:
    with pytest.raises(ValueError, match="happened twice in America/New_York"):
        read("11/05/2017 01:30:00 AM", ambiguous="refuse")


def test_a_time_that_never_happened_is_refused() -> None:
    with pytest.raises(ValueError, match="never happened in America/New_York"):
        read("03/12/2017 02:30:00 AM")


def test_a_mapping_may_put_a_time_that_never_happened_forward() -> None:
    assert read("03/12/2017 02:30:00 AM", nonexistent="forward") == "2017-03-12T07:30:00+00:00"


def test_a_zone_that_shifts_by_half_an_hour_is_read_as_well() -> None:
    assert read("2018-04-01 01:45", "%Y-%m-%d %H:%M", ZoneInfo("Australia/Lord_Howe")) == "2018-03-31T14:45:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "31/12/2018 10:00:00 AM",
        "02/29/2018 10:00:00 AM",
        "06/26/2018 13:00:00 PM",
        "06/26/2018 00:00:00 AM",
        "06/26/2018 10:60:00 AM",
        "06/26/2018 10:58:54",
        "2018-06-26 10:58:54",
        "06/26/2018 10:58:54 AM ",
        "",
    ],
)
def test_what_is_no_time_of_the_format_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time like 06/26/2018 10:58:54 PM"):
        read(text)


@pytest.mark.parametrize("pattern", ["%Y-%m", "%Y-%m-%d %H:%M %p", "%Y-%m-%d %I:%M", "%Y-%m-%d %j", "%Y-%m-%d %Y"])
def test_a_format_that_leaves_the_time_open_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="%"):
        times.compile_format(pattern)
