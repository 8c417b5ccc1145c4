"""Documents: a TOML file says kind, name, edition and day; its items stand in it, in a CSV table, or in GeoJSON.

    kind = "grids"                      # one of those in streams/core/reference/loads.py
    name = "yicheng"
    edition = "2026"                    # as people cite it
    valid_from = 2026-01-01             # without it: from the moment of loading on
    outlines = "grids.geojson"          # or: table = "posts.csv", or: [[items]] here
    coordinates = "GCJ-02"              # of outlines, and of the columns x and y
    columns = { "网格编码" = "code" }     # header or property → field, where they differ
    defaults = { scheme = "yc", kind = "residential", level = "grid" }

A file with a mistake gives nothing but complaints, each with line and column.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from ops.reference import rows
from ops.reference.fitting import Misfit, fields, item, moment
from ops.reference.outlines import outline
from ops.reference.problems import BadDocuments, Found, bad
from ops.reference.rows import Row
from schemas.codec import encode_hub
from schemas.frames import Unwritable
from schemas.wire.coordinates import BadCoordinates, position
from streams.core.reference import KINDS

_PLACES = {"items", "table", "outlines"}
_KEYS = {*_PLACES, "kind", "name", "edition", "valid_from", "zone", "columns", "defaults", "coordinates"}
_PERSONAL = {"person", "persons", "deputy", "group"}
_CODE = re.compile(r"[A-Za-z0-9-]{1,64}")
_NUMBER = re.compile(r"(?<![0-9A-Fa-f-])(?:86)?1[3-9][0-9]{9}(?![0-9A-Fa-f-])|^[0-9]{15,18}[0-9Xx]?$")
"""A mobile phone, an identity card."""


@dataclass(frozen=True)
class Document:
    """A document that was read. `valid_from` is UTC µs; None: from the moment of loading on. `lines` has file and line
    of each item; it is empty where they come from no file."""

    kind: str
    name: str
    items: tuple[Any, ...]
    edition: str | None = None
    valid_from: int | None = None
    file: str = ""
    lines: tuple[tuple[str, int], ...] = ()

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that it says; white space, comments and file formats do not matter."""
        made = hashlib.sha256(f"{self.kind}\0{self.name}\0{self.edition or ''}\0".encode())
        for one in self.items:
            made.update(encode_hub(one))
        return made.digest()

    def found(self, n: int, what: str, *, warning: bool = False) -> Found:
        """A complaint about item number `n`."""
        file, line = self.lines[n] if n < len(self.lines) else (self.file or f"{self.kind} {self.name}", 0)
        return Found(file, line, "", what, warning)


ELSEWHERE: Final = {"standards": "ops.reference.standards.loading", "calendars": "ops.reference.calendars"}
"""Kind → module whose `read_document(path)` reads documents of this kind that hold no items themselves."""


MADE: Final = {"evaluations": "they are made by threecross evaluation --freeze, not written"}
"""Kind of documents that no file holds → why."""


def read_all(paths: Iterable[Path]) -> list[Document]:
    """The documents of files and folders (every .toml in them). Raises BadDocuments with all complaints."""
    documents: list[Document] = []
    found: list[Found] = []
    for path in _files(paths):
        try:
            documents.append(read(path))
        except BadDocuments as wrong:
            found += wrong.found
    if found:
        raise BadDocuments(found)
    return sorted(documents, key=lambda d: (list(KINDS).index(d.kind), d.name))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.toml"))
        elif path.is_file():
            yield path
        else:
            raise bad(path, 0, "", "there is no such file")


