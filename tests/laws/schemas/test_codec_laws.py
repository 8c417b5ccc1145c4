"""Laws of the generated codec: fastavro byte for byte, back to the same values, and Unreadable for everything else."""

import io
import json
import math
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, events
from schemas.frames import FRAME_LENGTH, Unreadable, frame
from schemas.generate import golden
from schemas.generate.model import Schema, load, newest
from schemas.generate.samples import plain
from tests.codecs import STRAIGHT, either_codec, other_codec
from tests.laws.schemas.strategies import pairs

__all__ = ["either_codec"]

NEWEST = newest(load())
PARSED = {schema.full_name: fastavro.parse_schema(plain(schema.json)) for schema in NEWEST}
SAMPLES = {
    schema.full_name: [
        bytes.fromhex(record["bytes"]) for record in json.loads(golden.render(schema, schema_id))["records"]
    ]
    for schema in NEWEST
    for schema_id in [
        codec.schema_id((events.CLAIMS | events.FACTS | events.HUB | events.REFERENCE | events.FEEDS)[schema.full_name])
    ]
}
every_event = pytest.mark.parametrize("schema", NEWEST, ids=lambda schema: schema.full_name)
a_share_for_each = settings(max_examples=max(5, settings().max_examples // 4))
"""Every schema has the same few kinds of fields; together they get far more examples than any other law."""
any_event = st.sampled_from(NEWEST).flatmap(lambda schema: st.tuples(st.just(schema), pairs(schema)))


def encoded(pair: tuple[Any, Any], by: Any) -> bytes:
    meta, body = pair
    value: bytes = by.encode_hub(body) if meta is None else by.encode(meta, body)
    return value


def decoded(value: bytes, schema: Schema, by: Any) -> Any:
    return by.decode(value) if schema.meta else (None, by.decode_hub(value))


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
@a_share_for_each
@given(data=st.data())
def test_values_become_the_bytes_that_fastavro_writes_and_come_back_from_all(
    schema: Schema, data: st.DataObject
) -> None:
    pair = data.draw(pairs(schema))
    out = io.BytesIO()
    fastavro.schemaless_writer(out, PARSED[schema.full_name], record_of(pair))
    value = frame(codec.schema_id(type(pair[1]))) + out.getvalue()
    for by in (STRAIGHT, other_codec()):
        assert encoded(pair, by) == value
        assert decoded(value, schema, by) == pair
    payload = io.BytesIO(value[FRAME_LENGTH:])
    assert fastavro.schemaless_reader(payload, PARSED[schema.full_name], None) == record_of(pair)


@given(any_event)
def test_meta_alone_is_the_meta_of_the_whole_record(either_codec: Any, event: tuple[Schema, tuple[Any, Any]]) -> None:
    schema, pair = event
    if schema.meta:
        assert either_codec.decode_meta(encoded(pair, either_codec)) == pair[0]


@given(any_event, st.data())
def test_a_record_cut_short_is_truncated(
    either_codec: Any, event: tuple[Schema, tuple[Any, Any]], data: st.DataObject
) -> None:
    schema, pair = event
    value = encoded(pair, either_codec)
    with pytest.raises(Unreadable) as caught:
        decoded(value[: data.draw(st.integers(FRAME_LENGTH, len(value) - 1))], schema, either_codec)
    assert caught.value.reason == "truncated"


@given(any_event, st.binary(min_size=1, max_size=40))
def test_bytes_after_the_record_are_refused(
    either_codec: Any, event: tuple[Schema, tuple[Any, Any]], more: bytes
) -> None:
    schema, pair = event
    with pytest.raises(Unreadable) as caught:
        decoded(encoded(pair, either_codec) + more, schema, either_codec)
    assert caught.value.reason == "trailing-bytes"


def damaged(schema: Schema, sample: int, flips: list[tuple[int, int]]) -> bytes:
    value = bytearray(SAMPLES[schema.full_name][sample % len(SAMPLES[schema.full_name])])
    for position, bit in flips:
        value[FRAME_LENGTH + position % (len(value) - FRAME_LENGTH)] ^= 1 << bit
    return bytes(value)


damage = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 7)), max_size=4)


def told(value: bytes, schema: Schema, by: Any) -> str:
    """What a codec makes of bytes, as text: values (which it can encode again), or the reason why there are none."""
    try:
        pair = decoded(value, schema, by)
    except Unreadable as error:
        return f"{error.reason} {error.schema_id}"
    assert has_nan(pair) or decoded(encoded(pair, by), schema, by) == pair
    return repr(pair)


@every_event
@a_share_for_each
@given(st.integers(0, 5), damage, st.integers(0, 10_000), st.binary(max_size=60))
def test_damaged_bytes_are_unreadable_or_values_and_python_and_compiled_agree(
    schema: Schema, sample: int, flips: list[tuple[int, int]], cut: int, more: bytes
) -> None:
    value = damaged(schema, sample, flips)
    for bad in (value, value[: cut % len(value)] + more):
        assert told(bad, schema, STRAIGHT) == told(bad, schema, other_codec())


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
def test_random_bytes_raise_nothing_but_unreadable(either_codec: Any, value: bytes) -> None:
    for read in (either_codec.decode, either_codec.decode_meta, either_codec.decode_hub):
        with pytest.raises(Unreadable):
            read(value)


def test_every_event_class_is_covered() -> None:
    assert {s.full_name for s in NEWEST} == {
        *events.CLAIMS,
        *events.FACTS,
        *events.HUB,
        *events.REFERENCE,
        *events.FEEDS,
    }
