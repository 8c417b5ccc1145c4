"""What is wrong with documents, each by file, line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """One complaint. `line` from 1, 0: the file as a whole; `column` is a column's or key's name. A `warning` does not
    keep the document from being loaded."""

    file: str
    line: int
    column: str
    what: str
    warning: bool = False

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}, {self.column}: {self.what}" if self.column else f"{where}: {self.what}"


class BadDocuments(ValueError):
    """Documents that cannot be loaded; nothing of them was."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__("\n".join(map(str, found)))
        self.found = tuple(found)


def bad(path: Path, line: int, column: str, what: str) -> BadDocuments:
    """One complaint as an error."""
    return BadDocuments([Found(path.name, line, column, what)])
