"""The document beside a workbook: which standard it is, how it is laid out, how its words are read.

    kind = "standards"
    workbook = "standards.xlsx"      # beside this file; without it the workbook of the same name
    scheme = "zhongyuan-standard"
    version = "2026.1"
    valid_from = 2026-01-01          # without it: from the moment of loading on; a day begins in `zone`
    refused = "stop"                 # or "load without limit"
    [units] …                        # and [layout], [bodies]: as in default.toml, which also says what is left out here

Strict: a key that nobody knows is an error that names file and key.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from streams.core.working_time import Unit


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
    """Everything that reading needs to know; scheme and version are needed only to load.

    `refused` says what loading does with conditions of which the limit alone cannot be read: nothing is loaded, or they
    are, as conditions without a limit. Whatever else is refused stops the load in any case.
    """

    units: UnitTable
    layout: Layout
    bodies: BodyWords
    about: str = ""
    kind: Literal["standards"] = "standards"
    workbook: str | None = None
    scheme: str | None = None
    version: str | None = None
    valid_from: datetime | None = None
    zone: str = "Asia/Shanghai"
    refused: Literal["stop", "load without limit"] = "stop"


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
        document = msgspec.convert(_merged(_defaults(), said | _begun(said)), Document)
    except msgspec.ValidationError as wrong:
        raise DocumentProblem(f"{where}: {wrong}") from None
    except (ZoneInfoNotFoundError, ValueError, TypeError):
        raise DocumentProblem(f'{where}: "zone" is not a time zone like Asia/Shanghai') from None
    return document


def _begun(said: dict[str, Any]) -> dict[str, datetime]:
    """The moment at which a day begins, or a time without offset is, in the document's zone."""
    since = said.get("valid_from")
    if not isinstance(since, date) or (isinstance(since, datetime) and since.tzinfo):
        return {}
    at = since if isinstance(since, datetime) else datetime.combine(since, time())
    return {"valid_from": at.replace(tzinfo=ZoneInfo(said.get("zone", "Asia/Shanghai")))}


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
