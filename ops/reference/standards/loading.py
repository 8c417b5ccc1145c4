"""A workbook as a document of the reference: one version of a standard, each condition an item."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ops.reference.documents import Document
from ops.reference.loading import newest, says_the_same
from ops.reference.problems import BadDocuments, Found, bad
from ops.reference.standards import document, items
from ops.reference.standards.opening import read
from ops.reference.standards.workbook import Reading
from schemas import events
from streams.core.reference import Reference


def read_document(path: Path) -> Document:
    """The document to load. Raises BadDocuments where its standard has no name, or something stops it."""
    book, how, reading = read(path)
    if how.scheme is None or how.version is None:
        lacks = f"{book.stem}.toml beside it has to name scheme and version; ops/docs/reference-data.md tells how"
        raise bad(book, 0, "", lacks)
    if stopping := list(_stopping(book, how, reading)):
        raise BadDocuments(stopping)
    return Document(
        kind="standards",
        name=f"{how.scheme} {how.version}",
        items=tuple(items.item(how.scheme, how.version, one.condition) for one in reading.placed),
        edition=how.version,
        valid_from=None if how.valid_from is None else round(how.valid_from.timestamp() * 1_000_000),
        file=book.name,
        lines=tuple((f"{book.name}, sheet {one.sheet}", one.row) for one in reading.placed),
    )


def _stopping(book: Path, how: document.Document, reading: Reading) -> Iterator[Found]:
    """What keeps the workbook from being loaded."""
    without = {(one.sheet, one.row) for one in reading.without_limit} if how.refused == "load without limit" else set()
    for one in reading.refused:
        if (one.sheet, one.row) not in without:
            yield Found(f"{book.name}, sheet {one.sheet}", one.row, "", f'"{" ".join(one.text.split())}": {one.reason}')


def changed(reference: Reference, of: Document) -> Iterator[Found]:
    """What stands against a document of standards: a version that is known never changes, and is a document alone."""
    named = {f"{item.scheme} {item.version}" for item in of.items if isinstance(item, events.Standard)}
    for name in sorted(named - {of.name}):
        what = f"holds conditions of {name}: one version of a standard is one document, named by scheme and version"
        yield Found(of.file or of.name, 0, "", what)
    known = newest(reference, of) if named else None
    if known is not None and not says_the_same(known, of):
        what = f"standard {of.name} is known with another content or beginning: give the new one another version"
        yield Found(of.file or of.name, 0, "", what)
