"""Avro schemas as Python values: what the generator, the style rules and the samples walk over.

Only what the contract uses is understood: records, enums, fixed, arrays, `["null", T]`, and the primitives of
`PRIMITIVES`. Everything else is refused with `BadSchema`, which names the file.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AVRO = Path(__file__).parents[1] / "avro"
PRIMITIVES = {"boolean": "bool", "int": "int", "long": "int", "double": "float", "string": "str", "bytes": "bytes"}
_FILE = re.compile(r"(?P<name>[A-Z][A-Za-z]*)\.v(?P<version>[1-9][0-9]*)\.avsc")


class BadSchema(Exception):
    """A schema that breaks the rules of the contract; the message is one sentence with file, reason and remedy."""


@dataclass(frozen=True)
class Primitive:
    """boolean, int, long, double, string or bytes; `logical` is the logicalType, or an empty string."""

    name: str
    logical: str = ""


@dataclass(frozen=True)
class Enum:
    """An enum; `default` is the symbol that readers take for one they do not know."""

    full_name: str
    doc: str
    symbols: tuple[str, ...]
    default: str | None


@dataclass(frozen=True)
class Fixed:
    """`size` bytes."""

    full_name: str
    doc: str
    size: int


@dataclass(frozen=True)
class Array:
    """A sequence."""

    items: "Type"


@dataclass(frozen=True)
class Nullable:
    """`["null", item]`."""

    item: "Type"


@dataclass(frozen=True)
class Field:
    """A field of a record; `default` is the JSON text of the default, or None when the field has none."""

    name: str
    type: "Type"
    doc: str
    default: str | None


@dataclass(frozen=True)
class Record:
    """A record."""

    full_name: str
    doc: str
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        """Name without namespace."""
        return self.full_name.rpartition(".")[2]

    @property
    def namespace(self) -> str:
        """Namespace without name."""
        return self.full_name.rpartition(".")[0]


Type = Primitive | Enum | Fixed | Array | Nullable | Record
Named = Enum | Fixed | Record


@dataclass(frozen=True, eq=False)
class Schema:
    """One released file: a version of an event, or of a record of the hub's own or of reference data."""

    path: Path
    version: int
    json: Any
    record: Record

    @property
    def full_name(self) -> str:
        """Full name of the record, the same in all of its versions."""
        return self.record.full_name

    @property
    def side(self) -> str:
        """claim, fact, hub, reference or feed."""
        return self.record.namespace.split(".")[1]

    @property
    def meta(self) -> Record | None:
        """Type of the first field, which is `meta` in claims and facts; None in the other records."""
        first = self.record.fields[0]
        return first.type if first.name == "meta" and isinstance(first.type, Record) else None

    @property
    def body(self) -> tuple[Field, ...]:
        """Fields without meta."""
        return self.record.fields[1:] if self.meta else self.record.fields


def parse(document: Any) -> Record:
    """The record of a parsed .avsc. Raises BadSchema."""
    found = _parse(document, "", {})
    if not isinstance(found, Record):
        raise BadSchema("The schema is not a record; an event must be one.")
    return found


def _parse(node: Any, namespace: str, named: dict[str, Named]) -> Type:
    match node:
        case str() if node in PRIMITIVES:
            return Primitive(node)
        case str():
            return _known(node, namespace, named)
        case ["null", item]:
            return Nullable(_parse(item, namespace, named))
        case {"type": "array", "items": items}:
            return Array(_parse(items, namespace, named))
        case {"type": "record" | "enum" | "fixed"}:
            return _parse_named(node, namespace, named)
        case {"type": str(name)} if name in PRIMITIVES:
            return Primitive(name, node.get("logicalType", ""))
    raise BadSchema(
        f"The type {json.dumps(node)[:80]} is not supported; use a record, enum, fixed, array, [null, T] or primitive."
    )


def _known(name: str, namespace: str, named: dict[str, Named]) -> Named:
    for full in (name, f"{namespace}.{name}"):
        if full in named:
            return named[full]
    raise BadSchema(f"The type {name} is used before it is defined.")


def _parse_named(node: Any, outer: str, named: dict[str, Named]) -> Named:
    name = node["name"]
    full = name if "." in name else f"{node.get('namespace', outer)}.{name}"
    doc = node.get("doc", "")
    made: Named
    if node["type"] == "enum":
        made = Enum(full, doc, tuple(node["symbols"]), node.get("default"))
    elif node["type"] == "fixed":
        made = Fixed(full, doc, node["size"])
    else:
        space = full.rpartition(".")[0]
        made = Record(full, doc, tuple(_field(f, space, named) for f in node["fields"]))
    named[full] = made
    return made


def _field(node: Any, namespace: str, named: dict[str, Named]) -> Field:
    default = json.dumps(node["default"], ensure_ascii=False) if "default" in node else None
    return Field(node["name"], _parse(node["type"], namespace, named), node.get("doc", ""), default)


def load(folder: Path = AVRO) -> list[Schema]:
    """Every version of every record below `folder`, sorted by full name and version. Raises BadSchema."""
    return sorted((_load(path) for path in folder.rglob("*.avsc")), key=lambda s: (s.full_name, s.version))


def _load(path: Path) -> Schema:
    found = _FILE.fullmatch(path.name)
    if not found:
        raise BadSchema(f"{path.name}: the name must be <Event>.v<N>.avsc.")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        record = parse(document)
    except (BadSchema, ValueError, KeyError) as error:
        raise BadSchema(f"{path.name}: {error}") from error
    if record.name != found["name"]:
        raise BadSchema(f"{path.name}: the record is called {record.name}; file and record must have the same name.")
    return Schema(path, int(found["version"]), document, record)


def newest(schemas: list[Schema]) -> list[Schema]:
    """The newest version of each record, sorted by full name."""
    return list({s.full_name: s for s in sorted(schemas, key=lambda s: (s.full_name, s.version))}.values())


def walk(node: Type) -> Iterator[Named]:
    """Named types in a type, inner ones first; repeated where used repeatedly."""
    match node:
        case Array(items=inner) | Nullable(item=inner):
            yield from walk(inner)
        case Record():
            for field in node.fields:
                yield from walk(field.type)
            yield node
        case Enum() | Fixed():
            yield node
        case Primitive():
            return


def class_name(full_name: str) -> str:
    """Name of the Python class of a record or enum: metas, records of hub and feeds carry their side in front."""
    namespace, _, name = full_name.rpartition(".")
    side = namespace.rpartition(".")[2]
    return side.capitalize() + name if name == "Meta" or side in ("hub", "feed") else name
