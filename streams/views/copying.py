"""Rows on their way into PostgreSQL: binary COPY into a temporary table, from there one statement for all of them.

Times travel as UTC µs and become timestamps in the database, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import astuple
from sqlalchemy import ARRAY, Boolean, Column, DateTime, Double, Integer, LargeBinary, Table, Uuid
from sqlalchemy.dialects import postgresql

from streams.core.authority import Stage
from streams.core.blocking import by_parties_alone, sentence
from streams.core.case import Case, Party
from streams.views import tables
from streams.views.fold import ClockLine, Crossing, Folded, Kept, KeptSubject
from streams.views.judging import ends_of
from streams.views.more import More
from streams.views.row import CaseRow, PartyRow
from streams.views.shape import NOT_COLUMNS
from streams.views.subject import SubjectRow

_encode_state = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder().encode
_ROW_COLUMNS = CaseRow.__struct_fields__[: -len(NOT_COLUMNS)]
EPOCH = "timestamptz 'epoch'"


class _Target:
    """Names, types and SQL for writing one table by COPY and upsert."""

    def __init__(self, table: Table, columns: Sequence[str], on_conflict: str) -> None:
        self.types = [_travelling(table.columns[c]) for c in columns]
        kinds = ", ".join(f"{c} {kind}" for c, kind in zip(columns, self.types, strict=True))
        names = ", ".join(columns)
        values = ", ".join(_arrived(table.columns[c]) for c in columns)
        self.create = f"CREATE TEMP TABLE IF NOT EXISTS new_{table.name} ({kinds}) ON COMMIT DELETE ROWS"
        self.copy = f"COPY new_{table.name} ({names}) FROM STDIN (FORMAT BINARY)"
        self.merge = f"INSERT INTO {table.name} ({names}) SELECT {values} FROM new_{table.name} {on_conflict}"


def _travelling(column: Column[Any]) -> str:
    """The type in which values of a column travel: what has no plain binary form does so as text."""
    match column.type:
        case DateTime() | Integer():
            return "int8"
        case Double():
            return "float8"
        case Boolean():
            return "bool"
        case LargeBinary():
            return "bytea"
        case _:
            return "text"


def _arrived(column: Column[Any]) -> str:
    """SQL for the value of a column, from what has travelled."""
    match column.type:
        case DateTime():
            return f"{EPOCH} + {column.name} * interval '1 microsecond'"
        case Uuid() | ARRAY() | postgresql.JSONB():
            return f"{column.name}::{column.type.compile(postgresql.dialect())}"  # type: ignore[no-untyped-call]
        case _:
            return column.name


def _upsert(columns: Sequence[str], key: Sequence[str]) -> str:
    changed = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in key)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"


_CASE_COLUMNS = ("case_id", *_ROW_COLUMNS, "centre", "blocks", "partition", "first_offset", "last_offset", "state")
_PARTY_COLUMNS = ("case_id", *PartyRow.__struct_fields__)
_SUBJECT_COLUMNS = ("subject_id", *SubjectRow.__struct_fields__, "partition", "first_offset", "last_offset", "state")
_REFUSAL_COLUMNS = ("fact_id", "case_id", "seq", "claim_type", "rule", "detail", "recorded_at")

_CASES = _Target(tables.cases, _CASE_COLUMNS, _upsert(_CASE_COLUMNS, ("case_id",)))
_PARTIES = _Target(tables.parties, _PARTY_COLUMNS, _upsert(_PARTY_COLUMNS, ("case_id", "org")))
_ALIASES = _Target(tables.aliases, ("system", "number", "case_id"), "ON CONFLICT DO NOTHING")
_REFUSALS = _Target(tables.refusals, _REFUSAL_COLUMNS, "ON CONFLICT DO NOTHING")
_SUBJECTS = _Target(tables.subjects, _SUBJECT_COLUMNS, _upsert(_SUBJECT_COLUMNS, ("subject_id",)))
_SUMMONS = _Target(tables.summons, ("case_id", "org", "called_at", "due_at", "reported_in_at"), "")
_LINKS = _Target(tables.case_links, ("case_id", "other", "kind", "since"), "")
_MEMBERS = _Target(tables.group_members, ("group_id", "case_id"), "")
_THREE_CROSS_COLUMNS = ("case_id", *Crossing.__struct_fields__)
_THREE_CROSS = _Target(tables.three_cross, _THREE_CROSS_COLUMNS, _upsert(_THREE_CROSS_COLUMNS, ("case_id",)))

_CLOCKS = _Target(tables.clocks, ("case_id", *ClockLine.__struct_fields__), "")

OF_MORE = (tables.summons, tables.case_links, tables.group_members)
"""Tables whose rows are written anew when something changes that only some cases have."""


def write_rows(cursor: Any, partition: int, folded: Folded) -> None:
    """Everything that a batch has led to, in the transaction of this psycopg cursor."""
    _forget(cursor, folded)
    rows, clocks = folded.rows, folded.clocks.items()
    parties = (party for subject, kept in rows.items() for party in _party_values(subject, kept.row, folded))
    _merge(cursor, _CASES, (_case_values(partition, subject, kept, folded) for subject, kept in rows.items()))
    _merge(cursor, _PARTIES, parties)
    _merge(cursor, _ALIASES, iter(folded.aliases))
    _merge(cursor, _REFUSALS, iter(folded.refusals))
    _merge(cursor, _SUBJECTS, (_subject_values(partition, *one) for one in folded.subjects.items()))
    having = [(subject, more) for subject in folded.more & rows.keys() if (more := rows[subject].row.more)]
    _merge(cursor, _SUMMONS, (one for subject, more in having for one in _summons_values(subject, more)))
    _merge(cursor, _LINKS, ((subject, k.other, k.kind, k.at) for subject, more in having for k in more.links))
    _merge(cursor, _THREE_CROSS, (_crossing_values(*one) for one in folded.crossings.items()))
    _merge(cursor, _CLOCKS, (line for subject, lines in clocks for line in _clock_values(subject, lines)))
    _merge(cursor, _MEMBERS, ((group, subject) for subject, more in having for group in more.groups))


def _forget(cursor: Any, folded: Folded) -> None:
    """What the rows of this batch replace as a whole, not line by line."""
    if folded.clocks:
        cursor.execute("DELETE FROM clocks WHERE case_id = ANY(%s)", (list(folded.clocks),))
    if folded.more:
        for table in OF_MORE:
            cursor.execute(f"DELETE FROM {table.name} WHERE case_id = ANY(%s)", (list(folded.more),))


def _merge(cursor: Any, target: _Target, values: Iterable[tuple[Any, ...]]) -> None:
    first = next(iterator := iter(values), None)
    if first is None:
        return
    cursor.execute(target.create)
    with cursor.copy(target.copy) as copy:
        copy.set_types(target.types)
        copy.write_row(first)
        for value in iterator:
            copy.write_row(value)
    cursor.execute(target.merge)


_IRREGULAR = _ROW_COLUMNS.index("irregular")
_MORE = _ROW_COLUMNS.index("more")
_YELLOW, _DUE = _ROW_COLUMNS.index("yellow_at"), _ROW_COLUMNS.index("due_at")


def _case_values(partition: int, subject: str, kept: Kept, folded: Folded) -> tuple[Any, ...]:
    row = kept.row
    fields = list(astuple(row)[: len(_ROW_COLUMNS)])
    fields[_IRREGULAR] = _array(row.irregular) if row.irregular else "{}"
    if row.more is not None:
        fields[_MORE] = _encode_json(row.more).decode()
    if row.due_at is None and (lines := folded.clocks.get(subject)):
        fields[_YELLOW], fields[_DUE] = ends_of(lines, "closure")
    centre = row.bearing.centre or folded.centres.get(subject)
    return (subject, *fields, centre, _blocks(row), partition, kept.first_offset, kept.last_offset, _encode_state(row))


def _array(words: Iterable[str]) -> str:
    """PostgreSQL's text of an array of texts; in quotes only backslash and quote mean something."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"


