"""Rows in PostgreSQL: each batch of facts is one transaction that also moves the partition's next offset."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError

from streams.views import tables
from streams.views.copying import EPOCH, OF_MORE, write_rows
from streams.views.fold import AnyKept, Folded, Kept, KeptSubject
from streams.views.row import CaseRow
from streams.views.subject import SubjectRow

_decode_case = msgspec.msgpack.Decoder(CaseRow).decode
_decode_subject = msgspec.msgpack.Decoder(SubjectRow).decode

AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""Errors of a PostgreSQL that is away, restarting, out of room or busy. COPY raises the driver's own."""
NOT_STORABLE = (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError)
"""Errors of a row that PostgreSQL cannot hold: a time beyond its calendar, a NUL in a text, a number given twice."""


class Moved(Exception):
    """The partition's next offset in PostgreSQL is not the one expected: somebody else wrote, or it was restored."""


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
    others = select(tables.subjects.c.subject_id).where(tables.subjects.c.partition == partition)
    for table in (tables.parties, tables.aliases, tables.refusals, tables.three_cross, tables.clocks, *OF_MORE):
        connection.execute(delete(table).where(table.c.case_id.in_(mine)))
    connection.execute(delete(tables.refusals).where(tables.refusals.c.case_id.in_(others)))
    for table in (tables.cases, tables.subjects):
        connection.execute(delete(table).where(table.c.partition == partition))


def lock_partition(connection: Connection, partition: int, expected: int) -> None:
    """Locks the partition's row for this transaction; raises Moved when its next offset is not `expected`."""
    p = tables.partitions
    found = connection.execute(select(p.c.next_offset).where(p.c.partition == partition).with_for_update()).scalar()
    if found != expected:
        raise Moved(f"partition {partition} of the views stands at {found}, expected {expected}")


def load_cases(connection: Connection, subjects: Iterable[str]) -> dict[str, AnyKept]:
    """Rows of these cases as they stand, for the fold to go on from."""
    c, wanted = tables.cases.c, list(subjects)
    if not wanted:
        return {}
    query = select(c.case_id, c.state, c.first_offset, c.last_offset).where(c.case_id.in_(wanted))
    return {r.case_id: Kept(_decode_case(r.state), r.first_offset, r.last_offset) for r in connection.execute(query)}


def load_others(connection: Connection, subjects: Iterable[str]) -> dict[str, AnyKept]:
    """Rows of these subjects that are no cases."""
    c, wanted = tables.subjects.c, list(subjects)
    if not wanted:
        return {}
    query = select(c.subject_id, c.state, c.first_offset, c.last_offset).where(c.subject_id.in_(wanted))
    return {
        r.subject_id: KeptSubject(_decode_subject(r.state), r.first_offset, r.last_offset)
        for r in connection.execute(query)
    }


def write(connection: Connection, partition: int, folded: Folded) -> None:
    """Writes the rows of a batch and moves the partition on, in the caller's transaction."""
    _write_rows(connection, partition, folded)
    _move(connection, partition, folded)


def write_what_can_be(connection: Connection, partition: int, folded: Folded) -> None:
    """As `write`, where that has failed with NOT_STORABLE: subjects at fault are found by halving and become broken."""
    for subject in _write_halves(connection, partition, folded, [*folded.rows, *folded.subjects]):
        folded.rows.pop(subject, None)
        folded.subjects.pop(subject, None)
        folded.broken[subject] = "PostgreSQL cannot hold its row"
    kept: list[AnyKept] = [*folded.rows.values(), *folded.subjects.values()]
    folded.watermark = max((one.row.last_recorded_at for one in kept), default=0)
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
        subjects={subject: kept for subject, kept in folded.subjects.items() if subject in subjects},
        before=folded.before,
        more=folded.more & subjects,
        crossings={subject: crossing for subject, crossing in folded.crossings.items() if subject in subjects},
        clocks={subject: lines for subject, lines in folded.clocks.items() if subject in subjects},
        centres=folded.centres,
        aliases=[alias for alias in folded.aliases if alias[2] in subjects],
        refusals=[refusal for refusal in folded.refusals if refusal[1] in subjects],
    )


def _write_rows(connection: Connection, partition: int, folded: Folded) -> None:
    cursor = connection.connection.cursor()
    write_rows(cursor, partition, folded)
    cursor.close()


def _move(connection: Connection, partition: int, folded: Folded) -> None:
    p = tables.partitions
    changes: dict[str, Any] = {"next_offset": folded.next_offset}
    if folded.broken:
        changes["broken"] = p.c.broken.op("||")(folded.broken)
    connection.execute(update(p).where(p.c.partition == partition).values(**changes))
    if folded.watermark:
        connection.exec_driver_sql(
            f"UPDATE partitions SET watermark = {EPOCH} + %s * interval '1 microsecond' WHERE partition = %s",
            (folded.watermark, partition),
        )
