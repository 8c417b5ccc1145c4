"""A whole workbook: conditions that are accepted, what is refused, remarks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ops.reference.standards import conditions, conflicts, rows
from ops.reference.standards.cells import Sheet, sheets
from ops.reference.standards.conditions import Read
from ops.reference.standards.document import Document, Layout
from ops.reference.standards.rows import Note, Refusal, Row
from streams.core.standards import Condition, Limit


class Placed(NamedTuple):
    """A condition and where it stands."""

    sheet: str
    row: int
    condition: Condition


class Reading(NamedTuple):
    """What a workbook says. `conditions` and `types` count what stands there, accepted or not.

    `placed` are the conditions that could be read in the order of the workbook, also those without their limit.
    """

    conditions: int
    types: int
    placed: tuple[Placed, ...]
    refused: tuple[Refusal, ...]
    notes: tuple[Note, ...]

    @property
    def accepted(self) -> tuple[Condition, ...]:
        """Conditions of which everything could be read."""
        return tuple(one.condition for one in self.placed if isinstance(one.condition.limit, Limit))

    @property
    def without_limit(self) -> tuple[Placed, ...]:
        """Those of which the limit alone could not be read; each is also among the refused."""
        return tuple(one for one in self.placed if not isinstance(one.condition.limit, Limit))


def read(path: Path, document: Document) -> Reading:
    """Read a workbook as its document says. Raises NotAWorkbook, OSError."""
    return read_sheets(list(sheets(path)), document)


def read_sheets(found: list[Sheet], document: Document) -> Reading:
    """The same from sheets that are open."""
    order = {sheet.name: place for place, sheet in enumerate(found)}
    refused = list(_unknown_sheets(found, document.layout))
    notes: list[Note] = []
    read_rows: list[Read] = []
    for sheet in (sheet for sheet in found if _reason(sheet, document.layout) is None):
        list_code = document.layout.lists.get(sheet.name, sheet.name)
        for one in rows.read(sheet, document.layout):
            match one:
                case Row():
                    read_rows.append(conditions.read(one, list_code, document))
                case Refusal():
                    refused.append(one)
                case Note():
                    notes.append(one)
    judged = conflicts.without(read_rows)
    refused += [one.refusal for one in judged if one.refusal is not None]
    return Reading(
        conditions=len(judged),
        types=len({one.type_key for one in judged}),
        placed=tuple(Placed(one.row.sheet, one.row.number, one.condition) for one in judged if one.condition),
        refused=tuple(sorted(refused, key=lambda one: (order.get(one.sheet, len(order)), one.row))),
        notes=tuple(notes),
    )


def _unknown_sheets(found: list[Sheet], layout: Layout) -> Iterator[Refusal]:
    for sheet in found:
        reason = _reason(sheet, layout)
        if reason:
            yield Refusal(sheet.name, 1, sheet.name, reason)
    for name in layout.lists.keys() - {sheet.name for sheet in found}:
        yield Refusal(name, 1, name, "the document names this sheet, but the workbook has none, or an empty one")


def _reason(sheet: Sheet, layout: Layout) -> str | None:
    """Why a sheet is not read; the empty text where the document says so itself."""
    if sheet.name in layout.ignored_sheets:
        return ""
    if layout.lists and sheet.name not in layout.lists:
        return "the document names this sheet neither in lists nor in ignored_sheets"
    return None if sheet.visible else "the sheet is hidden: show it, or name it in ignored_sheets"
