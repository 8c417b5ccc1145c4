"""How the clocks stand at a moment, by kind and department: for metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from ops.indicators.conditions import GROUPS, Period, overdue
from streams.views.tables import cases, clocks

AT_RISK: Final = timedelta(hours=4)
STATES: Final = ("due", "met", "withdrawn", "overdue", "exempt", "extended", "paused", "warned", "at_risk")


class Standing(NamedTuple):
    """Clocks of one kind and department: how many stand in each way, and when the oldest running one is over."""

    clock: str
    department: str
    due: int
    met: int
    withdrawn: int
    overdue: int
    exempt: int
    extended: int
    paused: int
    warned: int
    at_risk: int
    oldest: datetime | None


Key = tuple[str, str]
"""Kind of clock and department."""


def standing(connection: Connection, now: datetime) -> Iterator[Standing]:
    """Every kind and department that has clocks. What ran into a year that no calendar knows stays at risk.

    Clocks of restricted cases count under no department: a department with one clock would tell who works in it.
    """
    return together(running(connection, now), ended(connection, now))


def running(connection: Connection, now: datetime) -> dict[Key, Standing]:
    """Clocks that run or pause, found by the index of those that do, however many have ended."""
    return _counted(connection, clocks.c.closed_at.is_(None), now)


def ended(connection: Connection, now: datetime) -> dict[Key, Standing]:
    """Clocks that have ended: all of them are read, and only facts change them."""
    return _counted(connection, clocks.c.closed_at.is_not(None), now)


def together(*counted: dict[Key, Standing]) -> Iterator[Standing]:
    """The sums, by kind and department."""
    for key in sorted({key for one in counted for key in one}):
        found = [one[key] for one in counted if key in one]
        numbers = {state: sum(getattr(one, state) for one in found) for state in STATES}
        oldest = min((one.oldest for one in found if one.oldest is not None), default=None)
        yield Standing(*key, **numbers, oldest=oldest)


def _counted(connection: Connection, which: ColumnElement[bool], now: datetime) -> dict[Key, Standing]:
    c = clocks.c
    open_: Any = c.closed_at.is_(None)
    soon = or_(c.due_at.is_(None), and_(c.due_at >= now, c.due_at < now + AT_RISK))
    counted = {
        "due": c.clock.is_not(None),
        "met": and_(c.closed_at.is_not(None), c.verdict == "met"),
        "withdrawn": c.verdict == "withdrawn",
        "overdue": overdue(Period(now, now, now)),
        "exempt": c.verdict == "exempt",
        "extended": c.extensions > 0,
        "paused": and_(open_, c.verdict == "paused"),
        "warned": and_(open_, c.yellow_at <= now),
        "at_risk": and_(open_, c.verdict == "running", soon),
    }
    department = func.coalesce(case((~cases.c.restricted, GROUPS["department"]["clocks"])), "")
    query = (
        select(
            c.clock,
            department.label("department"),
            *(func.count().filter(counted[state]).label(state) for state in STATES),
            func.min(c.due_at).filter(open_).label("oldest"),
        )
        .select_from(clocks.join(cases, cases.c.case_id == c.case_id))
        .where(which)
        .group_by(c.clock, department)
    )
    return {(row.clock, row.department): Standing(*row) for row in connection.execute(query)}
