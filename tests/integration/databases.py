"""A PostgreSQL of its own, and a migrated schema for each test that asks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from ops.database import drop_namespace, engine, migrate
from ops.embedded.postgres import EmbeddedPostgres


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """A running server's DSN."""
    with EmbeddedPostgres(directory, fsync=False) as running:
        running.wait_ready()
        yield running.dsn


@contextmanager
def fresh(dsn: str) -> Iterator[Engine]:
    """An engine on a new, migrated schema, dropped afterwards."""
    schema = f"t{secrets.token_hex(6)}"
    migrate(dsn, schema)
    made = engine(dsn, schema)
    try:
        yield made
    finally:
        made.dispose()
        drop_namespace(dsn, schema)
