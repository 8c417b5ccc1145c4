"""A row of a sheet becomes an order, or is refused with the reason that goes back to whoever wrote it. Pure.

Promise: an order holds what may be seen apart from what may not. Names, phones and words stand in `words` and `caller`
alone, for the vault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from connectors.orders import cells
from connectors.orders.cells import OddCell
from connectors.orders.config import Config
from connectors.orders.sheets import Row

PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?![\dXx])")
"""A number that holds a phone, or is an identity number."""


class BadOrder(Exception):
    """A row that cannot become an order; the text is for whoever has the sheet, without what the row holds."""


class Order(msgspec.Struct, frozen=True):
    """What a row says. `number` is theirs as it stands there; `at` UTC µs; `category`: (scheme, version, code)."""

    row: int
    number: str
    at: int
    category: tuple[str, str, str]
    division: str | None
    place: str | None
    words: str
    caller: str | None

    @property
    def open_part(self) -> list[Any]:
        """What may be seen, as a digest of it is made."""
        return [self.at, list(self.category), self.division, self.place]

    @property
    def personal_part(self) -> list[Any]:
        return [self.words, self.caller]


class Reading(NamedTuple):
    """How rows are read."""

    config: Config
    zone: ZoneInfo
    headings: Mapping[str, str]


def reading(config: Config, zone: ZoneInfo, headings: tuple[str, ...]) -> Reading:
    """For a sheet with these headings: which of them is which column."""
    known = config.columns.known().items()
    found = {column: next((name for name in headings if name in names), None) for column, names in known}
    return Reading(config, zone, {column: name for column, name in found.items() if name is not None})


def order(row: Row, how: Reading) -> Order:
    """Raises BadOrder."""
    odd = [name for name in row.merged if name in how.headings.values()]
    if odd:
        raise BadOrder(f'"{odd[0]}" lies in a merged area: unmerge it and fill in each row')
    number = _cell(row, how, "number", cells.code)
    if not number:
        raise BadOrder(f'"{how.headings["number"]}" is empty')
    config = how.config
    return Order(
        row.number,
        number,
        _cell(row, how, "at", lambda cell: cells.moment(cell, how.zone)),
        _known(row, how, "category", {word: (c.scheme, c.version, c.code) for word, c in config.categories.items()}),
        _known(row, how, "division", config.divisions) if _text(row, how, "division") else None,
        _text(row, how, "place") or None,
        _text(row, how, "text"),
        " ".join(_caller(row, how)) or None,
    )


def is_personal(number: str, config: Config) -> bool:
    """Whether claims must carry an alias of this number."""
    return config.number_personal or PERSONAL.search(number) is not None


def _caller(row: Row, how: Reading) -> Iterator[str]:
    if caller := _text(row, how, "caller"):
        yield caller
    if "phone" in how.headings and (phone := _cell(row, how, "phone", cells.code)):
        yield phone


def _text(row: Row, how: Reading, column: str) -> str:
    return str(_cell(row, how, column, cells.text)) if column in how.headings else ""


def _cell(row: Row, how: Reading, column: str, read: Any) -> Any:
    heading = how.headings[column]
    try:
        return read(row.cells.get(heading))
    except OddCell as odd:
        raise BadOrder(f'"{heading}" {odd}') from None


def _known(row: Row, how: Reading, column: str, table: Mapping[str, Any]) -> Any:
    found = table.get(_text(row, how, column))
    if found is None:
        raise BadOrder(f'"{how.headings[column]}" holds a word that the department\'s table does not have')
    return found
