"""Bringing a schema up to date, and dropping it. Of several processes that try at once one works, the others wait."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import Connection

from connectors.intake.tables import metadata as intake
from connectors.open311.tables import metadata as open311
from connectors.tables import metadata as connectors
from ops.database.engine import check_schema, engine, parameters, plain_errors
from ops.vault.tables import metadata as vault
from streams.links.tables import metadata as links
from streams.views.tables import metadata as views

if TYPE_CHECKING:
    from alembic.config import Config

TABLES = [views, links, connectors, open311, intake, vault]
"""Every table of a hub: what the migrations must amount to."""

WAIT_SECONDS = 120


def configuration() -> Config:
    """Alembic's configuration; the connection is passed in `attributes`."""
    from alembic.config import Config  # Alembic is loaded where it is used: every process of the hub starts sooner

    config = Config()
    config.set_main_option("script_location", "ops.database:migrations")
    return config


def migrate(dsn: str, sql_schema: str) -> None:
    """Create the schema where it is missing and run the migrations that it has not seen.

    Raises DatabaseProblem when the server, the rights or the waiting time (120 s) do not allow it.
    """
    from alembic import command

    with plain_errors(dsn), _alone(dsn, sql_schema) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(sql_schema)))
        bound = engine(dsn, sql_schema, application="threecross migrate", pool=1, statement_seconds=0)
        try:
            with bound.begin() as c:
                config = configuration()
                config.attributes["connection"] = c
                command.upgrade(config, "head")
        finally:
            bound.dispose()


def is_current(c: Connection) -> bool:
    """Whether the schema of this connection has seen every migration."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    return MigrationContext.configure(c).get_current_revision() == newest


def drop_namespace(dsn: str, sql_schema: str) -> None:
    """Drop the schema with all that is in it: views, connectors' memory and the vault. Nothing brings it back."""
    with plain_errors(dsn), _alone(dsn, sql_schema) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(sql_schema)))


@contextmanager
def _alone(dsn: str, sql_schema: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of its own that holds the schema's advisory lock until it is closed."""
    check_schema(sql_schema)
    with psycopg.connect(**{"connect_timeout": 10} | parameters(dsn), autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
        connection.execute("SELECT pg_advisory_lock(%s)", (_lock_number(sql_schema),))
        yield connection


def _lock_number(sql_schema: str) -> int:
    return zlib.crc32(f"threecross migrate {sql_schema}".encode())
