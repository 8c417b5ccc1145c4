"""Rows in PostgreSQL: each batch of facts is one transaction that also moves the partition's next offset.

Rows travel by COPY into a temporary table and from there by one upsert; times travel as UTC µs and become timestamps
in the database, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Connection, DateTime, Engine, Table, delete, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError

from streams.views import tables
from streams.views.fold import Folded, Kept
from streams.views.row import CaseRow

_encode_state = msgspec.msgpack.Encoder().encode
_decode_state = msgspec.msgpack.Decoder(CaseRow).decode
_ROW_COLUMNS = tuple(f for f in CaseRow.__struct_fields__ if f != "parties")
_EPOCH = "timestamptz 'epoch'"


AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""Errors of a PostgreSQL that is away, restarting, out of room or busy. COPY raises the driver's own."""
NOT_STORABLE = (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError)
"""Errors of a row that PostgreSQL cannot hold: a time beyond its calendar, a NUL in a text, a number given twice."""


class Moved(Exception):
    """The partition's next offset in PostgreSQL is not the one expected: somebody else wrote, or it was restored."""


class _Target:
    """Names and SQL for writing one table by COPY and upsert."""

    def __init__(self, table: Table, columns: Sequence[str], on_conflict: str) -> None:
        times = {c.name for c in table.columns if isinstance(c.type, DateTime)}
        kinds = ", ".join(f"{c} bigint" if c in times else f"{c} {_sql_type(table, c)}" for c in columns)
        names = ", ".join(columns)
        values = ", ".join(f"{_EPOCH} + {c} * interval '1 microsecond'" if c in times else c for c in columns)
        self.create = f"CREATE TEMP TABLE IF NOT EXISTS new_{table.name} ({kinds}) ON COMMIT DELETE ROWS"
        self.copy = f"COPY new_{table.name} ({names}) FROM STDIN"
        self.merge = f"INSERT INTO {table.name} ({names}) SELECT {values} FROM new_{table.name} {on_conflict}"


def _sql_type(table: Table, column: str) -> str:
    return table.columns[column].type.compile(postgresql.dialect())  # type: ignore[no-untyped-call]


def _upsert(columns: Sequence[str], key: Sequence[str]) -> str:
    changed = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in key)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"


_CASE_COLUMNS = ("case_id", *_ROW_COLUMNS, "partition", "first_offset", "last_offset", "state")
_PARTY_COLUMNS = ("case_id", "org", "role", "status", "dispatched_at", "acknowledged_at", "handed_back_at")
_REFUSAL_COLUMNS = ("fact_id", "case_id", "seq", "claim_type", "rule", "detail", "recorded_at")

_CASES = _Target(tables.cases, _CASE_COLUMNS, _upsert(_CASE_COLUMNS, ("case_id",)))
_PARTIES = _Target(tables.parties, _PARTY_COLUMNS, _upsert(_PARTY_COLUMNS, ("case_id", "org")))
_ALIASES = _Target(tables.aliases, ("system", "number", "case_id"), "ON CONFLICT DO NOTHING")
_REFUSALS = _Target(tables.refusals, _REFUSAL_COLUMNS, "ON CONFLICT DO NOTHING")


def begin_partition(engine: Engine, partition: int, fold_version: str, topic_id: str) -> tuple[int, dict[str, str]]:
    """Next offset of the partition and its broken subjects.

    Rows that another fold version made, or that came from another facts topic, are deleted: the facts are folded again.
    """
    p = tables.partitions
    with engine.begin() as connection:
        found = connection.execute(select(p).where(p.c.partition == partition).with_for_update()).first()
        if found and found.fold_version == fold_version and found.topic_id == topic_id:
            return found.next_offset, dict(found.broken)
        _clear(connection, partition)
        fresh = {"next_offset": 0, "fold_version": fold_version, "topic_id": topic_id, "broken": {}, "watermark": None}
        connection.execute(
            insert(p)
            .values(partition=partition, **fresh)
            .on_conflict_do_update(index_elements=["partition"], set_=fresh)
        )
    return 0, {}


def _clear(connection: Connection, partition: int) -> None:
    mine = select(tables.cases.c.case_id).where(tables.cases.c.partition == partition)
    for table in (tables.parties, tables.aliases, tables.refusals):
        connection.execute(delete(table).where(table.c.case_id.in_(mine)))
    connection.execute(delete(tables.cases).where(tables.cases.c.partition == partition))


