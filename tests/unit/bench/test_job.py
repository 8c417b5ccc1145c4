"""The yardstick job gives the bytes that a plain reference gives, and its state is the fold of its facts."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from fastavro import schemaless_reader

from tests.bench.job import codec, fold, generate
from tests.bench.job.fold import CaseState
from tests.bench.peers.plain_job import PlainJob
from tests.bench.stage import PEER


class Incoming(NamedTuple):
    offset: int
    key: bytes
    value: bytes
    timestamp: int


def peer_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("peer_generator", PEER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def incoming() -> Sequence[Incoming]:
    """Two thousand claims of the peer's generator, repeated ones among them."""
    made = peer_generator()
    return [
        Incoming(offset, made.case_key(case), value, at)
        for offset, (case, value, at) in enumerate(made.records(100, 20, 100, 1, 1_767_225_600_000))
    ]


def test_the_facts_are_those_of_the_plain_job(incoming: Sequence[Incoming]) -> None:
    plain = PlainJob()
    wanted: list[Any] = [(r.key, plain.handle(r.key, r.value, r.offset), [], r.timestamp) for r in incoming]
    facts = fold.decide({}, incoming)
    assert facts == [fact for fact in wanted if fact[1] is not None]
    assert 0 < len(incoming) - len(facts) < 100


def test_every_field_of_a_claim_is_decoded(incoming: Sequence[Incoming]) -> None:
    schema = PlainJob().claim
    for record in incoming:
        claim = codec.decode_claim(record.value)
        wanted = schemaless_reader(io.BytesIO(record.value[5:]), schema, None)
        assert isinstance(wanted, dict)
        assert {**wanted, "evidence": tuple(wanted["evidence"])} == {
            n: getattr(claim, n) for n in claim.__struct_fields__
        }


def test_the_state_is_the_fold_of_the_facts(incoming: Sequence[Incoming]) -> None:
    states: dict[bytes, CaseState] = {}
    refolded: dict[bytes, CaseState] = {}
    for key, value, _, _ in fold.decide(states, incoming):
        fold.refold(refolded.setdefault(key, CaseState()), codec.decode_fact(value))
    assert refolded == states


def test_batches_do_not_matter(incoming: Sequence[Incoming]) -> None:
    states: dict[bytes, CaseState] = {}
    parts = [fold.decide(states, incoming[n : n + 7]) for n in range(0, len(incoming), 7)]
    assert [fact for part in parts for fact in part] == fold.decide({}, incoming)


def test_a_strange_frame_is_refused(incoming: Sequence[Incoming]) -> None:
    with pytest.raises(ValueError, match="unknown frame"):
        codec.decode_claim(b"\0\0\0\0\1" + incoming[0].value[5:])


def test_the_generated_codec_is_what_the_generator_writes() -> None:
    assert generate.main(["--check"]) == 0
