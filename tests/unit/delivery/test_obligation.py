"""Intent, attempted, acknowledged, confirmed; and each kind of failure by its own rule."""

import pytest

from connectors.contract import BadData, Busy, Conflict, Down, Receipt, Undelivered
from connectors.delivery.obligation import (
    Move,
    Obligation,
    State,
    again,
    attempted,
    broken,
    failure,
    found,
    next_move,
    taken,
)
from connectors.delivery.patience import Patience

PATIENCE = Patience(first_seconds=1, longest_seconds=8, conflicts=2)
YES = Receipt(their_number="A-7")
TRIED = attempted(Obligation())


def failed(wrong: Undelivered, now: Obligation = TRIED, reads_back: bool = False) -> Obligation:
    """What a failure makes of a first attempt, without chance."""
    return failure(now, wrong, PATIENCE, 0.0, reads_back)


def test_an_attempt_is_in_doubt_until_something_is_known() -> None:
    now = attempted(Obligation())
    assert (now.state, now.attempts, now.in_flight) == (State.ATTEMPTED, 1, True)
    assert taken(now, YES)._replace(attempts=0) == Obligation(State.ACKNOWLEDGED)


def test_what_was_in_flight_when_it_was_killed_is_read_back_where_that_can_be_done() -> None:
    killed = attempted(Obligation())
    assert next_move(killed, reads_back=True) is Move.READ_BACK
    assert next_move(killed, reads_back=False) is Move.DELIVER
    assert next_move(Obligation(), reads_back=True) is Move.DELIVER


def test_what_is_found_is_confirmed_and_what_is_not_is_delivered() -> None:
    killed = attempted(Obligation())
    assert found(killed, YES).state is State.CONFIRMED
    assert next_move(found(killed, None), reads_back=True) is Move.DELIVER


def test_bad_data_fails_for_good_at_once() -> None:
    assert failed(BadData("the street is unknown")).state is State.DEAD


def test_a_conflict_reads_back_and_fails_for_good_after_a_few() -> None:
    first = failed(Conflict("it is closed there"), reads_back=True)
    assert (first.state, next_move(first, True)) == (State.ATTEMPTED, Move.READ_BACK)
    second = failed(Conflict("it is closed there"), attempted(found(first, None)), reads_back=True)
    assert second.state is State.DEAD


def test_a_conflict_with_whom_cannot_say_what_it_holds_fails_for_good() -> None:
    assert failed(Conflict("it is closed there")).state is State.DEAD


def test_busy_waits_as_long_as_it_was_told_and_leaves_no_new_doubt() -> None:
    told = failed(Busy("later", retry_after=30))
    assert (told.wait, told.doubt, told.failures) == (30, False, 0)
    assert failed(Busy("later")).wait == 0.5


def test_busy_does_not_take_back_the_doubt_of_an_earlier_attempt() -> None:
    assert failed(Busy("later"), attempted(failed(Down("silent")))).doubt


def test_down_stays_in_doubt_and_waits_ever_longer_for_ever() -> None:
    now, waits = Obligation(), []
    for _ in range(40):
        now = failed(Down("silent"), attempted(now))
        waits.append(now.wait)
    assert (now.state, now.doubt, now.attempts) == (State.ATTEMPTED, True, 40)
    assert waits[:5] == [0.5, 1, 2, 4, 4]


def test_an_error_of_the_connector_itself_fails_for_good_without_its_text() -> None:
    now = broken(attempted(Obligation()), "KeyError")
    assert (now.state, now.why) == (State.DEAD, "broken")
    assert "KeyError" in now.detail


def test_a_replay_counts_anew_but_knows_that_it_was_tried() -> None:
    dead = failed(BadData("the street is unknown"))
    assert again(dead) == Obligation(State.INTENT, 1, doubt=True)


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.CONFIRMED, State.DEAD, State.PARKED])
def test_nothing_more_is_done_by_itself(state: State) -> None:
    assert next_move(Obligation(state, doubt=True), reads_back=True) is Move.NOTHING


def test_what_was_acknowledged_and_cannot_be_found_is_told() -> None:
    now = found(taken(attempted(Obligation()), YES), None)
    assert (now.state, now.why) == (State.ACKNOWLEDGED, "not-found")
