"""Sheets as they come: XLSX, or CSV in UTF-8 or GB18030; the row of headings is found by its names."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

LARGEST = 32 << 20
HEADINGS_WITHIN = 15
"""The headings stand in one of the first so many rows; titles and notes may stand above them."""
_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class BadSheet(Exception):
    """The file as a whole cannot be read; one sentence without its content. Nothing of it is taken."""


class Row(NamedTuple):
    """One row: where it stands, as people count; its cells by their heading; which of them lie in a merged area."""

    number: int
    cells: dict[str, Any]
    merged: tuple[str, ...] = ()


class Sheet(NamedTuple):
    """The rows below the headings. `encoding` is None for XLSX."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str | None


def read(name: str, content: bytes, wanted: Collection[Collection[str]]) -> Sheet:
    """A sheet from the bytes of its file. `wanted`: for each column that must be there, the names that it may have.
    Raises BadSheet."""
    if len(content) > LARGEST:
        raise BadSheet(f"it is larger than {LARGEST >> 20} MB: export fewer orders at once")
    if name.lower().endswith(".csv"):
        encoding, grid = _csv(content)
        return _sheet(grid, set(), wanted, encoding)
    for grid, areas in _workbook(content):
        if _headings(grid, wanted) is not None:
            return _sheet(grid, areas, wanted, None)
    raise BadSheet(_no_headings(wanted))


def _workbook(content: bytes) -> Iterator[tuple[list[list[Any]], set[tuple[int, int]]]]:
    """Visible sheets: cells, and which of them lie in a merged area."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for about in book.sheets_metadata:
            if about.typ is SheetTypeEnum.WorkSheet and about.visible is SheetVisibleEnum.Visible:
                sheet = book.get_sheet_by_name(about.name)
                areas = sheet.merged_cell_ranges or []
                merged = {
                    (row, column)
                    for (top, left), (bottom, right) in areas
                    for row in range(top, bottom + 1)
                    for column in range(left, right + 1)
                }
                yield sheet.to_python(skip_empty_area=False), merged
    except CalamineError:
        raise BadSheet("it cannot be read as a workbook: save it as .xlsx again") from None


def _csv(content: bytes) -> tuple[str, list[list[Any]]]:
    for bom, name in _OTHER_BOMS.items():
        if content.startswith(bom):
            raise BadSheet(f"it is {name}: save it as CSV in UTF-8 or GB18030")
    encoding = _encoding(content)
    text = content.decode(encoding)
    if "\0" in text:
        raise BadSheet("it holds zero bytes, so it is damaged or no CSV file")
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;，", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as wrong:
        raise BadSheet(f"it is no CSV file ({wrong}): export it again") from None
    return encoding, [list(row) for row in rows]


def _encoding(content: bytes) -> str:
    """UTF-8 where it is UTF-8, marked or not; GB18030 otherwise."""
    if content.startswith(_BOM):
        return "utf-8-sig"
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadSheet("it is neither UTF-8 nor GB18030, or ends inside a character: export it again")


def _sheet(
    grid: list[list[Any]], merged: set[tuple[int, int]], wanted: Collection[Collection[str]], encoding: str | None
) -> Sheet:
    at = _headings(grid, wanted)
    if at is None:
        raise BadSheet(_no_headings(wanted))
    headings = [_name(cell) for cell in grid[at]]
    twice = sorted({name for name in headings if name and headings.count(name) > 1})
    if twice:
        raise BadSheet(f'the heading "{twice[0]}" stands twice: name each column once')
    rows = []
    for number, cells in enumerate(grid[at + 1 :], at + 1):
        if any(_name(cell) for cell in cells):
            named = {name: cell for name, cell in zip(headings, cells, strict=False) if name}
            odd = tuple(name for column, name in enumerate(headings) if name and (number, column) in merged)
            rows.append(Row(number + 1, named, odd))
    return Sheet(tuple(name for name in headings if name), tuple(rows), encoding)


def _headings(grid: Sequence[Sequence[Any]], wanted: Collection[Collection[str]]) -> int | None:
    """Index of the row that has a name of every column that must be there."""
    for index, row in enumerate(grid[:HEADINGS_WITHIN]):
        names = {_name(cell) for cell in row}
        if all(not names.isdisjoint(known) for known in wanted):
            return index
    return None


def _name(cell: Any) -> str:
    """A heading as it is compared: without white space; line breaks in headings are common."""
    return "".join(str(cell).split()) if cell is not None else ""


def _no_headings(wanted: Collection[Collection[str]]) -> str:
    names = ", ".join("/".join(known) for known in wanted)
    return f"none of its first {HEADINGS_WITHIN} rows has the headings {names}"
