"""Links in PostgreSQL: one transaction for each batch of facts, with rows, waiting claims and the next offset.

One batch at a time: a transaction first takes the lock of links, then reads. So of two near reports in two partitions
the second to be worked on always finds the first, wherever the processes run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Table, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from schemas.events import (
    AccountOpened,
    Amended,
    GroupJoined,
    GroupLeft,
    GroupOpened,
    MemberAdded,
    MemberRemoved,
    Reopened,
    Reported,
)
from streams.links import tables
from streams.links.duplicates import METRES
from streams.links.fold import Fact
from streams.links.known import Contribution, Join, Known, KnownAccount, KnownCase, KnownGroup, Suspicion
from streams.links.learning import DAY
from streams.links.near import Point, cell, cells_within, on_earth
from streams.links.saying import Said

_encode = msgspec.msgpack.Encoder().encode
_case = msgspec.msgpack.Decoder(KnownCase).decode
_group = msgspec.msgpack.Decoder(KnownGroup).decode
_join = msgspec.msgpack.Decoder(Join).decode
_suspicion = msgspec.msgpack.Decoder(Suspicion).decode
_contribution = msgspec.msgpack.Decoder(Contribution).decode
_account = msgspec.msgpack.Decoder(KnownAccount).decode

_FOLDED = (tables.cases, tables.groups, tables.joins, tables.suspicions, tables.contributions, tables.accounts)


class Moved(Exception):
    """The partition's next offset in PostgreSQL is not the one expected: somebody else wrote, or it was restored."""


class Standing(msgspec.Struct):
    """Where a partition stands."""

    next_offset: int = 0
    swept_at: int = 0
    broken: dict[str, str] = {}


# ------------------------------------------------------------ partitions


def begin_partition(engine: Engine, partition: int, fold_version: str, topic_id: str) -> Standing:
    """Where the partition stands. Rows of another fold version or facts topic are deleted, to be folded again; claims
    that wait to be sent stay."""
    p = tables.partitions
    with engine.begin() as connection:
        alone(connection)
        found = connection.execute(select(p).where(p.c.partition == partition).with_for_update()).first()
        if found and found.fold_version == fold_version and found.topic_id == topic_id:
            return Standing(found.next_offset, found.swept_at, dict(found.broken))
        for table in _FOLDED:
            connection.execute(delete(table).where(table.c.partition == partition))
        fresh = {"next_offset": 0, "swept_at": 0, "fold_version": fold_version, "topic_id": topic_id, "broken": {}}
        connection.execute(
            insert(p)
            .values(partition=partition, **fresh)
            .on_conflict_do_update(index_elements=["partition"], set_=fresh)
        )
    return Standing()


def alone(connection: Connection) -> None:
    """Waits until no other transaction of links in this schema is under way."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('links ' || current_schema()))"))


def lock_partition(connection: Connection, partition: int, expected: int) -> None:
    """Locks the partition's row for this transaction; raises Moved when its next offset is not `expected`."""
    p = tables.partitions
    found = connection.execute(select(p.c.next_offset).where(p.c.partition == partition).with_for_update()).scalar()
    if found != expected:
        raise Moved(f"partition {partition} of links stands at {found}, expected {expected}")


def move(connection: Connection, partition: int, standing: Standing) -> None:
    """Writes where the partition stands now."""
    p = tables.partitions
    changes = {"next_offset": standing.next_offset, "swept_at": standing.swept_at, "broken": standing.broken}
    connection.execute(update(p).where(p.c.partition == partition).values(**changes))


# ------------------------------------------------------------ reading


