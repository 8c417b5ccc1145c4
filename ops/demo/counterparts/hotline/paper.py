"""Sheets as the hotline writes and reads them, with the habits of people who fill them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

HEADINGS = (
    "序号",
    "工单编号",
    "受理时间",
    "诉求类别",
    "所属社区",
    "事发地址",
    "诉求内容",
    "来电人",
    "联系电话",
    "备注",
)


def csv_sheet(rows: Sequence[Sequence[Any]], encoding: str) -> bytes:
    """CSV, headings first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def workbook(rows: Sequence[Sequence[Any]], title: str, merge: int | None = None) -> bytes:
    """XLSX with a merged title above, dates as dates and phones as numbers, as spreadsheets like them.

    `merge`: the row (from 0) whose place is merged with that of the next one.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("工单")
        day, bold = book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), book.add_format({"bold": True})
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, title, bold)
        sheet.write_row(2, 0, ["诉求\n类别" if name == "诉求类别" else name for name in HEADINGS], bold)
        for number, row in enumerate(rows, 3):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(
                        number, column, int(cell) if HEADINGS[column] == "联系电话" and str(cell).isdigit() else cell
                    )
        if merge is not None:
            sheet.merge_range(3 + merge, 5, 4 + merge, 5, rows[merge][5])
    return content.getvalue()


def read(name: str, content: bytes) -> list[dict[str, str]]:
    """Rows of a sheet that came back, by heading."""
    if name.endswith(".xlsx"):
        grid: list[list[Any]] = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("gb18030")
        grid = [list(row) for row in csv.reader(io.StringIO(text, newline=""))]
    head, *rows = ([str(cell) for cell in row] for row in grid)
    return [dict(zip(head, row, strict=True)) for row in rows]
