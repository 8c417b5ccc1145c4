"""A sample of every fact of the contract, made from its fields: whatever is added to the contract has one, too.

Each text is the sample's `mark` and the path of its field, so that a test finds out where a text went.
"""

from __future__ import annotations

import types
import typing
import uuid
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec

from schemas import events

UUIDS = frozenset({"other", "into", "group", "case", "ref", "about", "of_fact", "contribution", "household"})
"""Fields whose texts are ids of something else."""


def planted(cls: type, mark: str, *, given: Mapping[str, Any] | None = None) -> Any:
    """A fact of this class with something in every field; `given` by the field's name goes before."""
    given = given or {}
    values = {
        field.name: given[field.name]
        if field.name in given
        else _value(field.type, mark, f"{cls.__name__}.{field.name}")
        for field in msgspec.structs.fields(cls)
    }
    return cls(**values)


def planted_id(mark: str, path: str) -> str:
    """The id that stands where a text cannot."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{mark} {path}"))


def _value(kind: Any, mark: str, path: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _value(next(one for one in inner if one is not type(None)), mark, path)
    if origin is Literal:
        return inner[-1]
    if origin is tuple:
        return (_value(inner[0], mark, path),)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind(**{f.name: _value(f.type, mark, f"{path}.{f.name}") for f in msgspec.structs.fields(kind)})
    return _plain(kind, mark, path)


def _plain(kind: Any, mark: str, path: str) -> Any:
    name = path.rsplit(".", 1)[-1]
    if kind is str:
        return planted_id(mark, path) if name in UUIDS else f"{mark}/{path}"
    return {bytes: bytes(32), int: 7, float: 7.0, bool: True}[kind]


def every_fact(mark: str = "mark") -> tuple[Any, ...]:
    """One of each."""
    return tuple(planted(cls, mark) for cls in events.FACTS.values())
