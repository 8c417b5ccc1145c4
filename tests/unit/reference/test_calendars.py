"""The calendars that ship: as written by their script, and as a second library knows China's days."""

from datetime import date
from pathlib import Path

import chinese_calendar
import pytest

from ops.reference import calendars, make_calendars
from streams.core.calendars import WORKED, Calendar, CalendarError, days_between
from tests.working_calendars import china, new_york, with_years

ONLY_ONE_KNOWS = {
    date(2005, 12, 31): "the notice for 2006 has this Saturday worked; chinesecalendar holds no day of 2005 from it",
}
SECOND_KNOWS = range(2004, 2027)


def disagreements(calendar: Calendar) -> set[date]:
    """Days of the years both know that one takes as worked and the other does not."""
    days = days_between(date(SECOND_KNOWS[0], 1, 1), date(SECOND_KNOWS[-1], 12, 31))
    return {day for day in days if (calendar.day(day)[0] in WORKED) != chinese_calendar.is_workday(day)}


def test_the_files_are_what_their_script_writes() -> None:
    written = make_calendars.written()
    assert sorted(written) == [f"{name}.toml" for name in calendars.names()]
    for name, text in written.items():
        assert (make_calendars.FOLDER / name).read_text("utf-8") == text


def test_a_second_library_agrees_with_every_day_of_china_but_those_explained() -> None:
    assert disagreements(china()) == set(ONLY_ONE_KNOWS)


def test_a_calendar_without_one_of_its_years_disagrees() -> None:
    assert len(disagreements(with_years(china(), set(SECOND_KNOWS) - {2015}))) > 200


def test_years_that_only_one_library_knows_are_as_announced() -> None:
    worked = {day for year in china().data.years if year.year < 2004 for day in year.working_days}
    announced = (
        "2001-01-20 2001-01-21 2001-04-28 2001-04-29 2001-09-29 2001-09-30 2001-12-29 2001-12-30 2002-02-09 2002-02-10"
        " 2002-04-27 2002-04-28 2002-09-28 2002-09-29 2003-02-08 2003-02-09 2003-04-26 2003-04-27 2003-09-27 2003-09-28"
    )
    assert worked == {date.fromisoformat(day) for day in announced.split()}


def test_every_year_that_a_library_knows_is_there() -> None:
    assert china().known_years == set(range(2001, 2027))
    assert set(SECOND_KNOWS) <= china().known_years
    assert new_york().known_years == set(make_calendars.NEW_YORK_YEARS)


@pytest.mark.parametrize("name", calendars.names())
def test_a_shipped_calendar_is_called_as_its_file_and_names_every_holiday(name: str) -> None:
    data = calendars.load(name).data
    assert data.name == name
    assert all(holiday.name for year in data.years for holiday in year.holidays)


def test_a_calendar_is_loaded_from_any_file(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    file.write_bytes((make_calendars.FOLDER / "china.toml").read_bytes())
    assert calendars.load(str(file)).data == china().data


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "there is no such file"), (b"\xff", "not readable as UTF-8"), (b"x = ", "is not TOML")],
)
def test_a_file_that_is_no_calendar_is_refused_by_name(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CalendarError, match=sentence) as refused:
        calendars.load(str(file))
    assert str(file) in str(refused.value)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(CalendarError, match='no calendar "atlantis": use china, new_york or the path'):
        calendars.load("atlantis")