def lock_partition(connection: Connection, partition: int, expected: int) -> None:
    """Locks the partition's row for this transaction; raises Moved when its next offset is not `expected`."""
    p = tables.partitions
    found = connection.execute(select(p.c.next_offset).where(p.c.partition == partition).with_for_update()).scalar()
    if found != expected:
        raise Moved(f"partition {partition} of the views stands at {found}, expected {expected}")


def load_rows(connection: Connection, subjects: Iterable[str]) -> dict[str, Kept]:
    """Rows of these subjects as they stand, for the fold to go on from."""
    wanted = list(subjects)
    if not wanted:
        return {}
    c = tables.cases.c
    query = select(c.case_id, c.state, c.first_offset, c.last_offset).where(c.case_id.in_(wanted))
    return {r.case_id: Kept(_decode_state(r.state), r.first_offset, r.last_offset) for r in connection.execute(query)}


def write(connection: Connection, partition: int, folded: Folded) -> None:
    """Writes the rows of a batch and moves the partition on, in the caller's transaction."""
    _write_rows(connection, partition, folded)
    _move(connection, partition, folded)


def write_what_can_be(connection: Connection, partition: int, folded: Folded) -> None:
    """As `write`, where that has failed with NOT_STORABLE: subjects at fault are found by halving and become broken."""
    for subject in _write_halves(connection, partition, folded, list(folded.rows)):
        del folded.rows[subject]
        folded.broken[subject] = "PostgreSQL cannot hold its row"
    folded.watermark = max((kept.row.last_recorded_at for kept in folded.rows.values()), default=0)
    _move(connection, partition, folded)


def _write_halves(connection: Connection, partition: int, folded: Folded, subjects: list[str]) -> list[str]:
    """Writes the rows of these subjects and returns those that could not be written."""
    try:
        with connection.begin_nested():
            _write_rows(connection, partition, _only(folded, set(subjects)))
    except NOT_STORABLE:
        if len(subjects) == 1:
            return subjects
        middle = len(subjects) // 2
        first, second = subjects[:middle], subjects[middle:]
        return [s for half in (first, second) for s in _write_halves(connection, partition, folded, half)]
    return []


def _only(folded: Folded, subjects: set[str]) -> Folded:
    return Folded(
        folded.next_offset,
        {subject: kept for subject, kept in folded.rows.items() if subject in subjects},
        [alias for alias in folded.aliases if alias[2] in subjects],
        [refusal for refusal in folded.refusals if refusal[1] in subjects],
    )


def _write_rows(connection: Connection, partition: int, folded: Folded) -> None:
    cursor = connection.connection.cursor()
    _merge(cursor, _CASES, (_case_values(partition, subject, kept) for subject, kept in folded.rows.items()))
    parties = (party for subject, kept in folded.rows.items() for party in _party_values(subject, kept.row))
    _merge(cursor, _PARTIES, parties)
    _merge(cursor, _ALIASES, iter(folded.aliases))
    _merge(cursor, _REFUSALS, iter(folded.refusals))
    cursor.close()


def _move(connection: Connection, partition: int, folded: Folded) -> None:
    p = tables.partitions
    changes: dict[str, Any] = {"next_offset": folded.next_offset}
    if folded.broken:
        changes["broken"] = p.c.broken.op("||")(folded.broken)
    connection.execute(update(p).where(p.c.partition == partition).values(**changes))
    if folded.watermark:
        connection.exec_driver_sql(
            f"UPDATE partitions SET watermark = {_EPOCH} + %s * interval '1 microsecond' WHERE partition = %s",
            (folded.watermark, partition),
        )


def _merge(cursor: Any, target: _Target, values: Iterable[tuple[Any, ...]]) -> None:
    first = next(iterator := iter(values), None)
    if first is None:
        return
    cursor.execute(target.create)
    with cursor.copy(target.copy) as copy:
        copy.write_row(first)
        for value in iterator:
            copy.write_row(value)
    cursor.execute(target.merge)


def _case_values(partition: int, subject: str, kept: Kept) -> tuple[Any, ...]:
    row = kept.row
    fields = [getattr(row, name) for name in _ROW_COLUMNS]
    fields[_IRREGULAR] = list(row.irregular)
    return (subject, *fields, partition, kept.first_offset, kept.last_offset, _encode_state(row))


_IRREGULAR = _ROW_COLUMNS.index("irregular")


def _party_values(subject: str, row: CaseRow) -> list[tuple[Any, ...]]:
    return [
        (subject, p.org, p.role, p.status, p.dispatched_at, p.acknowledged_at, p.handed_back_at) for p in row.parties
    ]
