"""A working calendar: a document that says which days and hours are worked, compiled for arithmetic.

`CalendarData` is the document: windows of a working day in minutes after local midnight, weekdays of rest, and for each
known year its holidays and its make-up working days (调休). A year that is not listed is unknown, and nothing in it is
guessed. `compile_calendar` refuses a document that contradicts itself, and lays the windows of all known years out as
UTC microseconds with the working time before each, so that no later question loops over days.

Windows are local wall time. A wall time that happens twice is the first of the two; one that never happens is the
moment at which the clocks were put forward. So windows never overlap, and one that the clocks jump over is empty.
"""

from __future__ import annotations

import tomllib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
MINUTE_US = 60_000_000
MINUTES_A_DAY = 24 * 60
FIRST_YEAR, LAST_YEAR = 1900, 2200


class CalendarError(ValueError):
    """A calendar document that cannot be used; the text names the place and says what is wrong."""


class Window(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Hours worked on a working day, in minutes after local midnight: 480 to 720 is 08:00 to 12:00."""

    opens: int
    closes: int


class Holiday(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A day that is not worked, whatever weekday it is; the name is for people and may be empty."""

    date: date
    name: str = ""


class Year(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A known year: its holidays, and the days of rest that are worked in exchange."""

    year: int
    holidays: tuple[Holiday, ...] = ()
    working_days: tuple[date, ...] = ()


class CalendarData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A calendar as a document. Weekdays are ISO: 1 is Monday, 7 is Sunday."""

    name: str
    version: str
    zone: str
    windows: tuple[Window, ...]
    rest_weekdays: tuple[int, ...]
    years: tuple[Year, ...]


class DayKind(StrEnum):
    """What a calendar says of a day."""

    WORKING = "working"
    MAKE_UP = "make_up"
    REST = "rest"
    HOLIDAY = "holiday"
    UNKNOWN = "unknown"


WORKED = frozenset({DayKind.WORKING, DayKind.MAKE_UP})


class Span(msgspec.Struct, frozen=True, eq=False):
    """Consecutive known years, from `starts` up to `ends` (UTC µs, local midnights of 1 January).

    Window i opens at `opens[i]`; `before[i]` is the working time of the span before it, in µs. There is one more in
    `before` than in `opens`: the working time of the whole span. Both only grow.
    """

    starts: int
    ends: int
    opens: array[int]
    before: array[int]


class Calendar(msgspec.Struct, frozen=True, eq=False):
    """A compiled calendar. `day_us` is what one working day means as a limit: the length of its windows together."""

    data: CalendarData
    zone: ZoneInfo
    day_us: int
    spans: tuple[Span, ...]
    known_years: frozenset[int]
    exceptions: dict[date, tuple[DayKind, str]]

    def day(self, on: date) -> tuple[DayKind, str]:
        """What a day is, and the holiday's name where it is one that has a name."""
        if on.year not in self.known_years:
            return DayKind.UNKNOWN, ""
        return self.exceptions.get(on) or (
            DayKind.REST if on.isoweekday() in self.data.rest_weekdays else DayKind.WORKING,
            "",
        )

    def local(self, moment_us: int) -> datetime:
        """A moment on the calendar's own clocks."""
        return (_EPOCH + timedelta(microseconds=moment_us)).astimezone(self.zone)


# ------------------------------------------------------------------ reading


def parse_calendar(text: str, where: str = "the calendar") -> CalendarData:
    """The document from TOML text. Raises CalendarError naming `where`, the place in it, and what is wrong."""
    try:
        data = msgspec.convert(tomllib.loads(text), CalendarData)
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(f"{where} is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise CalendarError(f"{where}: {error}") from None
    for wrong in contradictions(data):
        raise CalendarError(f"{where}: {wrong}")
    return data


def contradictions(data: CalendarData) -> Iterator[str]:
    """What makes a document unusable, each as one sentence that names the place."""
    for key in ("name", "version"):
        if not getattr(data, key).strip():
            yield f"{key} is empty"
    if _zone(data.zone) is None:
        yield f'zone "{data.zone}" is no IANA time zone; write one like Asia/Shanghai'
    yield from _wrong_windows(data.windows)
    if set(data.rest_weekdays) - set(range(1, 8)) or len(set(data.rest_weekdays)) != len(data.rest_weekdays):
        yield "rest_weekdays names a weekday twice, or one that is not 1 (Monday) to 7 (Sunday)"
    years = [year.year for year in data.years]
    if years != sorted(set(years)):
        yield "years must stand in order, each once"
    for year in data.years:
        yield from _wrong_year(year, frozenset(data.rest_weekdays))


def _wrong_windows(windows: tuple[Window, ...]) -> Iterator[str]:
    if not windows:
        yield "windows is empty: nothing would ever be worked"
    last = 0
    for number, window in enumerate(windows, 1):
        if not 0 <= window.opens < window.closes <= MINUTES_A_DAY:
            yield f"window {number} must open before it closes, within minutes 0 to {MINUTES_A_DAY}"
        elif window.opens < last:
            yield f"window {number} opens before the one before it has closed"
        last = window.closes


def _wrong_year(year: Year, rest: frozenset[int]) -> Iterator[str]:
    if not FIRST_YEAR <= year.year <= LAST_YEAR:
        yield f"year {year.year} is not between {FIRST_YEAR} and {LAST_YEAR}"
    holidays = [holiday.date for holiday in year.holidays]
    for key, days in (("holidays", holidays), ("working_days", list(year.working_days))):
        for day in days:
            if day.year != year.year:
                yield f"year {year.year}, {key}: {day} is not in that year"
        for day in sorted({day for day in days if days.count(day) > 1}):
            yield f"year {year.year}, {key}: {day} stands there twice"
    for day in year.working_days:
        if day in holidays:
            yield f"year {year.year}: {day} is both a holiday and a working day"
        elif day.isoweekday() not in rest:
            yield f"year {year.year}, working_days: {day} is no day of rest, so it need not be made up for"


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):  # the first two for names that are folders or paths
        return None


# ------------------------------------------------------------------ compiling


def compile_calendar(data: CalendarData) -> Calendar:
    """The calendar, ready for arithmetic. Raises CalendarError where the document contradicts itself."""
    for wrong in contradictions(data):
        raise CalendarError(f"calendar {data.name} {data.version}: {wrong}")
    exceptions: dict[date, tuple[DayKind, str]] = {}
    for year in data.years:
        exceptions.update({holiday.date: (DayKind.HOLIDAY, holiday.name) for holiday in year.holidays})
        exceptions.update(dict.fromkeys(year.working_days, (DayKind.MAKE_UP, "")))
    known = frozenset(year.year for year in data.years)
    length = sum(window.closes - window.opens for window in data.windows)
    bare = Calendar(data, ZoneInfo(data.zone), length * MINUTE_US, (), known, exceptions)
    spans = tuple(_span(bare, first, last) for first, last in _consecutive(sorted(known)))
    return msgspec.structs.replace(bare, spans=spans)


def _consecutive(years: list[int]) -> list[tuple[int, int]]:
    """First and last year of each stretch without a gap."""
    firsts = [year for year in years if year - 1 not in years]
    lasts = [year for year in years if year + 1 not in years]
    return list(zip(firsts, lasts, strict=True))


def _span(calendar: Calendar, first: int, last: int) -> Span:
    opens, before = array("q"), array("q", [0])
    starts = midnight = wall_moment(calendar.zone, date(first, 1, 1))
    for day in days_between(date(first, 1, 1), date(last, 12, 31)):
        next_midnight = wall_moment(calendar.zone, day, MINUTES_A_DAY)
        if calendar.day(day)[0] in WORKED:
            for opened, closed in _windows(calendar, day, midnight, next_midnight - midnight):
                opens.append(opened)
                before.append(before[-1] + closed - opened)
        midnight = next_midnight
    return Span(starts, midnight, opens, before)


def _windows(calendar: Calendar, day: date, midnight: int, length: int) -> list[tuple[int, int]]:
    """The windows of a day, those apart that the clocks jump over. On nearly all days no clock is changed."""
    windows, zone = calendar.data.windows, calendar.zone
    if length == MINUTES_A_DAY * MINUTE_US:
        return [(midnight + w.opens * MINUTE_US, midnight + w.closes * MINUTE_US) for w in windows]
    changed = [(wall_moment(zone, day, w.opens), wall_moment(zone, day, w.closes)) for w in windows]
    return [(opened, closed) for opened, closed in changed if opened < closed]


def days_between(first: date, last: date) -> Iterable[date]:
    """Every day from the first to the last, both included."""
    return (first + _DAY * n for n in range((last - first).days + 1))


def wall_moment(zone: ZoneInfo, day: date, minutes: int = 0) -> int:
    """UTC µs at which a zone's clocks show that many minutes after midnight of a day (1440: the next midnight)."""
    local = datetime.combine(day, time(), zone) + timedelta(minutes=minutes)
    second = local.replace(fold=1)
    jump = (second.utcoffset() or _DAY) - (local.utcoffset() or _DAY)
    if jump <= timedelta(0):
        return micros(local)
    return _put_forward(zone, micros(second) // 1_000_000, micros(local) // 1_000_000)


def _put_forward(zone: ZoneInfo, low: int, high: int) -> int:
    """UTC µs of the moment between two seconds at which the clocks are put forward."""
    offset = datetime.fromtimestamp(high, zone).utcoffset()
    seconds = range(low, high)
    found = bisect_left(seconds, True, key=lambda at: datetime.fromtimestamp(at, zone).utcoffset() == offset)
    return (low + found) * 1_000_000


def micros(moment: datetime) -> int:
    """UTC µs of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND
