"""How far casework and the views are, from positions and offsets."""

from __future__ import annotations

from typing import Any

from ops.lag import Decided
from schemas import codec
from schemas.events import HubPosition
from schemas.wire.headers import POSITION, position_bytes
from tests import builders

ENDS = {0: 10, 1: 4}


def fact(partition: int, offset: int, *position: int) -> Any:
    said = builders.history([builders.reported()])[0]
    headers = ((POSITION, position_bytes(*position)),)
    return builders.fact_record(said, offset, partition=partition, headers=headers)


def test_before_the_first_fact_every_claim_waits() -> None:
    assert Decided().waiting_claims(ENDS, 1) == 14
    assert Decided().waiting_facts({}) == 0


def test_a_fact_tells_how_far_casework_is() -> None:
    decided = Decided()
    decided.see_fact(fact(0, 30, 1, 7, 0, 1))
    assert decided.waiting_claims(ENDS, 1) == 2 + 4
    assert decided.waiting_facts({0: 31}) == 0
    assert decided.waiting_facts({0: 20}) == 11


def test_a_batch_without_facts_tells_it_by_its_position() -> None:
    decided = Decided()
    decided.see_fact(fact(1, 5, 1, 1, 0, 1))
    value = codec.encode_hub(HubPosition(epoch=1, offset=3, index=-1, count=0))
    decided.see_position(builders.Record("t.positions", 1, 0, b"1", value))
    assert decided.waiting_claims(ENDS, 1) == 10


def test_an_older_position_does_not_take_it_back() -> None:
    decided = Decided()
    decided.see_fact(fact(0, 30, 1, 9, 0, 1))
    decided.see_fact(fact(0, 31, 1, 2, 0, 1))
    assert decided.waiting_claims(ENDS, 1) == 4


def test_positions_of_an_earlier_life_of_the_claims_topic_do_not_count() -> None:
    decided = Decided()
    decided.see_fact(fact(0, 30, 1, 9, 0, 1))
    assert decided.waiting_claims(ENDS, 2) == 14
