"""Engines for PostgreSQL (psycopg 3). One DSN serves several hubs: each has a schema of its own, on the search path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy
from psycopg.conninfo import conninfo_to_dict

_SCHEMA = re.compile(r"(?!pg_|public$|information_schema$)[a-z][a-z0-9_]{0,62}")
CONNECT_SECONDS = 10
STATEMENT_SECONDS = 60
LOCK_SECONDS = 30
IDLE_SECONDS = 60


class DatabaseProblem(Exception):
    """PostgreSQL cannot be used as asked; the text is one sentence for the user."""


def engine(
    dsn: str,
    sql_schema: str,
    *,
    application: str = "threecross",
    pool: int = 4,
    statement_seconds: int = STATEMENT_SECONDS,
) -> sqlalchemy.Engine:
    """An engine whose every connection sees the tables of `sql_schema` only. Nothing is connected yet.

    `dsn` is a libpq connection string, as a URL or as key=value. A pool holds `pool` connections and lends as many
    more for a while; a connection that died with a server is replaced when it is next taken. Statements end after
    `statement_seconds` (0: never). Parameters never appear in error texts, since they may be personal.
    Raises DatabaseProblem for a DSN or a schema name that cannot be used.
    """
    return sqlalchemy.create_engine(
        "postgresql+psycopg://",
        connect_args=arguments(dsn, sql_schema, application, statement_seconds),
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=30,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def arguments(dsn: str, sql_schema: str, application: str, statement_seconds: int) -> dict[str, Any]:
    """Arguments of psycopg.connect; options already in the DSN stay."""
    check_schema(sql_schema)
    given = parameters(dsn)
    settings = {
        "search_path": sql_schema,
        "timezone": "UTC",
        "statement_timeout": f"{statement_seconds}s",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    }
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    given["options"] = f"{given.get('options') or ''} {ours}".strip()
    return {"connect_timeout": CONNECT_SECONDS, "application_name": application} | given


def parameters(dsn: str) -> dict[str, Any]:
    """The DSN as a dictionary. Raises DatabaseProblem without repeating it: it may hold a password."""
    try:
        return dict(conninfo_to_dict(dsn.replace("postgresql+psycopg://", "postgresql://", 1)))
    except psycopg.ProgrammingError:
        raise DatabaseProblem("The DSN cannot be read; use postgresql://user@host:port/database.") from None


def check_schema(sql_schema: str) -> None:
    """Raises DatabaseProblem for a name that is no plain identifier or belongs to PostgreSQL."""
    if not _SCHEMA.fullmatch(sql_schema):
        raise DatabaseProblem(f"The SQL schema {sql_schema!r} cannot be used; use another namespace.")


@contextmanager
def plain_errors(dsn: str) -> Iterator[None]:
    """Turns the errors of servers and drivers into one sentence that says where, without the password."""
    try:
        yield
    except (psycopg.Error, sqlalchemy.exc.DBAPIError) as error:
        cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
        first = str(cause).strip().splitlines() or ["no reason given"]
        raise DatabaseProblem(f"PostgreSQL at {place(dsn)} cannot be used: {first[0]}") from None


def place(dsn: str) -> str:
    """host:port/database of a DSN, for messages."""
    given = parameters(dsn)
    where = given.get("host") or "the default socket"
    return f"{where}:{given.get('port') or 5432}/{given.get('dbname') or given.get('user') or ''}"
