"""Values of documents, as TOML or a table's cell gives them, as the fields of reference records.

`item(cls, row, …)` raises Misfit, which names the field and says what would fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import inspect

from schemas.events import Category

_YES = {"true", "yes", "1", "是"}
_NO = {"false", "no", "0", "否"}


class Misfit(ValueError):
    """A value that does not fit its field."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what)
        self.field = field


def item(cls: type, row: Mapping[str, Any], zone: ZoneInfo) -> Any:
    """An item of this class. An empty cell is nothing; times without a zone are those of `zone`."""
    values = {}
    for field in fields(cls):
        value = row.get(field.name)
        if value in ("", None):
            if field.required:
                raise Misfit(field.name, "is missing")
            continue
        try:
            values[field.name] = _fit(value, field.type, zone)
        except Misfit as nested:
            raise Misfit(f"{field.name}.{nested.field}" if nested.field else field.name, str(nested)) from None
    return cls(**values)


@cache
def fields(cls: type) -> tuple[inspect.Field, ...]:
    """The fields of a record."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _fit(value: Any, kind: inspect.Type, zone: ZoneInfo) -> Any:
    match kind:
        case inspect.UnionType(types=types):
            return _fit(value, next(t for t in types if not isinstance(t, inspect.NoneType)), zone)
        case inspect.VarTupleType(item_type=inner):
            return tuple(_fit(one, inner, zone) for one in _parts(value))
        case inspect.StructType(cls=cls):
            return _struct(cls, value, zone)
        case inspect.LiteralType(values=allowed):
            return _one_of(value, allowed)
        case inspect.BoolType():
            return _flag(value)
        case inspect.IntType():
            return _whole(value, zone)
        case inspect.FloatType():
            return _number(value)
    return _text(value)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.replace("、", ";").replace("；", ";").split(";") if part.strip()]
    return list(value) if isinstance(value, list) else [value]


def _struct(cls: type, value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, cls):
        return value
    if cls is Category and isinstance(value, str):
        parts = value.split("/")
        if len(parts) != 3:
            raise Misfit("", f"is {value!r}; write a category as scheme/version/code")
        return Category(*parts)
    if not isinstance(value, Mapping):
        raise Misfit("", f"is {value!r}; write a table of {', '.join(f.name for f in fields(cls))}")
    if unknown := sorted(set(value) - {f.name for f in fields(cls)}):
        raise Misfit(unknown[0], "is not known here")
    return item(cls, value, zone)


def _one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise Misfit("", f"is {value!r}; write one of {', '.join(map(str, allowed))}")
    return value


def _flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise Misfit("", f"is {value!r}; write yes or no")
    return word in _YES


def _whole(value: Any, zone: ZoneInfo) -> int:
    """A number, or a time as UTC µs."""
    if isinstance(value, date):
        return moment(value, zone)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    try:
        return int(text) if text.removeprefix("-").isdigit() else moment(datetime.fromisoformat(text), zone)
    except ValueError:
        raise Misfit("", f"is {value!r}; write a whole number, or a time as 2026-01-31 or 2026-01-31 08:00") from None


def moment(value: date, zone: ZoneInfo) -> int:
    """UTC µs of a date (its beginning) or a time."""
    when = value if isinstance(value, datetime) else datetime.combine(value, time(), zone)
    when = when if when.tzinfo else when.replace(tzinfo=zone)
    return round(when.timestamp() * 1_000_000)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Misfit("", f"is {value!r}; write a number") from None


def _text(value: Any) -> str:
    if isinstance(value, bool | float | Mapping | list):
        raise Misfit("", f"is {value!r}; write a text")
    return value.isoformat() if isinstance(value, date) else str(value).strip()
