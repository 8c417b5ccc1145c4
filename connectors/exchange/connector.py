"""The connector of exchange tables, put together; and what can be seen of the other side without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from psycopg import Connection

from connectors.contract import Made, Surroundings, Undelivered
from connectors.exchange import statements
from connectors.exchange.judging import moment
from connectors.exchange.link import Link, Where
from connectors.exchange.reading import Answers
from connectors.exchange.settings import Exchange
from connectors.exchange.writing import Orders

SERVER_ENCODINGS = ("UTF8", "EUC_CN")
"""Server encodings that are tested. GB18030 is none of PostgreSQL's: it exists towards clients only."""


def make(config: Exchange, around: Surroundings) -> Made:
    """Connects to nothing yet."""
    department = around.department

    def where() -> Where:
        name = f"threecross {department.name}"
        return Where(around.secret(config.dsn), department.zone.key, config.client_encoding, name)

    link = Link(where)
    orders = Orders(config, department.org, department.zone, link, around.clock)
    return Made(
        sink=orders,
        source=Answers(config, around, link),
        check=lambda: list(check(config, around, link)),
        close=link.close,
    )


def check(config: Exchange, around: Surroundings, link: Link) -> Iterator[str]:
    """What is wrong with their database as we see it, a sentence each."""
    try:
        with link.transaction() as c:
            yield from _encoding(c)
            yield from _columns(config, c)
            yield from _clock(config, around, c)
            yield from _old(config, c)
    except Undelivered as wrong:
        yield str(wrong)
    finally:
        link.close()


def _encoding(c: Connection[tuple[Any, ...]]) -> Iterator[str]:
    (encoding,) = c.execute("SELECT current_setting('server_encoding')").fetchone() or ("",)
    if encoding not in SERVER_ENCODINGS:
        yield f"their database is encoded as {encoding}: use {' or '.join(SERVER_ENCODINGS)}"


def _columns(config: Exchange, c: Connection[tuple[Any, ...]]) -> Iterator[str]:
    """Columns that the file names and their tables do not have; a key that is not unique."""
    out, into = config.out, config.into
    written = {*out.columns.values(), *out.constants, out.serial, out.state}
    marks = {into.state, into.claimed_by, into.claimed_at, into.read_at, into.verdict, into.digest, into.serial}
    for table, wanted in ((out.table, written), (into.table, {*statements.payload_columns(into), *marks})):
        there = {row[0] for row in c.execute(_COLUMNS, [_quoted(table)])}
        if not there:
            yield f'their database has no table "{table}", or does not show it to us'
        elif missing := sorted(wanted - there):
            yield f'their table "{table}" has no column "{missing[0]}"'
    if not c.execute(_UNIQUE, [_quoted(out.table), out.columns["key"]]).fetchone():
        yield f'their column "{out.columns["key"]}" is not unique: orders could be written twice'


def _clock(config: Exchange, around: Surroundings, c: Connection[tuple[Any, ...]]) -> Iterator[str]:
    before = around.clock()
    (theirs,) = c.execute("SELECT clock_timestamp()").fetchone() or (None,)
    assert isinstance(theirs, datetime)  # a SELECT without FROM answers one row
    away = (moment(theirs, around.department.zone) - (before + around.clock()) // 2) / 1_000_000
    if abs(away) > config.skew_seconds:
        yield f"their clock is {abs(away):.0f} s {'ahead of' if away > 0 else 'behind'} ours: set one of them right"


def _old(config: Exchange, c: Connection[tuple[Any, ...]]) -> Iterator[str]:
    """Rows that others hold in a transaction of theirs for longer than a half-written row may wait."""
    row = c.execute(_LOCKED, [_quoted(config.into.table), config.patience_seconds]).fetchone()
    if row and row[0]:
        waits = f"longer than {config.patience_seconds:.0f} s"
        yield f'{row[0]} transactions of theirs hold "{config.into.table}" for {waits}: rows in them wait'


def _quoted(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
_UNIQUE = (
    "SELECT 1 FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
    " WHERE indrelid = to_regclass(%s) AND indisunique AND indnkeyatts = 1 AND indpred IS NULL AND attname = %s"
)
_LOCKED = (
    "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE relation = to_regclass(%s) AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
    " AND xact_start < clock_timestamp() - make_interval(secs => %s)"
)