def _blocks(row: CaseRow) -> str | None:
    """What blocks the closing; None where the case has ended."""
    case = row.case
    if case.ended:
        return None
    return _plainly(case.stage, case.parties) if by_parties_alone(case) else sentence(case, row.last_recorded_at)


@lru_cache(maxsize=10_000)
def _plainly(stage: Stage, parties: tuple[Party, ...]) -> str:
    """What blocks a case without particulars: many have the same parties at the same stage."""
    return sentence(Case(stage=stage, parties=parties), 0)


def _party_values(subject: str, row: CaseRow, folded: Folded) -> list[tuple[Any, ...]]:
    """The parties that this batch has changed, and those whose end a clock of their own tells."""
    before, lines = folded.before.get(subject, ()), folded.clocks.get(subject)
    if not lines:
        return [(subject, *astuple(party)) for party in row.parties if party not in before]
    timed = {line.party for line in lines}
    found = [party for party in row.parties if party.org in timed or party not in before]
    return [(subject, *astuple(_with_clock(party, lines))) for party in found]


def _with_clock(party: PartyRow, lines: tuple[ClockLine, ...]) -> PartyRow:
    """The party with the ends of its own clock, which knows of promises, extensions and pauses."""
    yellow, due = ends_of(lines, "disposal", party.org)
    return msgspec.structs.replace(party, yellow_at=yellow, due_at=due) if due is not None else party


def _subject_values(partition: int, subject: str, kept: KeptSubject) -> tuple[Any, ...]:
    row = kept.row
    state = _encode_state(row)
    return (subject, *astuple(row), partition, kept.first_offset, kept.last_offset, state)


def _summons_values(subject: str, more: More) -> list[tuple[Any, ...]]:
    return [(subject, s.org, s.at if s.called else None, s.due_at, s.reported_in_at) for s in more.summons]


def _crossing_values(subject: str, crossing: Crossing) -> tuple[Any, ...]:
    *parts, why = astuple(crossing)
    return (subject, *parts, _encode_json(why).decode())


def _clock_values(subject: str, lines: tuple[ClockLine, ...]) -> list[tuple[Any, ...]]:
    return [(subject, *astuple(line)) for line in lines]