def load(connection: Connection, facts: Sequence[Fact]) -> Known:
    """What the tables say of everything that these facts may touch."""
    known = Known()
    _load_cases(connection, known, {meta.subject.id for _, meta, _ in facts if meta.subject.kind == "case"})
    _load_groups(connection, known, _groups_of(known, facts))
    _load_joins(connection, known, facts)
    members = {member for group in known.groups.values() for member in group.members}
    members |= {fact.case for _, _, fact in facts if type(fact) in (MemberAdded, MemberRemoved)}
    _load_cases(connection, known, members - known.cases.keys())
    _load_suspicions(connection, known)
    _load_near(connection, known, facts)
    _load_points(connection, known, facts)
    return known


def load_open(connection: Connection, partition: int) -> Known:
    """Every open case of a partition."""
    known, t = Known(), tables.cases
    rows = connection.execute(select(t.c.case_id, t.c.state).where(t.c.partition == partition, t.c.open))
    for row in rows:
        known.hold_case(row.case_id, _case(row.state))
    return known


def _in(connection: Connection, table: Table, column: str, wanted: Iterable[Any]) -> Iterator[Any]:
    values = sorted(set(wanted))
    if values:
        yield from connection.execute(select(table).where(table.c[column] == func.any(values)))


def _load_cases(connection: Connection, known: Known, wanted: Iterable[str]) -> None:
    for row in _in(connection, tables.cases, "case_id", wanted):
        known.hold_case(row.case_id, _case(row.state))


def _groups_of(known: Known, facts: Sequence[Fact]) -> set[str]:
    found = {group for case in known.cases.values() for group in case.groups}
    found |= {meta.subject.id for _, meta, _ in facts if meta.subject.kind == "group"}
    return found | {fact.group for _, _, fact in facts if type(fact) in (GroupJoined, GroupLeft)}


def _load_groups(connection: Connection, known: Known, wanted: Iterable[str]) -> None:
    for row in _in(connection, tables.groups, "group_id", wanted):
        known.groups[row.group_id] = _group(row.state)


def _load_joins(connection: Connection, known: Known, facts: Sequence[Fact]) -> None:
    """Who has joined the groups that the batch opens, and what the cases that leave have joined."""
    wanted = {meta.subject.id for _, meta, fact in facts if type(fact) is GroupOpened}
    wanted |= {fact.group for _, _, fact in facts if type(fact) is GroupLeft}
    for row in _in(connection, tables.joins, "group_id", wanted):
        known.joins[row.group_id, row.case_id] = _join(row.state)


def _load_suspicions(connection: Connection, known: Known) -> None:
    """Suspicions of the cases, and the cases that these name."""
    t, mine = tables.suspicions, sorted(known.cases)
    if not mine:
        return
    either = or_(t.c.later == func.any(mine), t.c.earlier == func.any(mine))
    for row in connection.execute(select(t.c.state).where(either)):
        one = _suspicion(row.state)
        known.suspicions[one.later, one.earlier] = one
    others = {case for pair in known.suspicions for case in pair}
    _load_cases(connection, known, others - known.cases.keys())


def _load_near(connection: Connection, known: Known, facts: Sequence[Fact]) -> None:
    """Cases near in place and time to those that a fact of the batch describes."""
    asked = list(_descriptions(known, facts))
    if not asked:
        return
    cells = sorted({number for point, _ in asked for number in cells_within(point, METRES)})
    first, last = min(at for _, at in asked) - DAY, max(at for _, at in asked) + DAY
    t = tables.cases
    near = select(t.c.case_id, t.c.state).where(t.c.cell == func.any(cells), t.c.reported_at.between(first, last))
    for row in connection.execute(near):
        if row.case_id not in known.cases:
            known.hold_case(row.case_id, _case(row.state))


