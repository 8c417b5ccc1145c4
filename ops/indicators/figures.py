"""Figures by their definitions, and the rows that each is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, null, select

from ops.indicators.conditions import CONDITIONS, GROUPS, Period
from ops.indicators.definitions import Definition
from ops.sight import may_see
from streams.core.visibility import Asker
from streams.views.tables import cases, clocks


class Figure(NamedTuple):
    """One rate: `part` of `whole`; `group` is None where it is not split."""

    name: str
    version: int
    group: str | None
    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        """Between 0 and 1; None where there is nothing that it could be of."""
        return self.part / self.whole if self.whole else None


class Counted(NamedTuple):
    """A row of the whole: a case, or the clock of a case and party, and whether it belongs to the part."""

    case_id: str
    number: str | None
    group: str | None
    party: str | None
    at: datetime | None
    counts: bool


def figures(
    connection: Connection,
    definitions: Sequence[Definition],
    period: Period,
    by: str | None = None,
    asker: Asker | None = None,
) -> Iterator[Figure]:
    """The figures of a period over the cases that the asker may see; split, one for each group that has any."""
    for one in definitions:
        group = GROUPS[by][one.of] if by else null()
        whole, part = _meets(one, one.whole, period), _meets(one, one.part, period)
        query = (
            select(group.label("group"), func.count().filter(part).label("part"), func.count().label("whole"))
            .select_from(_rows(one))
            .where(whole, may_see(asker))
        )
        split = query.group_by(group).order_by(func.count().desc(), group) if by else query
        for row in connection.execute(split):
            yield Figure(one.name, one.version, row.group, row.part, row.whole)


def drill(
    connection: Connection, one: Definition, period: Period, by: str | None = None, asker: Asker | None = None
) -> list[Counted]:
    """Every row of the whole, those of the part marked; a case stands once for each of its clocks that count."""
    group = GROUPS[by][one.of] if by else null()
    party: Any = clocks.c.party if one.of == "clocks" else null()
    at: Any = clocks.c.due_at if one.of == "clocks" else cases.c.opened_at
    query = (
        select(cases.c.case_id, cases.c.number, group, party, at, _meets(one, one.part, period))
        .select_from(_rows(one))
        .where(_meets(one, one.whole, period), may_see(asker))
        .order_by(at, cases.c.case_id)
    )
    found = connection.execute(query)
    return [
        Counted(case, number, of, side or None, when, bool(counts)) for case, number, of, side, when, counts in found
    ]


def _rows(one: Definition) -> FromClause:
    return clocks.join(cases, cases.c.case_id == clocks.c.case_id) if one.of == "clocks" else cases


def _meets(one: Definition, conditions: Sequence[str], period: Period) -> ColumnElement[bool]:
    known = CONDITIONS[one.of]
    return func.coalesce(and_(*(known[condition](period) for condition in conditions)), False)
