"""What stands in a cell: texts, numbers that a spreadsheet has bent, dates as people in China write them. Pure.

Promise: a cell is read surely or not at all. What could mean two things is an OddCell that says what it is.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
SURE_DIGITS = 15
"""A spreadsheet keeps so many digits of a number; of a longer one the rest is noughts that nobody wrote."""

_DAY = r"(?P<year>\d{4})(?:[-/.]|年)(?P<month>\d{1,2})(?:[-/.]|月)(?P<day>\d{1,2})日?"
_HALF = r"(?P<half>上午|下午|中午|晚上|凌晨|早上)?"
_CLOCK = _HALF + r"(?P<hour>\d{1,2})(?::|时|点)(?:(?P<minute>\d{1,2})(?:(?::|分)(?P<second>\d{1,2})秒?|分)?)?"
_WRITTEN = re.compile(rf"{_DAY}(?:[T ]*{_CLOCK})?")
_PACKED = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2}) ?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
)
_LATE = frozenset({"下午", "晚上"})


class OddCell(ValueError):
    """A cell that cannot be read surely; the text says what it is, without its content."""


def text(cell: Any) -> str:
    """What a cell shows, trimmed, its digits and signs in their plain form where it is a number or code."""
    match cell:
        case None:
            return ""
        case str():
            return cell.replace("\r\n", "\n").strip()
        case bool():
            raise OddCell("is true or false: write a text")
        case int():
            return _whole(cell)
        case float() if cell.is_integer():
            return _whole(int(cell))
        case float():
            return repr(cell)
        case datetime():
            return cell.isoformat(" ", "seconds")
        case date() | time() | timedelta():
            return str(cell)
    raise OddCell(f"is a {type(cell).__name__}: write a text")


def code(cell: Any) -> str:
    """A number or code: as `text`, in plain digits and letters, without white space."""
    return "".join(unicodedata.normalize("NFKC", text(cell)).split())


def _whole(number: int) -> str:
    if abs(number) >= 10**SURE_DIGITS:
        raise OddCell(
            "is a long number of which a spreadsheet keeps 15 digits only: make the column text, enter it anew"
        )
    return str(number)


def moment(cell: Any, zone: ZoneInfo) -> int:
    """UTC µs of a time. Raises OddCell for one that is none, or that could be another."""
    match cell:
        case datetime():
            return _micros(cell.replace(tzinfo=zone))
        case date():
            return _micros(datetime(cell.year, cell.month, cell.day, tzinfo=zone))
        case str() if cell.strip():
            return _written(cell, zone)
        case int() | float():
            raise OddCell("is a number and no date: format the column as a date")
    raise OddCell("is no time")


def _written(cell: str, zone: ZoneInfo) -> int:
    plain = " ".join(unicodedata.normalize("NFKC", cell).split())
    found = _WRITTEN.fullmatch(plain) or _PACKED.fullmatch(plain)
    if found is None:
        raise OddCell("is no time like 2026-03-05 09:15 or 2026年3月5日9时15分")
    parts = found.groupdict()
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    try:
        day = datetime(int(parts["year"]), int(parts["month"]), int(parts["day"]), tzinfo=zone)
        return _micros(day.replace(hour=_hour(hour, parts.get("half")), minute=minute, second=second))
    except ValueError:
        raise OddCell("is no day or time of the calendar") from None


def _hour(hour: int, half: str | None) -> int:
    if half in _LATE and hour < 12:
        return hour + 12
    if half == "中午" and hour < 3:
        return hour + 12
    if half in ("凌晨", "上午") and hour == 12:
        return 0
    return hour


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
