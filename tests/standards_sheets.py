"""Sheets of filing conditions for tests: headings, rows, merged areas; all in memory."""

from __future__ import annotations

from typing import Any

from ops.reference.standards import document, workbook
from ops.reference.standards.cells import Sheet
from ops.reference.standards.document import Document
from ops.reference.standards.workbook import Reading

HEADINGS = ["大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件", "结案条件", "处置时限"]
TITLE = ["样例"]
FIRST = 3
"""Row of the first condition: below title and headings."""


def row(*, of: str = "01", filing: str = "灯不亮", limit: Any = "2天", **other: Any) -> list[Any]:
    """One condition; `of` is the code of its type."""
    cells = {"class_code": "01", "class_name": "照明", "type_code": of, "type_name": f"灯{of}"}
    cells |= {"disposers": "照明管理所、各产权单位", "supervisors": "城市管理局", "filing": filing, "closing": "亮了"}
    return list((cells | {"limit": limit} | other).values())


def more(filing: str, limit: Any = "2天") -> list[Any]:
    """A further condition of the type above: its first six cells are blank, as merged areas leave them."""
    return [*[""] * 6, filing, "亮了", limit]


def sheet(
    *rows: list[Any], merged: str = "", name: str = "设施", visible: bool = True, kind: type[Sheet] = Sheet
) -> Sheet:
    """A sheet of these rows below title and headings; `merged` names areas as people do: "A3:A5 G4:G5"."""
    areas = [_area(one) for one in merged.split()]
    return kind(name, [TITLE, HEADINGS, *rows], areas, visible)


def merged(rows: str, columns: str = "ABCDEF") -> str:
    """The same rows merged in each of these columns."""
    first, last = rows.split(":")
    return " ".join(f"{column}{first}:{column}{last}" for column in columns)


def _area(words: str) -> tuple[tuple[int, int], tuple[int, int]]:
    (top, left), (bottom, right) = ((int(corner[1:]) - 1, ord(corner[0]) - ord("A")) for corner in words.split(":"))
    return (top, left), (bottom, right)


def read(*sheets: Sheet, **layout: Any) -> Reading:
    """What these sheets say; keywords are keys of the document's layout."""
    return workbook.read_sheets(list(sheets), with_layout(**layout))


def with_layout(**layout: Any) -> Document:
    return document.parse("test.toml", {"layout": layout})


def refused(reading: Reading) -> list[tuple[int, str, str]]:
    """Row, text and reason of what was refused."""
    return [(one.row, one.text, one.reason) for one in reading.refused]