def read(path: Path) -> Document:
    """One document. Raises BadDocuments."""
    if path.suffix == ".xlsx":
        return _elsewhere("standards", path)
    text = rows.decoded(path)
    try:
        head = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise bad(path, 0, "", f"it is not TOML: {error}") from None
    kind = head.get("kind", "calendars" if "windows" in head else "")  # a calendar is a document of its own shape
    if kind in ELSEWHERE and not _PLACES & set(head):
        return _elsewhere(kind, path)
    _check_head(path, head)
    zone = ZoneInfo(head.get("zone", "Asia/Shanghai"))
    found = list(_rows(path, text, head))
    if not found:
        raise bad(path, 0, "", "it has no items")
    items, wrong = _items(KINDS[head["kind"]], found, head, zone)
    if wrong:
        raise BadDocuments(wrong)
    since = head.get("valid_from")
    edition = head.get("edition")
    return Document(
        head["kind"],
        head["name"],
        tuple(items),
        None if edition is None else str(edition),
        None if since is None else moment(since, zone),
        path.name,
        tuple((row.path.name, row.line) for row in found),
    )


def _elsewhere(kind: str, path: Path) -> Document:
    return cast("Document", import_module(ELSEWHERE[kind]).read_document(path))  # which itself makes documents


def _check_head(path: Path, head: Mapping[str, Any]) -> None:
    if unknown := sorted(set(head) - _KEYS):
        raise bad(path, 0, f"key {unknown[0]}", f"is not known here; known are {', '.join(sorted(_KEYS))}")
    if head.get("kind") in MADE:
        raise bad(path, 0, "key kind", f"is {head['kind']!r}; {MADE[head['kind']]}")
    if head.get("kind") not in KINDS:
        raise bad(
            path,
            0,
            "key kind",
            f"is {head.get('kind')!r}; write one of {', '.join(kind for kind in KINDS if kind not in MADE)}",
        )
    if not isinstance(head.get("name"), str):
        raise bad(path, 0, "key name", "is missing")
    if len(_PLACES & set(head)) != 1:
        raise bad(path, 0, "", "the items stand in one place: write items, table or outlines")


def _rows(path: Path, text: str, head: Mapping[str, Any]) -> Iterator[Row]:
    if "items" in head:
        return rows.of_toml(path, text, head["items"])
    beside = path.parent / head.get("table", head.get("outlines", ""))
    if not beside.is_file():
        raise bad(path, 0, "key table" if "table" in head else "key outlines", f"there is no file {beside.name}")
    reading = rows.of_csv if "table" in head else rows.of_geojson
    return reading(beside, head.get("columns", {}))


def _items(cls: type, found: list[Row], head: Mapping[str, Any], zone: ZoneInfo) -> tuple[list[Any], list[Found]]:
    items, wrong = [], []
    for row in found:
        try:
            items.append(_item(cls, row, head, zone))
        except Misfit as misfit:
            wrong.append(Found(row.path.name, row.line, row.named(misfit.field), str(misfit)))
    return items, wrong


def _item(cls: type, row: Row, head: Mapping[str, Any], zone: ZoneInfo) -> Any:
    filled = {key: value for key, value in row.values.items() if value not in ("", None)}
    values = head.get("defaults", {}) | filled
    system = head.get("coordinates", "")
    if values.get("geometry") is not None:
        values["outline"] = outline(values["geometry"], system)
    if "x" in values:
        values["position"] = _position(values, system)
    extra = {"geometry", "x", "y"}
    if unknown := sorted(set(values) - {field.name for field in fields(cls)} - extra):
        raise Misfit(unknown[0], f"is not known here; known are {', '.join(f.name for f in fields(cls))}")
    made = item(cls, values, zone)
    _opaque(made)
    try:
        encode_hub(made)
    except Unwritable as error:
        raise Misfit("", str(error)) from None
    return made


def _opaque(made: Any) -> None:
    """Persons and chat groups are codes: a name or a phone number never reaches Kafka. Raises Misfit, without it."""
    for field in _PERSONAL & set(made.__struct_fields__):
        value = getattr(made, field)
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None and (not _CODE.fullmatch(one) or _NUMBER.search(one)):
                raise Misfit(
                    field, "is no opaque code: write letters, digits and hyphens, never a name or a phone number"
                )


def _position(values: Mapping[str, Any], system: str) -> Any:
    try:
        return position(float(values["x"]), float(values["y"]), system)
    except (KeyError, ValueError, BadCoordinates) as error:
        raise Misfit("x", f"with y it is no position: {error}") from None
