"""Parts of a mapping: how one claim, and each field of it, comes from the columns of a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from connectors.contract import BadMapping
from connectors.csvfile.sections import Section
from schemas import events

Tables = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Value:
    """A text: a constant, or what stands in a column, perhaps looked up in a table of the mapping."""

    constant: str | None = None
    column: str | None = None
    table: str | None = None
    separator: str | None = None

    def columns(self) -> Iterator[str]:
        if self.column is not None:
            yield self.column


@dataclass(frozen=True, slots=True)
class TimeField:
    """A time from a column."""

    column: str

    def columns(self) -> Iterator[str]:
        yield self.column


@dataclass(frozen=True, slots=True)
class CodeField:
    """A code together with the list that gives it a meaning: a category or a filing condition."""

    scheme: str
    version: str
    code: Value

    def columns(self) -> Iterator[str]:
        yield from self.code.columns()


@dataclass(frozen=True, slots=True)
class PlaceField:
    """Where. `x` and `y` are the columns of longitude and latitude, in degrees of `system`."""

    division: Value | None
    grid: Value | None
    address: Value | None
    x: str | None
    y: str | None
    system: str

    def columns(self) -> Iterator[str]:
        for part in (self.division, self.grid, self.address):
            if part is not None:
                yield from part.columns()
        for column in (self.x, self.y):
            if column is not None:
                yield column


@dataclass(frozen=True, slots=True)
class PartiesField:
    """Exactly one lead; assists and informed are lists in one column."""

    lead: Value
    assists: Value | None
    informed: Value | None

    def columns(self) -> Iterator[str]:
        for part in (self.lead, self.assists, self.informed):
            if part is not None:
                yield from part.columns()


@dataclass(frozen=True, slots=True)
class TextField:
    """Free text from one or more columns, a line each; it goes to the vault."""

    text_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilesField:
    """Names of files beside the CSV file; their contents go to the vault."""

    column: str
    separator: str


@dataclass(frozen=True, slots=True)
class PersonField:
    """A person whom the source knows by what stands in a column; it goes to the vault."""

    column: str


Open = Value | TimeField | CodeField | PlaceField | PartiesField
Secret = TextField | FilesField | PersonField


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """One claim of a row. `word` is the event's name in the file where a row is one event; `when_column` must be
    filled for the claim to be made; `identity` are the columns whose change makes it a new claim."""

    event: str
    word: str | None
    at_column: str
    when_column: str | None
    identity: tuple[str, ...]
    org: Value
    role: Value
    fields: tuple[tuple[str, Open], ...]
    secrets: tuple[tuple[str, Secret], ...]

    def open_columns(self) -> set[str]:
        """Columns whose content reaches Kafka, or shapes an id there."""
        found = {self.at_column, *self.identity, *self.org.columns(), *self.role.columns()}
        found |= {self.when_column} if self.when_column else set()
        return found | {column for _, field in self.fields for column in field.columns()}

    def personal_columns(self) -> set[str]:
        """Columns whose content goes to the vault. File names count too: people name photos after people."""
        found: set[str] = set()
        for _, secret in self.secrets:
            found |= set(secret.text_columns) if isinstance(secret, TextField) else {secret.column}
        return found

    def columns(self) -> set[str]:
        return self.open_columns() | self.personal_columns()


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
    return value(section, key, tables) if key in section else None


def claim_rule(section: Section, by_event: bool, actor: tuple[Value, Value], tables: Tables) -> ClaimRule:
    """One [[claims]] of a mapping. Raises BadMapping."""
    event = section.text("event")
    kinds = _kinds(section, event)
    inner = section.section("fields") if "fields" in section else Section(f"{section.where}.fields", {})
    open_fields: list[tuple[str, Open]] = []
    secrets: list[tuple[str, Secret]] = []
    for key in inner.keys():
        if key not in kinds:
            raise inner.fail(key, f"is not a field of {event}; it has {', '.join(kinds) or 'none'}")
        field = _field(inner, key, tables)
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
    parts = (optional_value(inner, key, tables) for key in ("division", "grid", "address"))
    return PlaceField(*parts, x=x, y=y, system=system)


def _parties(inner: Section, tables: Tables) -> PartiesField:
    lead = value(inner, "lead", tables)
    assists, informed = optional_value(inner, "assists", tables), optional_value(inner, "informed", tables)
    return PartiesField(lead, assists, informed)


_MAKERS = {
    "category": _code,
    "condition": _code,
    "place": _place,
    "parties": _parties,
    "due_at": lambda inner, tables: TimeField(inner.text("column")),
    "text": lambda inner, tables: TextField(inner.texts("columns")),
    "evidence": lambda inner, tables: FilesField(inner.text("column"), inner.text("separator", ";")),
    "reporter": lambda inner, tables: PersonField(inner.text("column")),
}
