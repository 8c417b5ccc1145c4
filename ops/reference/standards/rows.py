"""Rows of a sheet that hold a filing condition; what stands outside of any is a note, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from ops.reference.standards.cells import Cell, Sheet
from ops.reference.standards.document import Columns, Layout

HEADINGS_WITHIN = 20
"""Rows of titles above the headings; beyond these no headings are looked for."""

FIELDS = tuple(field.name for field in msgspec.structs.fields(Columns))
SPACE = re.compile(r"\s+")


class Refusal(NamedTuple):
    """What was not understood: where, what stands there, why."""

    sheet: str
    row: int
    text: str
    reason: str


class Note(NamedTuple):
    """A remark outside of any condition, or what was not read."""

    sheet: str
    row: int
    text: str


class Row(NamedTuple):
    """One condition's cells by the keys of their columns; `torn`: a text and why it is one too many for a condition."""

    sheet: str
    number: int
    cells: dict[str, Cell]
    torn: tuple[str, str] | None


class Headings(NamedTuple):
    """Where the headings stand: the row, and the column of each field."""

    row: int
    columns: dict[str, int]


def read(sheet: Sheet, layout: Layout) -> Iterator[Row | Refusal | Note]:
    """Everything below the headings, in order."""
    headings = _headings(sheet, layout.columns)
    if isinstance(headings, Refusal):
        yield headings
        return
    yield from _unread(sheet, headings)
    above: Row | None = None
    for number in range(headings.row + 1, sheet.rows + 1):
        found = _row(sheet, number, headings, layout)
        if isinstance(found, Row):
            found = above = _with_class(found, above) if layout.blank_class == "as above" else found
        if found is not None:
            yield found


def _headings(sheet: Sheet, columns: Columns) -> Headings | Refusal:
    wanted = {getattr(columns, field): field for field in FIELDS}
    best, lacking = 1, list(wanted)
    for row in range(1, min(sheet.rows, HEADINGS_WITHIN) + 1):
        texts = {SPACE.sub("", sheet.cell(row, column).text): column for column in range(sheet.columns, 0, -1)}
        missing = [heading for heading in wanted if heading not in texts]
        if not missing:
            return Headings(row, {field: texts[heading] for heading, field in wanted.items()})
        if len(missing) < len(lacking):
            best, lacking = row, missing
    return Refusal(sheet.name, best, "、".join(lacking), "no such headings, so nothing of this sheet is read")


def _unread(sheet: Sheet, headings: Headings) -> Iterator[Note]:
    for column in set(range(1, sheet.columns + 1)) - set(headings.columns.values()):
        if text := sheet.cell(headings.row, column).text:
            yield Note(sheet.name, headings.row, f'column "{text}" is not read')


def _row(sheet: Sheet, number: int, headings: Headings, layout: Layout) -> Row | Refusal | Note | None:
    cells = {field: sheet.cell(number, column) for field, column in headings.columns.items()}
    filing = cells["filing"]
    if filing.text and filing.top < number:
        return None  # of the condition above, whose row looks down here
    if SPACE.sub("", filing.text) == layout.columns.filing:
        return None  # headings repeated, as on a new page
    if filing.text:
        return Row(sheet.name, number, cells, _torn(sheet, number, headings, layout.columns))
    return _outside(sheet, number, layout)


def _torn(sheet: Sheet, number: int, headings: Headings, columns: Columns) -> tuple[str, str] | None:
    """A second value beside one filing condition that is merged over several rows."""
    last = sheet.below(number, headings.columns["filing"])
    for row in range(number + 1, last + 1):
        for field, column in headings.columns.items():
            cell = sheet.cell(row, column)
            if cell.text and cell.top == row:
                return cell.text, f"row {row} has another {getattr(columns, field)} beside one and the same condition"
    return None


def _outside(sheet: Sheet, number: int, layout: Layout) -> Refusal | Note | None:
    shown = (sheet.cell(number, column) for column in range(1, sheet.columns + 1))
    text = " ".join(cell.text for cell in shown if cell.text and cell.top == number)
    if not text:
        return None
    if text.startswith(layout.notes):
        return Note(sheet.name, number, text)
    return Refusal(sheet.name, number, text, f"{layout.columns.filing} is empty in this row")


def _with_class(row: Row, above: Row | None) -> Row:
    blank = not row.cells["class_code"].text and not row.cells["class_name"].text
    if above is None or not blank:
        return row
    brought = {field: above.cells[field] for field in ("class_code", "class_name")}
    return row._replace(cells=row.cells | brought)
