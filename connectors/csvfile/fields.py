"""Readers of single values: each is made once per mapping and header, and then asked for every row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from connectors.contract import BadRow, Row
from connectors.csvfile.rules import CodeField, Open, PartiesField, PlaceField, TimeField, Value
from schemas.events import Assignment, Category, Condition, PartyRole, Place, Position

Reader = Callable[[Row], Any]


class Columns:
    """What readers are made from: where each column stands, the tables, and how times are read."""

    def __init__(
        self, mapping: str, header: list[str], tables: Mapping[str, Mapping[str, str]], time: Callable[[str], int]
    ) -> None:
        self.mapping = mapping
        self.names = header
        self.tables = tables
        self.time = time

    def index(self, column: str) -> int:
        return self.names.index(column)


def field_reader(columns: Columns, name: str, field: Open, required: bool) -> Reader:
    """The reader of one field of a claim. Raises BadRow when it is asked for a row that has no such value."""
    match field:
        case Value():
            return text_reader(columns, field, required)
        case TimeField():
            return time_reader(columns, field.column)
        case CodeField():
            return _code_reader(columns, field, Condition if name == "condition" else Category)
        case PlaceField():
            return _place_reader(columns, field)
        case PartiesField():
            return _parties_reader(columns, field)


def text_reader(columns: Columns, value: Value, required: bool) -> Reader:
    """A text; None where the column is empty and the field may be."""
    if value.column is None:
        constant = value.constant
        return lambda _row: constant
    column, at, mapping = value.column, columns.index(value.column), columns.mapping
    table = columns.tables[value.table] if value.table is not None else None

    def plain(row: Row) -> str | None:
        found = row.values[at]
        return found or (_empty(row, column) if required else None)

    def looked_up(row: Row) -> str | None:
        key = row.values[at]
        found = table.get(key) if table is not None and key else ""
        if found is None:
            raise BadRow(row.line, column, key, f"is not in [tables.{value.table}] of {mapping}.toml: add it there")
        return found or (_empty(row, column) if required else None)

    return plain if table is None else looked_up


def time_reader(columns: Columns, column: str) -> Callable[[Row], int]:
    """UTC microseconds."""
    at, read = columns.index(column), columns.time

    def time(row: Row) -> int:
        found = row.values[at]
        if not found:
            _empty(row, column)
        try:
            return read(found)
        except ValueError as wrong:
            raise BadRow(row.line, column, found, str(wrong)) from None

    return time


def _empty(row: Row, column: str) -> NoReturn:
    raise BadRow(row.line, column, None, "is empty, and must not be")


def _code_reader(columns: Columns, field: CodeField, made: type[Category | Condition]) -> Reader:
    code = text_reader(columns, field.code, required=True)
    scheme, version = field.scheme, field.version
    return lambda row: made(scheme, version, code(row))


def _place_reader(columns: Columns, field: PlaceField) -> Reader:
    parts = {"division": field.division, "grid": field.grid, "address": field.address}
    readers = [(name, text_reader(columns, value, required=False)) for name, value in parts.items() if value]
    if field.x is not None and field.y is not None:
        readers.append(("position", _position_reader(columns, field.x, field.y, field.system)))
    return lambda row: Place(**{name: read(row) for name, read in readers})


def _position_reader(columns: Columns, column_x: str, column_y: str, system: str) -> Reader:
    at_x, at_y = columns.index(column_x), columns.index(column_y)

    def position(row: Row) -> Position | None:
        x, y = row.values[at_x], row.values[at_y]
        if not x and not y:
            return None
        longitude, latitude = _degrees(row, column_x, x, 180.0), _degrees(row, column_y, y, 90.0)
        return Position(longitude, latitude, system, longitude, latitude)

    return position


def _degrees(row: Row, column: str, text: str, limit: float) -> float:
    if not text:
        _empty(row, column)
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not -limit <= found <= limit:
        raise BadRow(row.line, column, text, f"is not a number of degrees between -{limit:.0f} and {limit:.0f}")
    return found


def _parties_reader(columns: Columns, field: PartiesField) -> Reader:
    lead = text_reader(columns, field.lead, required=True)
    assists = _list_reader(columns, field.assists)
    informed = _list_reader(columns, field.informed)

    def parties(row: Row) -> tuple[Assignment, ...]:
        found = [Assignment(lead(row), PartyRole.LEAD)]
        found += [Assignment(org, PartyRole.ASSIST) for org in assists(row)]
        found += [Assignment(org, PartyRole.INFORM) for org in informed(row)]
        return tuple(found)

    return parties


def _list_reader(columns: Columns, value: Value | None) -> Callable[[Row], list[str]]:
    if value is None:
        return lambda _row: []
    if value.column is None or value.separator is None:
        one = text_reader(columns, value, required=False)
        return lambda row: [found for found in (one(row),) if found]
    at, separator = columns.index(value.column), value.separator
    alone = text_reader(Columns(columns.mapping, [value.column], columns.tables, columns.time), value, required=False)

    def several(row: Row) -> list[str]:
        parts = (part.strip() for part in row.values[at].split(separator))
        found = (alone(Row(row.line, [part])) for part in parts if part)
        return [item for item in found if item]

    return several
