"""How often a key may ask."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.rates import SECOND, full, take


def test_a_full_bucket_gives_its_burst_and_then_says_how_long_to_wait() -> None:
    bucket, answers = full(3, 0), []
    for _ in range(4):
        bucket, seconds = take(bucket, 6, 3, 0)
        answers.append(seconds)
    assert answers == [0, 0, 0, 10]
    assert take(bucket, 6, 3, 9 * SECOND)[1] == 1
    assert take(bucket, 6, 3, 10 * SECOND)[1] == 0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket, _ = take(full(1, 60 * SECOND), 60, 1, 60 * SECOND)
    bucket, seconds = take(bucket, 60, 1, 0)
    assert seconds
    assert take(bucket, 60, 1, 60 * SECOND)[1]


@given(st.lists(st.integers(0, 5 * SECOND), max_size=200), st.integers(1, 600), st.integers(1, 20))
def test_no_more_is_allowed_than_burst_and_rate(gaps: list[int], per_minute: int, burst: int) -> None:
    now, bucket, allowed = 0, full(burst, 0), 0
    for gap in gaps:
        now += gap
        bucket, seconds = take(bucket, per_minute, burst, now)
        allowed += not seconds
    assert allowed <= burst + now / (60 * SECOND) * per_minute
