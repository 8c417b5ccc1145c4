"""Timers against a plain list of moments: the same keys, once each, in order, whatever is set, moved and dropped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.runtime import timers
from streams.runtime.timers import BUCKET_BITS, Timers

MINUTE = 2**BUCKET_BITS
steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from("abcdef"), st.integers(0, 20 * MINUTE)),
        st.tuples(st.just("drop"), st.sampled_from("abcdef"), st.just(0)),
        st.tuples(st.just("ask"), st.just(""), st.integers(0, 2 * MINUTE)),
    ),
    max_size=60,
)


def played(wheel: Timers, script: list[tuple[str, str, int]]) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """What came from the timers, and what a plain dictionary says should have come."""
    plain: dict[str, int] = {}
    found: list[tuple[str, int]] = []
    wanted: list[tuple[str, int]] = []
    now = 0
    for what, key, value in script:
        if what == "set":
            wheel.set(key, value)
            plain[key] = value
        elif what == "drop":
            wheel.drop(key)
            plain.pop(key, None)
        else:
            now += value
            found += wheel.due(now)
            due = sorted((at, k) for k, at in plain.items() if at <= now)
            wanted += [(k, at) for at, k in due]
            plain = {k: at for k, at in plain.items() if at > now}
    return found, wanted


@given(steps)
def test_timers_come_once_in_order_at_their_moment(script: list[tuple[str, str, int]]) -> None:
    found, wanted = played(Timers(), script)
    assert found == wanted


def test_timers_that_move_for_ever_leave_no_heap_of_old_entries() -> None:
    wheel = Timers()
    for n in range(10 * timers.FEW):
        wheel.set("a", n * MINUTE)
    assert wheel._entries < 3 * timers.FEW
    assert list(wheel.due(10 * timers.FEW * MINUTE)) == [("a", (10 * timers.FEW - 1) * MINUTE)]


def test_a_timer_can_be_set_while_others_come() -> None:
    wheel = Timers()
    for key in "abc":
        wheel.set(key, 10)
    seen = []
    for key, _ in wheel.due(20):
        seen.append(key)
        wheel.set(key, 15 if seen == ["a"] else 30)
    assert seen == ["a", "b", "c", "a"]
    assert len(wheel) == 3
