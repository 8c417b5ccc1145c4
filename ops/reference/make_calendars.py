"""Writes the calendars that ship with the hub: `python -m ops.reference.make_calendars`.

The days come from the library `holidays`, a development dependency whose Chinese part follows the yearly notices of the
State Council. A Chinese year counts as known where the library has make-up working days for it: years before the first
notice and after the last one have none. Names are the library's own; a day off that a weekend is worked for gets the
name of the festival that it is nearest to.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from streams.core.calendars import CalendarData, Holiday, Window, Year, days_between

FOLDER = Path(__file__).parent / "calendars"
EDITION = 1  # raised where the days of a known year are corrected
SUBSTITUTED = "休息日"
NEW_YORK_YEARS = range(2010, 2028)
HEAD = """\
# {about}
# Written by `python -m ops.reference.make_calendars`; README.md beside this file explains the keys.

"""


def china() -> CalendarData:
    """China's working calendar for every year whose notice the library knows."""
    from holidays import country_holidays

    days = country_holidays("CN", years=range(1999, 2101), language="zh_CN")
    worked = [
        day for day in days_between(date(1999, 1, 1), date(2100, 12, 31)) if _made_up(day, days.is_working_day(day))
    ]
    years = sorted({day.year for day in worked})
    return CalendarData(
        name="china",
        version=f"{years[-1]}.{EDITION}",
        zone="Asia/Shanghai",
        windows=(Window(8 * 60, 12 * 60), Window(14 * 60, 18 * 60)),
        rest_weekdays=(6, 7),
        years=tuple(Year(y, _holidays(days, y), tuple(day for day in worked if day.year == y)) for y in years),
    )


def new_york() -> CalendarData:
    """Monday to Friday but for federal holidays, which follow rules and so are known ahead."""
    from holidays import country_holidays

    days = country_holidays("US", years=range(NEW_YORK_YEARS.start, NEW_YORK_YEARS.stop + 1), language="en_US")
    return CalendarData(
        name="new_york",
        version=f"{NEW_YORK_YEARS[-1]}.{EDITION}",
        zone="America/New_York",
        windows=(Window(9 * 60, 17 * 60),),
        rest_weekdays=(6, 7),
        years=tuple(Year(year, _holidays(days, year)) for year in NEW_YORK_YEARS),
    )


def _made_up(day: date, is_worked: bool) -> bool:
    return is_worked and day.isoweekday() >= 6


def _holidays(days: Mapping[date, str], year: int) -> tuple[Holiday, ...]:
    return tuple(Holiday(day, _name(days, day)) for day in sorted(days) if day.year == year)


def _name(days: Mapping[date, str], day: date) -> str:
    if not days[day].startswith(SUBSTITUTED):
        return days[day]
    near = sorted((day + timedelta(days=n) for n in range(-8, 9)), key=lambda other: abs(other - day))
    festival = next(days[other] for other in near if other in days and not days[other].startswith(SUBSTITUTED))
    return festival.partition("（")[0] + "调休"


def as_toml(data: CalendarData, about: str) -> str:
    """The document as TOML, one day a line."""
    head, years = HEAD.format(about=about), data.years
    lines = [f'{key} = "{getattr(data, key)}"' for key in ("name", "version", "zone")]
    lines += ["windows = ["]
    lines += [f"    {{ opens = {w.opens}, closes = {w.closes} }}, # {_hours(w)}" for w in data.windows]
    lines += ["]", f"rest_weekdays = {list(data.rest_weekdays)}"]
    for year in years:
        lines += ["", "[[years]]", f"year = {year.year}", "holidays = ["]
        lines += [f'    {{ date = {one.date}, name = "{one.name}" }},' for one in year.holidays]
        lines += [
            "]",
            *(["working_days = [", *(f"    {day}," for day in year.working_days), "]"] if year.working_days else []),
        ]
    return head + "\n".join(lines) + "\n"


def _hours(window: Window) -> str:
    return "–".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (window.opens, window.closes))


ABOUT = {
    "china": "China: holidays and make-up working days by the yearly notices of the State Council.",
    "new_york": "New York: Monday to Friday but for the federal holidays of the United States.",
}


def written() -> dict[str, str]:
    """The text of each file by its name."""
    return {f"{data.name}.toml": as_toml(data, ABOUT[data.name]) for data in (china(), new_york())}


def main() -> int:
    """Entry point; returns the exit code."""
    for name, text in written().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"{FOLDER / name}: {text.count('date = ')} holidays")
    return 0


if __name__ == "__main__":
    sys.exit(main())
