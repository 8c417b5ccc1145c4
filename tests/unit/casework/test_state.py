"""State as a fold of facts: the fold rule, what stops it, and taking over from positions."""

from __future__ import annotations

import pytest

from schemas import codec, ids
from schemas.events import AddAlias, Filed
from schemas.wire.headers import POSITION, START, Position, position_bytes
from streams.casework.state import PartitionState, follows
from streams.core.authority import Stage
from streams.core.numbering import Numbers
from streams.runtime.processor import PartitionStopped
from tests.builders import (
    DISPATCHED,
    NUMBER,
    T0,
    Record,
    claim,
    fact,
    fact_record,
    history,
    reported,
)

CASE = ids.case_id("hotline", "1")


def header(epoch: int, offset: int, index: int = 0, count: int = 1) -> tuple[tuple[str, bytes], ...]:
    return ((POSITION, position_bytes(epoch, offset, index, count)),)


def records() -> list[Record]:
    """Three facts of three claims."""
    facts = history(DISPATCHED)
    return [fact_record(one, 10 + i, headers=header(1, i)) for i, one in enumerate(facts)]


def folded(*all_of: Record) -> PartitionState:
    state = PartitionState()
    for record in all_of:
        state.fold(record)
    return state


def snapshot(state: PartitionState) -> tuple[object, ...]:
    return state.subjects, state.numbers, state.recorded_at, state.position


@pytest.mark.parametrize(
    ("last", "new", "next_"),
    [
        (START, Position(1, 0, 0, 1), True),
        (START, Position(1, 5, 0, 1), True),
        (START, Position(1, 0, 1, 2), False),
        (Position(1, 4, 0, 2), Position(1, 4, 1, 2), True),
        (Position(1, 4, 0, 1), Position(1, 5, 0, 1), True),
        (Position(1, 4, 0, 1), Position(1, 9, 0, 1), True),
        (Position(1, 4, 0, 1), Position(1, 4, 0, 1), False),
        (Position(1, 4, 0, 3), Position(1, 4, 2, 3), False),
        (Position(1, 4, 0, 1), Position(1, 5, 1, 2), False),
        (Position(1, 4, 0, 1), Position(1, 3, 0, 1), False),
        (Position(1, 4, 0, 1), Position(2, 0, 0, 1), True),
        (Position(2, 4, 0, 1), Position(1, 9, 0, 1), False),
        (Position(1, 4, -1, 0), Position(1, 4, 0, 1), True),
        (Position(1, 4, -1, 0), Position(1, 5, 0, 1), True),
    ],
)
def test_a_fact_comes_next_or_changes_nothing(last: Position, new: Position, next_: bool) -> None:
    assert follows(last, new) is next_


def test_the_fold_knows_cases_numbers_time_and_position() -> None:
    state = folded(*records())
    assert state.get(CASE).stage is Stage.DISPATCHED
    assert state.numbers == Numbers("251123", 1)
    assert state.recorded_at == T0 + 3 * 60_000_000 + 1_000_000
    assert (state.position, state.facts_offset) == (Position(1, 2, 0, 1), 13)


def test_stale_and_repeated_facts_change_nothing() -> None:
    once = folded(*records())
    again = folded(*records(), *records())
    assert snapshot(again) == snapshot(once)
    first, second, third = records()
    assert snapshot(folded(first, second, first, second, third, second)) == snapshot(once)


def test_folding_says_whether_the_fact_was_new() -> None:
    state = PartitionState()
    first = records()[0]
    assert state.fold(first) is True
    assert state.fold(first) is False
    assert state.facts_offset == 11


def test_an_unknown_subject_is_a_new_case() -> None:
    assert folded(*records()).get(ids.case_id("hotline", "2")).stage is Stage.NONE


ODD = {
    "unknown schema": fact_record(fact(reported()), 13, value=b"\0\0\0\xff\xff", headers=header(1, 3)),
    "truncated": fact_record(fact(Filed(NUMBER), 4), 13, headers=header(1, 3))._replace(
        value=codec.encode(*fact(Filed(NUMBER), 4))[:-2]
    ),
    "a claim": Record("t.facts", 0, 13, CASE.encode(), claim(AddAlias("crm", "7")).value, header(1, 3)),
    "no position": fact_record(fact(Filed(NUMBER), 4), 13),
    "an odd position": fact_record(fact(Filed(NUMBER), 4), 13, headers=((POSITION, b"abc"),)),
    "a missing seq": fact_record(fact(Filed(NUMBER), 5), 13, headers=header(1, 3)),
    "a repeated seq": fact_record(fact(Filed(NUMBER), 3), 13, headers=header(1, 3)),
    "no value": fact_record(fact(Filed(NUMBER), 4), 13, value=None, headers=header(1, 3)),
}


@pytest.mark.parametrize("name", ODD)
def test_a_reader_of_facts_never_skips_one_it_stops(name: str) -> None:
    state = folded(*records())
    before = snapshot(state)
    with pytest.raises(PartitionStopped, match="record at offset 13 of facts"):
        state.fold(ODD[name])
    assert snapshot(state) == before
    assert state.facts_offset == 13


def test_a_position_without_a_fact_is_taken_over_when_it_is_larger() -> None:
    state = folded(*records())
    state.advance(Position(1, 1, -1, 0))
    assert state.position == Position(1, 2, 0, 1)
    state.advance(Position(1, 7, -1, 0))
    assert state.position == Position(1, 7, -1, 0)
