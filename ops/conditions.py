"""What is asked of cases again and again, in SQL: open, late, which light, whether it crosses, who works in it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_, case, false, func, literal

from schemas.events import PartyRole
from streams.views.shape import ENDED, GONE
from streams.views.tables import cases, clocks, parties, three_cross

OPEN: ColumnElement[bool] = cases.c.stage.notin_(ENDED)
"""Whether something is still expected of the case."""

CROSSES: ColumnElement[bool] = func.coalesce(
    three_cross.c.region | three_cross.c.department | three_cross.c.authority, false()
)
"""Whether a case is a three-cross case in some part; what is not known is no yes."""

_JUDGED = func.coalesce(cases.c.closed_at, func.now())
LATE: ColumnElement[bool] = func.coalesce(cases.c.due_at < _JUDGED, false())
"""Whether the limit had passed when the case was closed; for an open case, now."""

LIGHT: ColumnElement[str | None] = case(
    (cases.c.due_at.is_(None), None),
    (cases.c.due_at < _JUDGED, literal("red")),
    (cases.c.yellow_at < _JUDGED, literal("yellow")),
    else_=literal("green"),
)
"""green up to 80 % of the limit used, yellow to 100 %, then red; of a closed case, as it was closed."""


_OWN_JUDGED = func.coalesce(parties.c.handed_back_at, parties.c.gone_at, cases.c.closed_at, func.now())

OWN_LIGHT: ColumnElement[str | None] = case(
    (parties.c.due_at.is_(None), None),
    (parties.c.due_at < _OWN_JUDGED, literal("red")),
    (parties.c.yellow_at < _OWN_JUDGED, literal("yellow")),
    else_=literal("green"),
)
"""A party's own light, at its hand-back, else now."""


_CLOCK_JUDGED = func.coalesce(clocks.c.closed_at, func.now())

CLOCK_LIGHT: ColumnElement[str | None] = case(
    (clocks.c.due_at.is_(None), None),
    (clocks.c.overdue_at.isnot(None), literal("red")),
    (clocks.c.verdict.notin_(("running", "met")), literal("green")),
    (clocks.c.due_at < _CLOCK_JUDGED, literal("red")),
    (clocks.c.yellow_at < _CLOCK_JUDGED, literal("yellow")),
    else_=literal("green"),
)
"""The light of a clock; while it is paused, green unless it had run out before."""


def works(party: FromClause) -> ColumnElement[bool]:
    """Whether a party leads or assists, and is one still."""
    return and_(party.c.role != PartyRole.INFORM, party.c.status.notin_(GONE))
