"""What kind of company this is: which answers follow which instruction, after how long, in which words. Pure."""

from __future__ import annotations

import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

FIELDS = ("event_id", "order", "key", "status", "occurred_at", "sequence", "answers", "note", "reason", "due", "photos")
"""Fields of a call-back by their plain names; a company may have its own."""


class Answer(NamedTuple):
    """`status` is told so long after the instruction `to`; `due_seconds` after it is what the company promises."""

    to: str
    after_seconds: float
    status: str
    note: str | None = None
    reason: str | None = None
    due_seconds: float | None = None
    photo: bool = False


class Office(NamedTuple):
    """Working hours: `days` are ISO weekdays, Monday 1."""

    zone: ZoneInfo
    days: tuple[int, ...]
    opens: time
    closes: time


class Company(NamedTuple):
    """One company. `ends` are instructions after which nothing more is done about an order."""

    code: str
    name: str
    prefix: str
    answers: tuple[Answer, ...] = ()
    ends: tuple[str, ...] = ()
    office: Office | None = None
    names: dict[str, str] = {}  # noqa: RUF012  never changed


def load(path: Path) -> Company:
    """The company of a file; its keys are the fields above, office times are `"08:30"`."""
    content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    office = content.pop("office", None)
    answers = tuple([Answer(**answer) for answer in content.pop("answers", ())])
    company = Company(**{**content, "ends": tuple(content.get("ends", ()))}, answers=answers)
    if office is None:
        return company
    opens, closes = (time.fromisoformat(office[key]) for key in ("opens", "closes"))
    return company._replace(office=Office(ZoneInfo(office["zone"]), tuple(office["days"]), opens, closes))


def due(company: Company, instruction: str, now: float) -> list[tuple[float, Answer]]:
    """When (Unix seconds) which answers to an instruction happen, if somebody is there then."""
    return [(now + answer.after_seconds, answer) for answer in company.answers if answer.to == instruction]


def in_office(office: Office | None, at: float) -> float:
    """The first moment from `at` on at which somebody is there."""
    if office is None:
        return at
    local = datetime.fromtimestamp(at, office.zone)
    for days in range(8):
        day = (local + timedelta(days=days)).date()
        opens = datetime.combine(day, office.opens, office.zone)
        closes = datetime.combine(day, office.closes, office.zone)
        if day.isoweekday() in office.days and local < closes:
            return max(at, opens.timestamp())
    return at


def told(company: Company, event: dict[str, Any]) -> dict[str, Any]:
    """An event in the company's own field names, without what is empty."""
    return {company.names.get(name, name): value for name in FIELDS if (value := event.get(name)) is not None}