def _descriptions(known: Known, facts: Sequence[Fact]) -> Iterator[tuple[Point, int]]:
    """Places that are to be looked around, with the time of their report."""
    reported: dict[str, int] = {case_id: case.reported_at for case_id, case in known.cases.items()}
    points = {case_id: case.point for case_id, case in known.cases.items()}
    for _, meta, fact in facts:
        if type(fact) is Reported:
            if meta.actor.role == "source" and meta.recorded_at - meta.occurred_at > DAY:
                continue
            reported[meta.subject.id] = meta.occurred_at
        elif type(fact) not in (Amended, Reopened):
            continue
        place = getattr(fact, "place", None)
        if place is not None and place.position is not None:
            points[meta.subject.id] = (place.position.longitude, place.position.latitude)
        point, at = points.get(meta.subject.id), reported.get(meta.subject.id)
        if point is not None and at is not None and on_earth(point):
            yield point, at


def _load_points(connection: Connection, known: Known, facts: Sequence[Fact]) -> None:
    people = {case.reporter for case in known.cases.values() if case.reporter is not None}
    people |= {fact.reporter for _, _, fact in facts if type(fact) is Reported and fact.reporter is not None}
    people |= {fact.holder for _, _, fact in facts if type(fact) is AccountOpened}
    for row in _in(connection, tables.contributions, "person", people):
        known.contributions[row.fact_id] = _contribution(row.state)
    for row in _in(connection, tables.accounts, "holder", people):
        known.accounts[row.account_id] = _account(row.state)


# ------------------------------------------------------------ writing


def write(connection: Connection, partition: int, known: Known, claims: Sequence[Said]) -> None:
    """Writes what has changed, and the claims that are to be sent, in the caller's transaction."""
    for name, rows in _rows(partition, known).items():
        if rows:
            _upsert(connection, getattr(tables, name), rows)
    if claims:
        waiting = [{"partition": partition, "subject": c.meta.subject.id, "value": c.value} for c in claims]
        connection.execute(tables.claims.insert(), waiting)


def _upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    changes = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in (*keys, "partition")}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)


def _rows(partition: int, known: Known) -> dict[str, list[dict[str, Any]]]:
    changed = {name: sorted(known.changed.get(name, ())) for name in _MAKE}
    return {
        name: [_MAKE[name](key, getattr(known, name)[key]) | {"partition": partition} for key in keys]
        for name, keys in changed.items()
    }


def _case_row(case_id: str, case: KnownCase) -> dict[str, Any]:
    where = cell(case.point) if case.point is not None and not case.history else None
    reported = {"cell": where, "reported_at": case.reported_at, "open": case.ended_at is None}
    return {"case_id": case_id, **reported, "state": _encode(case)}


_MAKE: dict[str, Any] = {
    "cases": _case_row,
    "groups": lambda key, row: {"group_id": key, "state": _encode(row)},
    "joins": lambda key, row: {"group_id": key[0], "case_id": key[1], "state": _encode(row)},
    "suspicions": lambda key, row: {"later": key[0], "earlier": key[1], "state": _encode(row)},
    "contributions": lambda key, row: {"fact_id": key, "person": row.person, "state": _encode(row)},
    "accounts": lambda key, row: {"account_id": key, "holder": row.holder, "state": _encode(row)},
}

# ------------------------------------------------------------ waiting claims


def waiting(engine: Engine, partition: int, limit: int) -> list[tuple[int, str, bytes]]:
    """Claims that Kafka has not acknowledged: number, subject and bytes, in the order in which they were made.

    Those of the partition, and before them what still waits for the same subjects from others: nothing said about one
    subject overtakes another.
    """
    t, mine = tables.claims, tables.claims.alias("mine")
    subjects = select(mine.c.subject).where(mine.c.partition == partition)
    query = select(t.c.id, t.c.subject, t.c.value).where(t.c.subject.in_(subjects)).order_by(t.c.id).limit(limit)
    with engine.connect() as connection:
        return [(row.id, row.subject, row.value) for row in connection.execute(query)]


def acknowledged(engine: Engine, numbers: Sequence[int]) -> None:
    """Forgets these claims."""
    with engine.begin() as connection:
        connection.execute(delete(tables.claims).where(tables.claims.c.id == func.any(list(numbers))))
