"""A workbook and the document beside it, opened and read; nothing heavy is loaded for it."""

from __future__ import annotations

from pathlib import Path

from ops.reference.problems import bad
from ops.reference.standards import cells, document, workbook
from ops.reference.standards.workbook import Reading


def read(path: Path) -> tuple[Path, document.Document, Reading]:
    """A workbook, the document that tells how to read it, what it says; `path` names either. Raises BadDocuments."""
    try:
        how, book = _files(path)
        if not book.is_file():
            raise bad(path, 0, "", f"there is no workbook {book.name} beside it" if book != path else "no such file")
        return book, how, workbook.read(book, how)
    except (document.DocumentProblem, cells.NotAWorkbook) as wrong:
        raise bad(path, 0, "", str(wrong)) from None


def _files(path: Path) -> tuple[document.Document, Path]:
    if path.suffix == ".toml":
        how = document.load(path)
        return how, path.parent / (how.workbook or f"{path.stem}.xlsx")
    beside = document.beside(path)
    return document.load(beside) if beside else document.default(), path
