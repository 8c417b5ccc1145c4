"""Files that are imported as a whole: their rows, and what may be wrong with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from connectors.contract.claims import Draft, Refused


class BadFile(Refused):
    """The file as a whole cannot be trusted. Nothing of it has been sent."""


class BadMapping(Refused):
    """A file in departments/ says something that the loader does not understand."""


class BadRow(Exception):
    """One row cannot become claims. `value` may be personal: show it to whoever has the file, never log it."""

    def __init__(self, line: int, column: str | None, value: str | None, reason: str, raw: bytes = b"") -> None:
        super().__init__(line, column, value, reason)
        self.line = line
        self.column = column
        self.value = value
        self.reason = reason
        self.raw = raw

    def __str__(self) -> str:
        where = f"line {self.line}" + (f', column "{self.column}"' if self.column else "")
        if self.value is None:
            return f"{where}: {self.reason}"
        shown = self.value if len(self.value) <= 40 else self.value[:39] + "…"
        return f'{where}: "{shown}" {self.reason}'

    def without_value(self) -> str:
        """The same without the value: fit for logs and dead letters."""
        where = f"line {self.line}" + (f', column "{self.column}"' if self.column else "")
        return f"{where}: a value that {self.reason}" if self.value is not None else f"{where}: {self.reason}"


class Row(NamedTuple):
    """One row of a source: where it stands, its values in the order of the source's columns, its bytes as they came."""

    line: int
    values: list[str]
    raw: bytes = b""


Translate = Callable[[Row, str], list[Draft]]
"""(row, the source's own number or its alias) → drafts in the order in which they happened. Raises BadRow."""


class Rows(Protocol):
    """Transport: rows of another system, each with the position behind it."""

    name: str

    def read(self, position: int) -> Iterator[tuple[Row | BadRow, int]]:
        """Rows behind `position` (0: from the start). A row that is wrong alone comes as BadRow; raises Refused where
        the source as a whole cannot be trusted."""
        ...
