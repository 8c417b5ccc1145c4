"""Cells of a sheet as people see them: a merged area shows its value in each of its rows, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MAX_BYTES = 20 << 20
"""A workbook of more bytes is no table of standards; it would only take all memory."""


class NotAWorkbook(Exception):
    """The file cannot be read as a workbook; the text is one sentence."""


class Cell(NamedTuple):
    """What a cell shows. `top` is the row (from 1) that holds the value: another one where a merged area brings it."""

    text: str
    top: int
    number: bool = False


class Sheet:
    """One sheet: `rows` rows of `columns` columns, both from 1 as people count them; `visible` as the file says."""

    def __init__(self, name: str, grid: list[list[Any]], areas: list[Area], visible: bool = True) -> None:
        self.name = name
        self.visible = visible
        self.rows = len(grid)
        self.columns = max((len(row) for row in grid), default=0)
        self._grid = grid
        self._anchors = {
            (row + 1, column + 1): (top + 1, left + 1)
            for (top, left), (bottom, right) in areas
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }

    def cell(self, row: int, column: int) -> Cell:
        """What is seen there. In an area over several columns only the first column shows the value."""
        top, left = self._anchors.get((row, column), (row, column))
        return Cell("", row) if left != column else self._value(top, column)

    def below(self, row: int, column: int) -> int:
        """The last row of the merged area that the cell begins; the row itself where it begins none."""
        last = row
        while self._anchors.get((last + 1, column)) == (row, column):
            last += 1
        return last

    def _value(self, row: int, column: int) -> Cell:
        if row > self.rows or column > len(self._grid[row - 1]):
            return Cell("", row)
        value = self._grid[row - 1][column - 1]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return Cell(_text(value), row, number)


Area = tuple[tuple[int, int], tuple[int, int]]
"""A merged area: first and last (row, column), both from 0, both within."""


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a workbook in their order, empty ones left out. Raises NotAWorkbook, OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise NotAWorkbook(f"it is larger than {MAX_BYTES >> 20} MB, so it is no table of standards")
    try:
        book = CalamineWorkbook.from_path(path)
        for about in book.sheets_metadata:
            if about.typ is SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(about.name)
                grid = sheet.to_python(skip_empty_area=False)
                visible = about.visible is SheetVisibleEnum.Visible
                if any(value != "" for row in grid for value in row):
                    yield Sheet(about.name, grid, sheet.merged_cell_ranges or [], visible)
    except CalamineError as wrong:
        raise NotAWorkbook(f"it cannot be read as a workbook (.xlsx): {wrong}") from None
