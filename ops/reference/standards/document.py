"""The document beside a workbook: which standard it is, how it is laid out, how its words are read.

Strict: a key that nobody knows is an error that names file and key. What a document leaves out is as in `default.toml`.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import msgspec

from streams.core.standards import Unit


class DocumentProblem(Exception):
    """A document that cannot be used; the text is one sentence."""


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody has decided about a limit that could not be read by words, and why."""

    amount: int
    unit: Unit
    why: str


class UnitTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How each unit word is read, and cells (exactly as they stand) that somebody has decided about."""

    version: str
    words: dict[str, Unit]
    decided: dict[str, Decided] = {}


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Heading of each column."""

    class_code: str
    class_name: str
    type_code: str
    type_name: str
    disposers: str
    supervisors: str
    filing: str
    closing: str
    limit: str


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the sheets are laid out."""

    class_digits: int
    type_digits: int
    blank_class: Literal["refuse", "as above"]
    ignored_sheets: tuple[str, ...]
    notes: tuple[str, ...]
    columns: Columns
    lists: dict[str, str]


class BodyWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words for bodies that are not departments: owners, and beginnings of descriptions."""

    owners: frozenset[str]
    described: tuple[str, ...]


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that reading needs to know. Scheme, version and valid_from are needed only to load."""

    units: UnitTable
    layout: Layout
    bodies: BodyWords
    about: str = ""
    scheme: str | None = None
    version: str | None = None
    valid_from: datetime | None = None


def default() -> Document:
    """The document for a workbook that has none."""
    return msgspec.convert(_defaults(), Document)


def beside(workbook: Path) -> Path | None:
    """The document that stands beside a workbook: same name, ending in .toml."""
    path = workbook.with_suffix(".toml")
    return path if path.is_file() else None


def load(path: Path) -> Document:
    """A document from its file. Raises DocumentProblem, OSError."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise DocumentProblem(f"{path.name}: not readable as TOML in UTF-8: {wrong}") from None
    return parse(path.name, said)


def parse(where: str, said: dict[str, Any]) -> Document:
    """A document from the tables of its file; `where` is what errors name. Raises DocumentProblem."""
    try:
        document = msgspec.convert(_merged(_defaults(), said), Document)
    except msgspec.ValidationError as wrong:
        raise DocumentProblem(f"{where}: {wrong}") from None
    if document.valid_from is not None and document.valid_from.tzinfo is None:
        raise DocumentProblem(f"{where}: valid_from has no offset; write it as in 2026-07-01T00:00:00+08:00")
    return document


def _defaults() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "default.toml").read_text("utf-8"))


TAKEN_WHOLE = ("units", "lists")
"""Tables of which a document's own replaces the default one: half of one version and half of another is neither."""


def _merged(default: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(default[key], value)
        if key not in TAKEN_WHOLE and isinstance(default.get(key), dict) and isinstance(value, dict)
        else value
        for key, value in said.items()
    }
    return default | both
