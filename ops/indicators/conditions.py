"""What the words of the definitions mean, as conditions on the tables of the views. A closed vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, and_, cast, exists, func, or_

from streams.views.tables import cases, clocks, parties


class Period(NamedTuple):
    """From the first moment to before the second one; `now` is the moment as of which it is asked."""

    start: datetime
    end: datetime
    now: datetime


Condition = Callable[[Period], ColumnElement[bool]]


def _kind(name: str) -> Condition:
    return lambda _period: clocks.c.clock == name


def _within(column: Column[datetime]) -> Condition:
    return lambda period: and_(column >= period.start, column < period.end)


def overdue(period: Period) -> ColumnElement[bool]:
    """A limit that has passed, whether or not the case is open: exemption does not undo it."""
    passed = and_(clocks.c.closed_at.is_(None), clocks.c.due_at < period.now)
    return or_(clocks.c.overdue_at.is_not(None), passed)


def _ended(_period: Period) -> ColumnElement[bool]:
    return clocks.c.closed_at.is_not(None)


def _in_time(_period: Period) -> ColumnElement[bool]:
    return and_(clocks.c.closed_at.is_not(None), clocks.c.overdue_at.is_(None))


def _fell_due(period: Period) -> ColumnElement[bool]:
    """The limit ended in the period. What nobody waited for any more by then never fell due."""
    return and_(clocks.c.verdict != "withdrawn", clocks.c.due_at >= period.start, clocks.c.due_at < period.end)


def _exempt(_period: Period) -> ColumnElement[bool]:
    return clocks.c.verdict == "exempt"


def _called_back(period: Period) -> ColumnElement[bool]:
    """The last call-back happened in the period."""
    at = cast(cases.c.more["call_backs"][-1]["at"].astext, BigInteger)
    start, end = (int(moment.timestamp() * 1_000_000) for moment in (period.start, period.end))
    return and_(at >= start, at < end)


def _said(answer: str) -> Condition:
    return lambda _period: cases.c.more["call_backs"][-1][answer].astext == "true"


def _transferred(_period: Period) -> ColumnElement[bool]:
    mine = parties.c.case_id == cases.c.case_id
    return exists().where(mine, parties.c.status == "transferred")


def _not_transferred(period: Period) -> ColumnElement[bool]:
    return ~_transferred(period)


CONDITIONS: Final[Mapping[str, Mapping[str, Condition]]] = {
    "clocks": {
        "disposal": _kind("disposal"),
        "closure": _kind("closure"),
        "report in": _kind("report_in"),
        "first answer": _kind("first_answer"),
        "fell due": _fell_due,
        "ended": _ended,
        "in time": _in_time,
        "overdue": overdue,
        "exempt": _exempt,
        "in time or exempt": lambda period: or_(_in_time(period), _exempt(period)),
        "extended": lambda _period: clocks.c.extensions > cast(0, Integer),
    },
    "cases": {
        "reported": _within(cases.c.opened_at),
        "filed": _within(cases.c.filed_at),
        "dispatched": _within(cases.c.dispatched_at),
        "checked": _within(cases.c.checked_at),
        "closed": _within(cases.c.closed_at),
        "called back": _called_back,
        "not voided": lambda _period: cases.c.stage != "void",
        "not transferred": _not_transferred,
        "reworked": lambda _period: cases.c.reworks > 0,
        "not reworked": lambda _period: cases.c.reworks == 0,
        "self-handled": lambda _period: cases.c.closing_kind == "self_handled",
        "reached": _said("contacted"),
        "solved": _said("solved"),
        "satisfied": _said("satisfied"),
    },
}
"""Condition by table and word."""

GROUPS: Final[Mapping[str, Mapping[str, ColumnElement[str]]]] = {
    "department": {"clocks": func.coalesce(func.nullif(clocks.c.party, ""), cases.c.lead), "cases": cases.c.lead},
    "category": {"clocks": cases.c.category_code, "cases": cases.c.category_code},
    "division": {"clocks": func.left(cases.c.division, 6), "cases": func.left(cases.c.division, 6)},
    "grid": {"clocks": cases.c.grid, "cases": cases.c.grid},
    "level": {"clocks": cases.c.more["level"].astext, "cases": cases.c.more["level"].astext},
}
"""What figures may be split by, by name and table."""
