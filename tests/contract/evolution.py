"""Versions that do not exist: the released schemas plus more, each a change to the newest version of an event."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from schemas.generate.model import Schema, load, newest, parse

Change = Callable[[Any], None]
"""Edits a schema (parsed JSON) in place."""


def evolved(full_name: str, *changes: Change) -> list[Schema]:
    """All released schemas and one further version of an event per change, each made from the one before."""
    schemas = load()
    for change in changes:
        last = next(s for s in newest(schemas) if s.full_name == full_name)
        document = copy.deepcopy(last.json)
        change(document)
        name = f"{document['name']}.v{last.version + 1}.avsc"
        schemas.append(Schema(last.path.with_name(name), last.version + 1, document, parse(document)))
    return sorted(schemas, key=lambda s: (s.full_name, s.version))


def placed(schemas: list[Schema], old: Path, new: Path) -> list[Schema]:
    """The same schemas with one file moved."""
    return [Schema(new if s.path == old else s.path, s.version, s.json, s.record) for s in schemas]


def nodes(document: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in a schema."""
    if isinstance(document, dict):
        yield document
        for value in document.values():
            yield from nodes(value)
    elif isinstance(document, list):
        for value in document:
            yield from nodes(value)


def named(document: Any, name: str) -> dict[str, Any]:
    """The record, enum or field with this name."""
    return next(node for node in nodes(document) if node.get("name") == name)


def add_field(name: str, kind: Any, **more: Any) -> Change:
    """Adds a documented field at the end."""
    return lambda document: document["fields"].append({"name": name, "type": kind, "doc": "A new field.", **more})


def set_key(of: str, key: str, value: Any) -> Change:
    """Sets a key of the record, enum or field called `of`."""
    return lambda document: named(document, of).__setitem__(key, value)


def drop_key(of: str, key: str) -> Change:
    """Removes a key of the record, enum or field called `of`."""
    return lambda document: named(document, of).__delitem__(key)


def drop_field(name: str) -> Change:
    """Removes a field of the event itself."""

    def change(document: Any) -> None:
        document["fields"] = [field for field in document["fields"] if field["name"] != name]

    return change
