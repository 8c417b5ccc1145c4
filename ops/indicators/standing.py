"""How the clocks stand at a moment, by kind and department: for metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select

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


def standing(connection: Connection, now: datetime) -> Iterator[Standing]:
    """Every kind and department that has clocks. What ran into a year that no calendar knows stays at risk.

    Clocks of restricted cases count under no department: a department with one clock would tell who works in it.
    """
    c = clocks.c
    running: Any = c.closed_at.is_(None)
    soon = or_(c.due_at.is_(None), and_(c.due_at >= now, c.due_at < now + AT_RISK))
    counted = {
        "due": c.clock.is_not(None),
        "met": and_(c.closed_at.is_not(None), c.verdict == "met"),
        "withdrawn": c.verdict == "withdrawn",
        "overdue": overdue(Period(now, now, now)),
        "exempt": c.verdict == "exempt",
        "extended": c.extensions > 0,
        "paused": and_(running, c.verdict == "paused"),
        "warned": and_(running, c.yellow_at <= now),
        "at_risk": and_(running, c.verdict == "running", soon),
    }
    department = func.coalesce(case((~cases.c.restricted, GROUPS["department"]["clocks"])), "")
    query = (
        select(
            c.clock,
            department.label("department"),
            *(func.count().filter(counted[state]).label(state) for state in STATES),
            func.min(c.due_at).filter(running).label("oldest"),
        )
        .select_from(clocks.join(cases, cases.c.case_id == c.case_id))
        .group_by(c.clock, department)
    )
    for row in connection.execute(query):
        yield Standing(*row)
