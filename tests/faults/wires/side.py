"""What a storm needs of a department: a program of its own that can be made to fail, and whose book can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from tests.faults.wires.books import Book, Reading


class Known(Protocol):
    """A program on the other side whose book can be read."""

    @property
    def name(self) -> str: ...

    @property
    def reading(self) -> Reading: ...

    def moved(self, hub: str) -> None:
        """The hub's connectors are at this URL now."""
        ...

    def idle(self) -> bool:
        """Whether there is nothing that it still has to do or to say."""
        ...

    def book(self) -> Book: ...


class Side(Known, Protocol):
    """One department. `faults`: kinds that it can be asked for; `silent`: the one of them with which it takes what it
    is told and does not answer in time, where there is one."""

    @property
    def faults(self) -> Sequence[str]: ...

    @property
    def silent(self) -> str | None: ...

    def fault(self, kind: str, times: int) -> None:
        """It happens so many times from now on."""
        ...

    def down(self) -> None: ...

    def up(self) -> None: ...

    def calm(self) -> None:
        """No more faults."""
        ...

    def took(self, case: str) -> bool:
        """Whether its own database has this case."""
        ...


def rows(database: Path, query: str, *values: Any) -> list[dict[str, Any]]:
    """What a department's own SQLite file holds; the department goes on writing meanwhile."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as c:
        c.row_factory = sqlite3.Row
        return [dict(row) for row in c.execute(query, values)]
