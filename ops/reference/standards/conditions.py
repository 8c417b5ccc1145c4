"""A row as a condition, or the reason why it is none.

The code of a condition is its type's code and six hex digits of the SHA-256 of its filing text without spaces. So it
stays the same wherever the row stands and whatever rows come or go; other words file something else and have another.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

from ops.reference.standards import bodies, limits
from ops.reference.standards.cells import Cell
from ops.reference.standards.document import Columns, Document
from ops.reference.standards.limits import FULL_WIDTH
from ops.reference.standards.rows import Refusal, Row
from streams.core.standards import Condition, Unreadable

SPACE = re.compile(r"\s+")


class Read(NamedTuple):
    """What became of a row: a condition, a refusal, or both where the limit alone could not be read.

    `type_key` tells types apart even where the row was refused.
    """

    row: Row
    type_key: tuple[str, str, str]
    condition: Condition | None
    refusal: Refusal | None


def read(row: Row, list_code: str, document: Document) -> Read:
    """The condition of a row on the list of that code."""
    layout = document.layout
    class_code = _code(row.cells["class_code"], layout.class_digits)
    type_code = _code(row.cells["type_code"], layout.type_digits)
    key = row.sheet, class_code or row.cells["class_code"].text, type_code or row.cells["type_code"].text
    wrong = row.torn or _wrong(row, class_code, type_code, layout.columns)
    if wrong is not None or class_code is None or type_code is None:
        return Read(row, key, None, Refusal(row.sheet, row.number, *(wrong or ("", ""))))
    condition = _condition(row, f"{list_code}-{class_code}", type_code, document)
    return Read(row, key, condition, _limit_refused(row, condition))


def _code(cell: Cell, digits: int) -> str | None:
    """The code in a cell; a number has lost its leading zeros and gets them back."""
    text = cell.text.translate(FULL_WIDTH)
    text = text.zfill(digits) if cell.number else text
    return text if re.fullmatch(f"[0-9]{{{digits}}}", text) else None


def _wrong(row: Row, class_code: str | None, type_code: str | None, columns: Columns) -> tuple[str, str] | None:
    """The text and the reason of the first thing that keeps a row from being a condition."""
    needed = {"class_code": class_code, "class_name": row.cells["class_name"].text}
    needed |= {"type_code": type_code, "type_name": row.cells["type_name"].text}
    for field, value in needed.items():
        heading, text = getattr(columns, field), row.cells[field].text
        if not text:
            return row.cells["filing"].text, f"{heading} is empty here and no merged area brings one down"
        if not value:
            return text, f"{heading} is not a code of the digits that the document says"
    return None


def _condition(row: Row, class_code: str, type_code: str, document: Document) -> Condition:
    text = {field: SPACE.sub(" ", cell.text) for field, cell in row.cells.items()}
    code = f"{class_code}{type_code}"
    return Condition(
        code=f"{code}-{sha256(SPACE.sub('', text['filing']).encode()).hexdigest()[:6]}",
        class_code=class_code,
        class_name=text["class_name"],
        type_code=code,
        type_name=text["type_name"],
        filing=text["filing"],
        closing=text["closing"],
        limit=limits.read(row.cells["limit"].text, document.units),
        disposers=bodies.read(row.cells["disposers"].text, document.bodies),
        supervisors=bodies.read(row.cells["supervisors"].text, document.bodies),
    )


def _limit_refused(row: Row, condition: Condition) -> Refusal | None:
    match condition.limit:
        case Unreadable(cell, reason):
            return Refusal(row.sheet, row.number, cell or condition.filing, reason)
        case _:
            return None
