"""Sheets as they go back, XLSX or CSV. What begins like a formula is written so that no spreadsheet computes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import xlsxwriter

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(text: str) -> str:
    """The same text, with an apostrophe before what a spreadsheet might compute."""
    return f"'{text}" if text.startswith(FORMULA) else text


def written(headings: Sequence[str], rows: Iterable[Sequence[str]], encoding: str | None) -> bytes:
    """A sheet of texts: XLSX where there is no encoding, else CSV in it; UTF-8 is marked, as spreadsheets expect."""
    return _csv(headings, rows, encoding) if encoding else _workbook(headings, rows)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str]], encoding: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe(name) for name in headings])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig" if encoding == "utf-8" else encoding)


def _workbook(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})  # the same bytes for the same rows
        sheet = book.add_worksheet()
        bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for column, name in enumerate(headings):
            sheet.write_string(0, column, safe(name), bold)
            sheet.set_column(column, column, 18, as_text)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, safe(cell), as_text)
    return content.getvalue()
