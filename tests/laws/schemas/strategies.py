"""Random values of every type of the contract, as the newest Python classes."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from schemas import events
from schemas.generate.model import Array, Enum, Field, Fixed, Nullable, Primitive, Record, Schema, Type, class_name

_PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1) | st.integers(-200, 200),
    "double": st.floats(allow_nan=False),
    "bytes": st.binary(max_size=200),
    "string": st.text(max_size=8) | st.sampled_from(["", "x" * 63, "x" * 64, "春" * 32, "é" * 5000]),
}
_MICROS = _PRIMITIVES["long"] | st.integers(1_700_000_000_000_000, 1_900_000_000_000_000)


@cache
def values(node: Type) -> st.SearchStrategy[Any]:
    """Values of a type."""
    match node:
        case Record():
            return st.builds(getattr(events, class_name(node.full_name)), **_fields(node.fields))
        case Nullable(item=item):
            return st.none() | values(item)
        case Array(items=items):
            return st.lists(values(items), max_size=3).map(tuple)
        case Enum(symbols=symbols):
            return st.sampled_from(symbols)
        case Fixed(size=size):
            return st.binary(min_size=size, max_size=size)
        case Primitive(logical="uuid"):
            return st.uuids().map(str)
        case Primitive(logical="timestamp-micros"):
            return _MICROS
        case Primitive(name=name):
            return _PRIMITIVES[name]


@cache
def pairs(schema: Schema) -> st.SearchStrategy[tuple[Any, Any]]:
    """(meta, body) of a claim or fact, (None, record) of a hub record."""
    body = st.builds(getattr(events, class_name(schema.full_name)), **_fields(schema.body))
    return st.tuples(values(schema.meta) if schema.meta else st.none(), body)


def _fields(fields: tuple[Field, ...]) -> dict[str, st.SearchStrategy[Any]]:
    return {field.name: values(field.type) for field in fields}
