"""SQL behind the commands: cases, one case, lights, figures, how far the views are. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, case, func, select

from ops import sight
from ops.conditions import CLOCK_LIGHT, CROSSES, LATE, LIGHT, OPEN, OWN_LIGHT, works
from schemas import ids
from streams.core.visibility import Asker
from streams.views.tables import aliases, cases, clocks, parties, partitions, refusals, subjects, three_cross

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: None means any.

    `between`: all these organisations lead or assist. `blocked`: open cases whose closing something blocks; False:
    nothing does. `asker` sees what it may.
    """

    stage: str | None = None
    division: str | None = None
    lead: str | None = None
    system: str | None = None
    late: bool | None = None
    three_cross: bool | None = None
    blocked: bool | None = None
    between: tuple[str, ...] = ()
    asker: Asker | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as the views have it. Row keys are column names; `case` and parties also have light and late.

    `three_cross` is None where nothing has been judged yet; `linked` are other cases that name this one.
    """

    case: Row
    parties: list[Row] = field(default_factory=list)
    aliases: list[Row] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)
    three_cross: Row | None = None
    clocks: list[Row] = field(default_factory=list)
    linked: list[Row] = field(default_factory=list)


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


def case_file(connection: Connection, case_id: str, asker: Asker | None = None) -> CaseFile | None:
    """Everything that the views know of one case; None where there is none that the asker may see."""
    query = select(cases, LIGHT.label("light"), LATE.label("late"), func.now().label("now"))
    found = connection.execute(query.where(cases.c.case_id == case_id)).mappings().first()
    if found is None:
        return None
    row = _row(found)
    seen = sight.as_seen(connection, row, asker, int(row.pop("now").timestamp() * 1e6))
    if seen is None:
        return None

    def rows(query: Select[Any]) -> list[Row]:
        return [_row(row) for row in connection.execute(query).mappings()]

    mine = (
        select(parties, OWN_LIGHT.label("light"))
        .join(cases, cases.c.case_id == parties.c.case_id)
        .where(parties.c.case_id == case_id)
        .order_by(parties.c.role.desc(), parties.c.org)
    )
    running = select(clocks, CLOCK_LIGHT.label("light"))
    crossing = rows(select(three_cross).where(three_cross.c.case_id == case_id))
    return CaseFile(
        seen,
        rows(mine),
        rows(select(aliases).where(aliases.c.case_id == case_id).order_by(aliases.c.system, aliases.c.number)),
        rows(select(refusals).where(refusals.c.case_id == case_id).order_by(refusals.c.seq)),
        crossing[0] if crossing else None,
        rows(running.where(clocks.c.case_id == case_id).order_by(clocks.c.opened_at, clocks.c.clock, clocks.c.party)),
        rows(sight.linked_from(case_id, asker)),
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
    found += [_works_in(org) for org in wanted.between]
    if wanted.blocked is not None:
        found.append(cases.c.blocks != "" if wanted.blocked else cases.c.blocks == "")
    if wanted.asker is not None:
        found.append(sight.may_see(wanted.asker))
    if wanted.three_cross is not None:
        crossing = select(three_cross.c.case_id).where(CROSSES)
        found.append(cases.c.case_id.in_(crossing) if wanted.three_cross else cases.c.case_id.notin_(crossing))
    if wanted.division is not None:
        found.append(cases.c.division.startswith(wanted.division, autoescape=True))
    if wanted.late is not None:
        found.append(LATE if wanted.late else ~LATE)
    return found


def _works_in(org: str) -> ColumnElement[bool]:
    mine = (parties.c.case_id == cases.c.case_id, parties.c.org == org, works(parties))
    return select(parties.c.case_id).where(*mine).exists()


def next_offsets(connection: Connection) -> dict[int, int]:
    """Offset of the next fact that the views will fold, by partition."""
    rows = connection.execute(select(partitions.c.partition, partitions.c.next_offset))
    return {row.partition: row.next_offset for row in rows}


def subject_seq(connection: Connection, subject_id: str) -> int:
    """Number of the last fact that the views have of a subject that is no case; 0 where they have none."""
    return connection.scalar(select(subjects.c.seq).where(subjects.c.subject_id == subject_id)) or 0


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
    query = select(func.count()).select_from(cases).where(cases.c.closed_at.is_(None), OPEN, LATE)
    return connection.scalar(query) or 0


def oldest_watermark(connection: Connection) -> datetime | None:
    """The moment up to which all partitions of the views are final; None while one of them has folded nothing.

    That one may have no facts, or be folding all of them anew: nobody can tell what is still to come.
    """
    told = func.bool_and(partitions.c.watermark.is_not(None))
    found: datetime | None = connection.scalar(select(case((told, func.min(partitions.c.watermark)))))
    return found


def pairs(connection: Connection, asker: Asker | None = None, *, restricted: bool = True) -> list[Row]:
    """Open three-cross cases by pair of organisations that work in them: org, other, cases; most first.

    A case with three counts for each of its pairs. Restricted cases count only with `restricted`, and only where the
    asker may see them: a pair with one case would tell who works in it.
    """
    one, other = parties.alias("one"), parties.alias("other")

    conditions = [OPEN, CROSSES, works(one), works(other), one.c.org < other.c.org]
    if not restricted:
        conditions.append(~cases.c.restricted)
    if asker is not None:
        conditions.append(sight.may_see(asker))
    query = (
        select(one.c.org, other.c.org.label("other"), func.count().label("cases"))
        .select_from(three_cross)
        .join(cases, cases.c.case_id == three_cross.c.case_id)
        .join(one, one.c.case_id == cases.c.case_id)
        .join(other, other.c.case_id == cases.c.case_id)
        .where(*conditions)
        .group_by(one.c.org, other.c.org)
        .order_by(func.count().desc(), one.c.org, other.c.org)
    )
    return [_row(row) for row in connection.execute(query).mappings()]
