"""Laws of the generated codec: fastavro byte for byte, back to the same values, and Unreadable for everything else."""

import io
import json
import math
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec, events
from schemas.frames import FRAME_LENGTH, Unreadable, frame
from schemas.generate import golden
from schemas.generate.model import Schema, load, newest
from schemas.generate.samples import plain
from tests.laws.schemas.strategies import pairs

NEWEST = newest(load())
PARSED = {schema.full_name: fastavro.parse_schema(plain(schema.json)) for schema in NEWEST}
SAMPLES = {
    schema.full_name: [
        bytes.fromhex(record["bytes"]) for record in json.loads(golden.render(schema, schema_id))["records"]
    ]
    for schema in NEWEST
    for schema_id in [codec.schema_id((events.CLAIMS | events.FACTS | events.HUB)[schema.full_name])]
}
every_event = pytest.mark.parametrize("schema", NEWEST, ids=lambda schema: schema.full_name)
any_event = st.sampled_from(NEWEST).flatmap(lambda schema: st.tuples(st.just(schema), pairs(schema)))


def encoded(pair: tuple[Any, Any]) -> bytes:
    meta, body = pair
    return codec.encode_hub(body) if meta is None else codec.encode(meta, body)


def decoded(value: bytes, schema: Schema) -> Any:
    return codec.decode(value) if schema.meta else (None, codec.decode_hub(value))


def as_fastavro_sees_it(value: Any) -> Any:
    match value:
        case msgspec.Struct():
            return {name: as_fastavro_sees_it(getattr(value, name)) for name in value.__struct_fields__}
        case tuple():
            return [as_fastavro_sees_it(item) for item in value]
    return value


def record_of(pair: tuple[Any, Any]) -> Any:
    meta, body = pair
    return ({} if meta is None else {"meta": as_fastavro_sees_it(meta)}) | as_fastavro_sees_it(body)


@every_event
@given(data=st.data())
def test_values_become_the_bytes_that_fastavro_writes_and_come_back_from_both(
    schema: Schema, data: st.DataObject
) -> None:
    pair = data.draw(pairs(schema))
    value = encoded(pair)
    out = io.BytesIO()
    fastavro.schemaless_writer(out, PARSED[schema.full_name], record_of(pair))
    assert value == frame(codec.schema_id(type(pair[1]))) + out.getvalue()
    assert decoded(value, schema) == pair
    payload = io.BytesIO(value[FRAME_LENGTH:])
    assert fastavro.schemaless_reader(payload, PARSED[schema.full_name], None) == record_of(pair)


@given(any_event)
def test_meta_alone_is_the_meta_of_the_whole_record(event: tuple[Schema, tuple[Any, Any]]) -> None:
    schema, pair = event
    if schema.meta:
        assert codec.decode_meta(encoded(pair)) == pair[0]


@given(any_event, st.data())
def test_a_record_cut_short_is_truncated(event: tuple[Schema, tuple[Any, Any]], data: st.DataObject) -> None:
    schema, pair = event
    value = encoded(pair)
    with pytest.raises(Unreadable) as caught:
        decoded(value[: data.draw(st.integers(FRAME_LENGTH, len(value) - 1))], schema)
    assert caught.value.reason == "truncated"


@given(any_event, st.binary(min_size=1, max_size=40))
def test_bytes_after_the_record_are_refused(event: tuple[Schema, tuple[Any, Any]], more: bytes) -> None:
    schema, pair = event
    with pytest.raises(Unreadable) as caught:
        decoded(encoded(pair) + more, schema)
    assert caught.value.reason == "trailing-bytes"


def check_damaged(value: bytes, schema: Schema) -> None:
    """Either Unreadable, or values that can be encoded again; any other exception fails the test."""
    try:
        pair = decoded(value, schema)
    except Unreadable:
        return
    assert has_nan(pair) or decoded(encoded(pair), schema) == pair


damage = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 7)), max_size=4)


@every_event
@given(st.integers(0, 5), damage, st.integers(0, 10_000), st.binary(max_size=60))
def test_damaged_bytes_raise_nothing_but_unreadable(
    schema: Schema, sample: int, flips: list[tuple[int, int]], cut: int, more: bytes
) -> None:
    value = bytearray(SAMPLES[schema.full_name][sample % len(SAMPLES[schema.full_name])])
    for position, bit in flips:
        value[FRAME_LENGTH + position % (len(value) - FRAME_LENGTH)] ^= 1 << bit
    check_damaged(bytes(value), schema)
    check_damaged(bytes(value[: FRAME_LENGTH + cut % len(value)]) + more, schema)


def has_nan(value: Any) -> bool:
    match value:
        case float():
            return math.isnan(value)
        case tuple():
            return any(map(has_nan, value))
        case msgspec.Struct():
            return any(has_nan(getattr(value, name)) for name in value.__struct_fields__)
    return False


@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_but_unreadable(value: bytes) -> None:
    for read in (codec.decode, codec.decode_meta, codec.decode_hub):
        with pytest.raises(Unreadable):
            read(value)


def test_every_event_class_is_covered() -> None:
    assert {s.full_name for s in NEWEST} == {*events.CLAIMS, *events.FACTS, *events.HUB}
