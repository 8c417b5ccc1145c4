"""Due times for people who ask: questions as text, one by one or in a CSV file, answered by a calendar."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from streams.core.calendars import FIRST_YEAR, LAST_YEAR, Calendar, micros
from streams.core.working_time import BadAmount, NotBefore, Unit, due, limit

COLUMNS = ("start", "unit", "amount")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


class BadQuestion(ValueError):
    """A question that cannot be answered; the text names the place in it and what is wrong."""


class Answer(NamedTuple):
    """A question as it was put, and the moment (UTC µs) or what it is not before."""

    start: str
    unit: str
    amount: str
    due: int | NotBefore


def answer(calendar: Calendar, start: str, unit: str, amount: str) -> Answer:
    """When a clock that starts then is due. Raises BadQuestion naming the column."""
    at, kind = moment(calendar, start), _unit(unit)
    try:
        return Answer(start, unit, amount, due(calendar, at, kind, limit(calendar, kind, amount)))
    except BadAmount as wrong:
        raise BadQuestion(f"column amount: {wrong}") from None


def moment(calendar: Calendar, text: str) -> int:
    """UTC µs of an ISO 8601 date and time. Without an offset it is on the calendar's clocks; a time that happens twice
    there is the first of the two. Raises BadQuestion."""
    try:
        read = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        read = None
    if read is None or not FIRST_YEAR < read.year < LAST_YEAR:
        raise BadQuestion(
            f'column start: "{text[:40]}" is no date and time like 2026-09-30T16:00 or 2026-09-30T16:00+08:00'
        )
    if read.tzinfo is not None:
        return micros(read)
    local = read.replace(tzinfo=calendar.zone)
    if calendar.local(micros(local)).replace(tzinfo=None) != read:
        raise BadQuestion(
            f"column start: {text} never happened in {calendar.zone}: the clocks were put forward over it"
        )
    return micros(local)


def _unit(text: str) -> Unit:
    try:
        return Unit(text)
    except ValueError:
        raise BadQuestion(f'column unit: "{text[:40]}" is no unit: use {", ".join(Unit)}') from None


def answers(calendar: Calendar, file: Path) -> list[Answer]:
    """The answer to each row of a CSV file with the columns start, unit and amount; others are not read. Raises
    BadQuestion naming line and column, OSError."""
    found = []
    for line, row in _rows(file):
        try:
            found.append(answer(calendar, *row))
        except BadQuestion as wrong:
            raise BadQuestion(f"{file}, line {line}, {wrong}.") from None
    return found


def _rows(file: Path) -> Iterator[tuple[int, tuple[str, str, str]]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened, strict=True)
        try:
            if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
                raise BadQuestion(
                    f"{file}, line 1, column {missing[0]}: is missing; the first line is start,unit,amount."
                )
            for row in reader:
                start, unit, amount = ((row[column] or "").strip() for column in COLUMNS)
                yield reader.line_num, (start, unit, amount)
        except csv.Error as wrong:
            raise BadQuestion(f"{file}, line {reader.line_num}: not readable as CSV: {wrong}.") from None
        except UnicodeDecodeError:
            raise BadQuestion(f"{file}, after line {reader.line_num}: not readable as UTF-8.") from None
