"""Bytes of every version ever released: written once by fastavro, read for ever."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import events
from schemas.generate import golden, lock
from schemas.generate.model import (
    Array,
    Field,
    Fixed,
    Nullable,
    Primitive,
    Record,
    Schema,
    Type,
    class_name,
    load,
    newest,
)
from tests.codecs import either_codec

__all__ = ["either_codec"]
pytestmark = pytest.mark.timeout(120)  # seconds; the first test may have to compile

FOLDER = Path(__file__).parent / "golden"
SCHEMAS = load()
NEWEST = {schema.full_name: schema for schema in newest(SCHEMAS)}
every_version = pytest.mark.parametrize("schema", SCHEMAS, ids=lambda s: f"{s.full_name}.v{s.version}")


def stored(schema: Schema) -> Any:
    return json.loads((FOLDER / golden.file_name(schema)).read_text(encoding="utf-8"))


def read(schema: Schema, value: bytes, by: Any) -> tuple[Any, Any]:
    return by.decode(value) if schema.meta else (None, by.decode_hub(value))


def expected(node: Type, value: Any) -> Any:
    """The newest class that a stored value must become; fields that it lacks take their defaults."""
    match node:
        case Nullable(item=item):
            return None if value is None else expected(item, value)
        case Array(items=items):
            return tuple(expected(items, item) for item in value)
        case Record():
            return build(node, node.fields, value)
        case Fixed() | Primitive(name="bytes"):
            return bytes.fromhex(value)
    return value


def build(record: Record, fields: tuple[Field, ...], value: Any) -> Any:
    known = {field.name: expected(field.type, value[field.name]) for field in fields if field.name in value}
    return getattr(events, class_name(record.full_name))(**known)


@every_version
def test_a_released_version_has_golden_bytes(schema: Schema) -> None:
    assert (FOLDER / golden.file_name(schema)).exists(), "run python -m schemas.generate.golden tests/contract/golden"


def test_there_are_no_golden_bytes_without_a_released_version() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {golden.file_name(schema) for schema in SCHEMAS}


@every_version
def test_golden_bytes_carry_the_locked_id(schema: Schema) -> None:
    entries = lock.read(lock.LOCK.read_text(encoding="utf-8"))
    locked = next(e.id for e in entries if (e.name, e.version) == (schema.full_name, schema.version))
    document = stored(schema)
    assert document["id"] == locked
    assert {record["bytes"][:10] for record in document["records"]} == {f"00{locked:08x}"}


@every_version
def test_golden_bytes_decode_to_the_values_they_were_made_from(schema: Schema, either_codec: Any) -> None:
    current = NEWEST[schema.full_name]
    for record in stored(schema)["records"]:
        meta, body = read(schema, bytes.fromhex(record["bytes"]), either_codec)
        assert body == build(current.record, current.body, record["value"])
        if current.meta:
            assert meta == expected(current.meta, record["value"]["meta"])


@pytest.mark.parametrize("schema", NEWEST.values(), ids=lambda s: s.full_name)
def test_the_newest_version_is_encoded_to_its_golden_bytes(schema: Schema, either_codec: Any) -> None:
    for record in stored(schema)["records"]:
        value = bytes.fromhex(record["bytes"])
        meta, body = read(schema, value, either_codec)
        assert (either_codec.encode(meta, body) if schema.meta else either_codec.encode_hub(body)) == value


def test_golden_bytes_are_never_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / golden.file_name(SCHEMAS[0])
    kept.write_text("kept")
    golden.main(tmp_path)
    assert kept.read_text() == "kept"
    assert len(list(tmp_path.iterdir())) == len(SCHEMAS)
