"""The line to their database: a connection for each thread, made anew after a fault; what faults mean for us."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, errors

from connectors.contract import BadData, Busy, Down, Undelivered

_CONNECT_SECONDS = 5
_STATEMENT_MS = 20_000
_LOCK_MS = 5_000

_DATA_CLASSES = ("22", "23")
"""SQLSTATE: data exceptions and broken constraints. The same row will never be taken."""

_BUSY_CLASSES = ("40", "53", "55", "57014")
"""Serialisation, resources, locks, cancelled by a limit of time. Later it may well work."""


class Where(NamedTuple):
    """Address of their database, and how to speak there. `zone` gives times without offset their meaning."""

    dsn: str
    zone: str
    client_encoding: str = "UTF8"
    name: str = "threecross"


class Link:
    """Transactions in their database, whose address is asked for with each connection: its password may change.

    Raises Undelivered: BadData, Busy or Down."""

    def __init__(self, where: Callable[[], Where]) -> None:
        self._where = where
        self._own = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """A transaction; a fault ends it and, where the line may be at fault, the connection."""
        try:
            connection = self._connection()
            with connection.transaction():
                yield connection
        except psycopg.Error as wrong:
            if not isinstance(wrong, errors.DataError | errors.IntegrityError):
                self.close()
            raise meaning(wrong) from None

    def close(self) -> None:
        """Close this thread's connection; the next transaction makes another."""
        connection: Connection[tuple[Any, ...]] | None = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _connection(self) -> Connection[tuple[Any, ...]]:
        kept: Connection[tuple[Any, ...]] | None = getattr(self._own, "connection", None)
        if kept is not None and not kept.closed:
            return kept
        where = self._where()
        try:
            made = _connected(where)
        except psycopg.ProgrammingError:  # its text may repeat the address, password and all
            raise Down("the address of their database cannot be read: write it as postgresql://…") from None
        except psycopg.OperationalError as wrong:
            why = str(wrong).strip().splitlines()[-1]
            raise Down(f"their database cannot be reached: {why}") from None
        self._own.connection = made
        return made


def _connected(where: Where) -> Connection[tuple[Any, ...]]:
    return psycopg.connect(
        where.dsn,
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
        client_encoding=where.client_encoding,
        application_name=where.name,
        options=f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={_LOCK_MS}"
        f" -c timezone={where.zone} -c datestyle=ISO",
    )


def meaning(wrong: psycopg.Error) -> Undelivered:
    """What a fault of their database means for a delivery. Its own text may hold values of the row: it is not told."""
    state = wrong.sqlstate or ""
    if state.startswith(_DATA_CLASSES) or (not state and isinstance(wrong, errors.DataError)):
        return BadData(f"their database does not take the row: {_told(wrong)}{_of_column(wrong)}")
    if state.startswith(_BUSY_CLASSES):
        return Busy(f"their database is busy: {_told(wrong)}")
    if state.startswith(("42", "3F", "28", "3D")):
        return Down(f"their database does not let us: {_told(wrong)}; compare the department's file with their tables")
    return Down(f"their database has gone: {_told(wrong) if state else 'the connection is lost'}")


def _told(wrong: psycopg.Error) -> str:
    name = type(wrong).__name__
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
    return f"{words} ({wrong.sqlstate})" if wrong.sqlstate else words


def _of_column(wrong: psycopg.Error) -> str:
    column = wrong.diag.column_name
    return f', column "{column}"' if column else ""
