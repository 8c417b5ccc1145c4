"""Waiting after failures, and leaving a destination alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.delivery.patience import CLOSED, Breaker, Patience, answered, busy, failed, wait

P = Patience(first_seconds=1, longest_seconds=60, failures=3, rest_seconds=10)


def broken(times: int, now: float = 0.0) -> Breaker:
    """A breaker after so many failures in a row."""
    breaker = CLOSED
    for _ in range(times):
        breaker = failed(breaker, P, now, 1.0)
    return breaker


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_longer_than_the_longest_nor_shorter_than_half_the_first(failures: int, chance: float) -> None:
    assert 0.5 <= wait(P, failures, chance) <= 60


def test_waits_double() -> None:
    assert [wait(P, n, 0.0) for n in (1, 2, 3, 7, 8)] == [0.5, 1, 2, 30, 30]


def test_it_stays_closed_below_the_number_of_failures_and_opens_with_it() -> None:
    assert broken(2).state(0) == "closed"
    assert broken(3).state(0) == "open"


def test_after_its_rest_one_delivery_may_try_and_a_vain_one_doubles_the_rest() -> None:
    breaker = broken(3)
    assert breaker.state(9.9) == "open"
    assert breaker.state(10) == "half-open"
    again = failed(breaker, P, 10, 1.0)
    assert (again.until, again.state(29.9), again.state(30)) == (30, "open", "half-open")


def test_one_answer_closes_it() -> None:
    assert answered(broken(9)) == CLOSED


def test_peace_that_was_asked_for_is_kept_without_counting_as_failure() -> None:
    resting = busy(CLOSED, 100, 30)
    assert (resting.state(129), resting.state(130), resting.failures) == ("open", "half-open", 0)


@pytest.mark.parametrize("wrong", [{"first_seconds": 0}, {"first_seconds": 99}, {"failures": 0}, {"rest_seconds": -1}])
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Patience(**wrong)  # type: ignore[arg-type]  # that is the point
