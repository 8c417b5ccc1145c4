"""Parts of a mapping: how one claim, and each field of it, comes from the columns of a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


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
