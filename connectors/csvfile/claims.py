"""Reading the [[claims]] of a mapping strictly: every field must be one of the claim's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

import msgspec

from connectors.contract import BadMapping
from connectors.csvfile.rules import (
    ClaimRule,
    CodeField,
    FilesField,
    Open,
    PartiesField,
    PersonField,
    PlaceField,
    Secret,
    TextField,
    TimeField,
    Value,
)
from connectors.csvfile.sections import Section
from schemas import events

Tables = Mapping[str, Mapping[str, str]]


def value(section: Section, key: str, tables: Tables) -> Value:
    """`key = "constant"`, or `key = { column = "…", table = "…", separator = "…" }`."""
    content = section.raw(key)
    if isinstance(content, str) and content:
        return Value(constant=content)
    if not isinstance(content, dict):
        raise section.fail(key, 'must be a text, or { column = "…" }, perhaps with table or separator')
    inner = Section(f"{section.where}.{key}", content)
    found = Value(None, inner.text("column"), inner.optional("table"), inner.optional("separator"))
    inner.done()
    if found.table is not None and found.table not in tables:
        raise inner.fail("table", f'is "{found.table}", but there is no [tables.{found.table}]')
    return found


def optional_value(section: Section, key: str, tables: Tables) -> Value | None:
    """The same, or None where the key is not there."""
    return value(section, key, tables) if key in section else None


def claim_rule(section: Section, by_event: bool, actor: tuple[Value, Value], tables: Tables) -> ClaimRule:
    """One [[claims]] of a mapping. Raises BadMapping."""
    event = section.text("event")
    kinds = _kinds(section, event)
    inner = section.section("fields") if "fields" in section else Section(f"{section.where}.fields", {})
    open_fields: list[tuple[str, Open]] = []
    secrets: list[tuple[str, Secret]] = []
    for key in inner:
        if key not in kinds:
            raise inner.fail(key, f"is not a field of {event}; it has {', '.join(kinds) or 'none'}")
        field = _field(inner, key, tables)
        _check_symbols(inner, event, key, field, tables)
        if isinstance(field, Secret):
            secrets.append((key, field))
        else:
            open_fields.append((key, field))
    _check_given(inner, event, {name for name, _ in (*open_fields, *secrets)})
    org = optional_value(section, "org", tables) or actor[0]
    role = optional_value(section, "role", tables) or actor[1]
    rule = ClaimRule(
        event=event,
        word=section.text("word") if by_event else None,
        at_column=section.text("at_column"),
        when_column=section.optional("when_column"),
        identity=section.texts("identity"),
        org=org,
        role=role,
        fields=tuple(open_fields),
        secrets=tuple(secrets),
    )
    section.done()
    return rule


_CLAIMS: dict[str, type[msgspec.Struct]] = {name.rpartition(".")[2]: made for name, made in events.CLAIMS.items()}


def claim_class(event: str) -> type[msgspec.Struct] | None:
    """The class of a claim by the name of its record; None when there is no such claim."""
    return _CLAIMS.get(event)


def _kinds(section: Section, event: str) -> list[str]:
    found = claim_class(event)
    if found is None:
        raise section.fail("event", f'is "{event}", which is not a claim; see schemas/avro for their names')
    return [field.name for field in msgspec.structs.fields(found)]


def _check_given(inner: Section, event: str, given: set[str]) -> None:
    found = claim_class(event)
    assert found is not None  # _kinds has looked
    for field in msgspec.structs.fields(found):
        if field.required and field.name not in given:
            raise BadMapping(f'{inner.where}: {event} needs the field "{field.name}"')


def _check_symbols(inner: Section, event: str, key: str, field: Open | Secret, tables: Tables) -> None:
    """A field that takes one of a few words must get one of them, whatever stands in the file."""
    symbols = next(get_args(known.type) for known in msgspec.structs.fields(_CLAIMS[event]) if known.name == key)
    if not symbols or not all(isinstance(symbol, str) for symbol in symbols) or not isinstance(field, Value):
        return
    given = [field.constant] if field.constant else list(tables[field.table].values()) if field.table else None
    if given is None or set(given) - set(symbols):
        raise inner.fail(key, f"must be one of {', '.join(symbols)}, as a constant or by a table that gives only these")


def _field(fields: Section, key: str, tables: Tables) -> Open | Secret:
    make = _MAKERS.get(key)
    if make is None:
        return value(fields, key, tables)
    inner = fields.section(key)
    made = make(inner, tables)
    inner.done()
    return made


def _code(inner: Section, tables: Tables) -> CodeField:
    return CodeField(inner.text("scheme"), inner.text("version"), value(inner, "code", tables))


def _place(inner: Section, tables: Tables) -> PlaceField:
    x, y, system = None, None, "WGS-84"
    if "position" in inner:
        position = inner.section("position")
        x, y = position.text("longitude_column"), position.text("latitude_column")
        system = position.choice("system", ("WGS-84", "CGCS2000"), "")
        position.done()
    division, grid = optional_value(inner, "division", tables), optional_value(inner, "grid", tables)
    return PlaceField(division, grid, optional_value(inner, "address", tables), x, y, system)


def _parties(inner: Section, tables: Tables) -> PartiesField:
    lead = value(inner, "lead", tables)
    assists, informed = optional_value(inner, "assists", tables), optional_value(inner, "informed", tables)
    return PartiesField(lead, assists, informed)


def _time(inner: Section, _tables: Tables) -> TimeField:
    return TimeField(inner.text("column"))


def _text(inner: Section, _tables: Tables) -> TextField:
    return TextField(inner.texts("columns"))


def _files(inner: Section, _tables: Tables) -> FilesField:
    return FilesField(inner.text("column"), inner.text("separator", ";"))


def _person(inner: Section, _tables: Tables) -> PersonField:
    return PersonField(inner.text("column"))


_MAKERS: dict[str, Callable[[Section, Tables], Open | Secret]] = {
    "category": _code,
    "condition": _code,
    "place": _place,
    "parties": _parties,
    "due_at": _time,
    "text": _text,
    "evidence": _files,
    "reporter": _person,
}
