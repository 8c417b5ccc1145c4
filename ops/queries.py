"""SQL behind the commands: cases, one case, lights, figures, how far the views are. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, case, false, func, literal, select

from schemas import ids
from streams.views.tables import aliases, cases, parties, partitions, refusals

Row = dict[str, Any]

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: None means any."""

    stage: str | None = None
    division: str | None = None
    lead: str | None = None
    system: str | None = None
    late: bool | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as the views have it. Row keys are column names; `case` also has light and late."""

    case: Row
    parties: list[Row] = field(default_factory=list)
    aliases: list[Row] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)


def _row(found: RowMapping) -> Row:
    return dict(found)


def case_id_of(connection: Connection, wanted: str) -> str | None:
    """Id of the case that a person means by ID, NUMBER or SYSTEM:NUMBER; None where no such case is known."""
    system, colon, number = wanted.partition(":")
    if colon:
        known = select(aliases.c.case_id).where(aliases.c.system == system, aliases.c.number == number)
        return connection.scalar(known) or _if_there(connection, ids.case_id(system, number))
    if ids.is_number(wanted):
        parts = ids.parse_number(wanted)
        plain = ids.number(parts.division, parts.day.strftime("%y%m%d"), parts.partition, parts.counter)
        return connection.scalar(select(cases.c.case_id).where(cases.c.number == plain))
    return _if_there(connection, wanted.lower()) if is_uuid(wanted) else None


def _if_there(connection: Connection, case_id: str) -> str | None:
    found: str | None = connection.scalar(select(cases.c.case_id).where(cases.c.case_id == case_id))
    return found


def is_uuid(text: str) -> bool:
    """Whether a text has the form of a UUID."""
    groups = text.lower().split("-")
    return [len(g) for g in groups] == [8, 4, 4, 4, 12] and set("".join(groups)) <= set("0123456789abcdef")


def case_file(connection: Connection, case_id: str) -> CaseFile | None:
    """Everything that the views know of one case."""
    columns = [column for column in cases.c if column.name != "state"]
    query = select(*columns, LIGHT.label("light"), LATE.label("late")).where(cases.c.case_id == case_id)
    found = connection.execute(query).mappings().first()
    if found is None:
        return None

    def rows(query: Select[Any]) -> list[Row]:
        return [_row(row) for row in connection.execute(query).mappings()]

    return CaseFile(
        _row(found),
        rows(select(parties).where(parties.c.case_id == case_id).order_by(parties.c.role.desc(), parties.c.org)),
        rows(select(aliases).where(aliases.c.case_id == case_id).order_by(aliases.c.system, aliases.c.number)),
        rows(select(refusals).where(refusals.c.case_id == case_id).order_by(refusals.c.seq)),
    )


_LISTED = ("case_id", "number", "system", "source_number", "stage", "division", "category_code", "lead")
_LISTED_TIMES = ("opened_at", "due_at", "closed_at")


def list_cases(connection: Connection, wanted: Wanted) -> tuple[int, list[Row]]:
    """How many cases are wanted, and the newest of them up to the limit."""
    matching = _conditions(wanted)
    total = connection.scalar(select(func.count()).select_from(cases).where(*matching)) or 0
    columns = [cases.c[name] for name in (*_LISTED, *_LISTED_TIMES, "refused", "irregular")]
    query = (
        select(*columns, LIGHT.label("light"), LATE.label("late"))
        .where(*matching)
        .order_by(cases.c.opened_at.desc().nulls_last(), cases.c.case_id)
        .limit(wanted.limit)
    )
    return total, [_row(row) for row in connection.execute(query).mappings()]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    same = {name: getattr(wanted, name) for name in ("stage", "lead", "system")}
    found = [cases.c[name] == value for name, value in same.items() if value is not None]
    if wanted.division is not None:
        found.append(cases.c.division.startswith(wanted.division, autoescape=True))
    if wanted.late is not None:
        found.append(LATE if wanted.late else ~LATE)
    return found


def next_offsets(connection: Connection) -> dict[int, int]:
    """Offset of the next fact that the views will fold, by partition."""
    rows = connection.execute(select(partitions.c.partition, partitions.c.next_offset))
    return {row.partition: row.next_offset for row in rows}


def broken_subjects(connection: Connection) -> dict[str, str]:
    """Subjects whose facts the views could not handle, with the reason."""
    found: dict[str, str] = {}
    for broken in connection.scalars(select(partitions.c.broken)):
        found.update(broken)
    return found


def stages(connection: Connection) -> dict[str, int]:
    """Number of cases in each stage."""
    rows = connection.execute(
        select(cases.c.stage, func.count().label("cases")).group_by(cases.c.stage).order_by(cases.c.stage)
    )
    return {row.stage: row.cases for row in rows}


def overdue(connection: Connection) -> int:
    """Open cases whose limit has passed."""
    query = select(func.count()).select_from(cases).where(cases.c.closed_at.is_(None), LATE)
    return connection.scalar(query) or 0


def oldest_watermark(connection: Connection) -> datetime | None:
    """The moment up to which all partitions of the views are final; None before the first fact."""
    found: datetime | None = connection.scalar(select(func.min(partitions.c.watermark)))
    return found
