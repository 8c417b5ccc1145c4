"""What a connector notes for itself: keys and JSON values, in PostgreSQL beside its claims.

Only what may be lost for a moment is noted here: it is written behind the claims that it follows from, and whoever was
killed between the two is told the same again, which leads to the same claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from connectors.tables import connector_notes as table


class Notes(Protocol):
    """Keys and values; any thread may read and write."""

    def get(self, key: str) -> Any:
        """The value noted under a key; None: there is none."""
        ...

    def under(self, prefix: str) -> dict[str, Any]:
        """Values by their keys that begin with a prefix, without it; none where the value is None."""
        ...

    def put(self, notes: Mapping[str, Any]) -> None:
        """Note several values at once: all or none of them survive."""
        ...


class Notebook:
    """The notes of one connector."""

    def __init__(self, engine: Engine, connector: str) -> None:
        self._engine, self._connector = engine, connector

    def get(self, key: str) -> Any:
        query = select(table.c.value).where(table.c.connector == self._connector, table.c.key == key)
        with self._engine.begin() as c:
            return c.scalar(query)

    def under(self, prefix: str) -> dict[str, Any]:
        query = select(table.c.key, table.c.value).where(
            table.c.connector == self._connector, table.c.key.startswith(prefix, autoescape=True)
        )
        with self._engine.begin() as c:
            return {row.key.removeprefix(prefix): row.value for row in c.execute(query) if row.value is not None}

    def put(self, notes: Mapping[str, Any]) -> None:
        made = insert(table).values([{"connector": self._connector, "key": k, "value": v} for k, v in notes.items()])
        changed = {"value": made.excluded.value, "at": func.now()}
        with self._engine.begin() as c:
            c.execute(made.on_conflict_do_update(index_elements=["connector", "key"], set_=changed))
