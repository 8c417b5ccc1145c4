"""SQL over tables and columns that the department's file names, composed with quoting; nothing here runs anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString, NamedTuple

from psycopg import sql
from psycopg.sql import SQL, Composable, Composed, Identifier

from connectors.exchange.layout import PAYLOAD, Files, InTable, OutTable


def table(name: str) -> Identifier:
    """`schema.table` or `table`."""
    return Identifier(*name.split("."))


def write_order(out: OutTable, columns: Iterable[str]) -> Composed:
    """Insert an order with these columns and its state; answers the serial number, nothing where the key is there."""
    names = [*columns, out.state]
    return SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING RETURNING {}").format(
        table(out.table),
        SQL(", ").join(map(Identifier, names)),
        SQL(", ").join(sql.Placeholder() for _ in names),
        Identifier(out.columns["key"]),
        Identifier(out.serial),
    )


def read_order(out: OutTable) -> Composed:
    """(key) → serial, state, their number of the order."""
    number: Composable = Identifier(out.their_number) if out.their_number else SQL("NULL")
    return SQL("SELECT {}, {}::text, {}::text FROM {} WHERE {} = %s").format(
        Identifier(out.serial), Identifier(out.state), number, table(out.table), Identifier(out.columns["key"])
    )


class Inbox(NamedTuple):
    """The statements of a reader. Times are the database's own: two readers' clocks cannot disagree. A row comes as
    (serial, digest kept, digest now, columns …): the digest is kept while a row is taken and once it is read."""

    fresh: Composed
    """(new, serials that wait, how many) → rows that nobody has, locked; those that others have locked are passed."""
    waiting: Composed
    """(new, serials) → those of the rows that are still nobody's, locked."""
    abandoned: Composed
    """(claimed, own name, seconds) → rows that another reader took so long ago that it must be dead, locked."""
    changed: Composed
    """(read, days) → rows that were read and have another content now, locked."""
    claim: Composed
    """(claimed, name, moment, serials, digests): take these rows."""
    held: Composed
    """(claimed, name) → the rows that this reader has taken and not finished, each with its moment as last column."""
    seen: Composed
    """(read, claimed, read, claimed, serials, digests, messages) → of each: a row before it of the same content, one of
    the same number and another content."""
    finish: Composed
    """(read, serials, states, verdicts, claimed, name): these rows are done."""


_INBOX: tuple[LiteralString, ...] = (
    "SELECT {row} FROM {rows} WHERE {state} = %s AND {serial} <> ALL(%s)"
    " ORDER BY {serial} LIMIT %s FOR UPDATE SKIP LOCKED",
    "SELECT {row} FROM {rows} WHERE {state} = %s AND {serial} = ANY(%s) ORDER BY {serial} FOR UPDATE SKIP LOCKED",
    "SELECT {row} FROM {rows} WHERE {state} = %s AND {by} <> %s"
    " AND {at} < clock_timestamp() - make_interval(secs => %s) ORDER BY {serial} FOR UPDATE SKIP LOCKED",
    "SELECT {row} FROM {rows} WHERE {state} = %s AND {read_at} > clock_timestamp() - make_interval(days => %s)"
    " AND {digest} <> {content} ORDER BY {serial} FOR UPDATE SKIP LOCKED",
    "UPDATE {rows} SET {set_state} = %s, {set_by} = %s, {set_at} = %s, {set_digest} = taken.digest"
    " FROM unnest(%s::bigint[], %s::text[]) AS taken(serial, digest) WHERE {serial} = taken.serial",
    "SELECT {row}, {at} FROM {rows} WHERE {state} = %s AND {by} = %s ORDER BY {at}, {serial}",
    "SELECT taken.serial,"
    " (SELECT min({serial}) FROM {rows} WHERE {digest} = taken.digest AND {serial} <> taken.serial"
    "  AND ({state} = %s OR ({state} = %s AND {serial} < taken.serial))),"
    " (SELECT min({serial}) FROM {rows} WHERE {message}::text = taken.message AND {serial} <> taken.serial"
    "  AND {digest} <> taken.digest AND ({state} = %s OR ({state} = %s AND {serial} < taken.serial)))"
    " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS taken(serial, digest, message)",
    "UPDATE {rows} SET {set_state} = done.state, {set_verdict} = done.verdict, {set_read_at} = clock_timestamp(),"
    " {set_digest} = CASE WHEN done.state = %s THEN {digest} END"
    " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS done(serial, state, verdict)"
    " WHERE {serial} = done.serial AND {state} = %s AND {by} = %s",
)


def inbox(into: InTable) -> Inbox:
    """All statements over their answers."""
    marks = {"state": into.state, "by": into.claimed_by, "at": into.claimed_at, "read_at": into.read_at}
    marks |= {"verdict": into.verdict, "digest": into.digest, "serial": into.serial}
    names: dict[str, Composable] = {
        "rows": SQL("{} AS their").format(table(into.table)),
        "content": content_digest(into),
        "message": _its(into.columns["message"]) if "message" in into.columns else SQL("NULL"),
        **{name: _its(column) for name, column in marks.items()},
        **{f"set_{name}": Identifier(column) for name, column in marks.items()},
    }
    payload = SQL(", ").join(map(_its, payload_columns(into)))
    names["row"] = SQL("{serial}, {digest}::text, {content}, {payload}").format(**names, payload=payload)
    return Inbox(*(SQL(text).format(**names) for text in _INBOX))


def _its(column: str) -> Identifier:
    return Identifier("their", column)


def content_digest(into: InTable) -> Composed:
    """SHA-256 of what a row says, computed where the row is: PAYLOAD, whatever of it the table has."""
    columns = [into.columns[name] for name in PAYLOAD if name in into.columns]
    said = SQL(", ").join(SQL("{}::text").format(_its(column)) for column in columns)
    return SQL("encode(sha256(convert_to(jsonb_build_array({})::text, 'UTF8')), 'hex')").format(said)


def payload_columns(into: InTable) -> list[str]:
    """The columns that are read of a row, in the order in which statements answer them."""
    found = list(into.columns.values())
    found += [into.ready.column] if into.ready else []
    found += [into.checksum.column] if into.checksum else []
    return list(dict.fromkeys(found))


def files(made: Files) -> Composed:
    """(messages) → message, media type, content of each of their files."""
    return SQL(
        "SELECT {row}::text, {type}::text, {content} FROM {table} WHERE {row}::text = ANY(%s) ORDER BY {row}, {name}"
    ).format(
        name=Identifier(made.name),
        type=Identifier(made.media_type),
        content=Identifier(made.content),
        table=table(made.table),
        row=Identifier(made.row),
    )


def write_file(made: Files) -> Composed:
    """(key of the order, name, media type, content)."""
    names = SQL(", ").join(map(Identifier, (made.row, made.name, made.media_type, made.content)))
    return SQL("INSERT INTO {} ({}) VALUES (%s, %s, %s, %s)").format(table(made.table), names)


def refused_orders(out: OutTable) -> Composed:
    """(refused) → serial and key of orders that they refused."""
    return SQL("SELECT {serial}, {key}::text FROM {table} WHERE {state} = %s ORDER BY {serial}").format(
        serial=Identifier(out.serial),
        key=Identifier(out.columns["key"]),
        table=table(out.table),
        state=Identifier(out.state),
    )


def note_refusals(out: OutTable) -> Composed:
    """(noted, serials, refused): that we know of their refusals."""
    return SQL("UPDATE {table} SET {state} = %s WHERE {serial} = ANY(%s) AND {state} = %s").format(
        serial=Identifier(out.serial), table=table(out.table), state=Identifier(out.state)
    )
