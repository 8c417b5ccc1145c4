"""Laws of notices: no robot is told more than it takes; nobody is told twice, and the head in the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notices.duty import next_one
from connectors.notices.pace import LIMITS, SECOND, free_at, remembered
from connectors.notices.settings import Shape
from tests.builders import T0

PAUSES = st.lists(st.integers(0, 20 * SECOND), max_size=150)
SHIFTS = st.lists(st.lists(st.sampled_from(["p1", "p2", "p3", "p9"]), unique=True), min_size=1, max_size=5)


@pytest.mark.parametrize("shape", LIMITS)
@given(pauses=PAUSES)
def test_whoever_waits_until_a_robot_is_free_never_tells_it_too_much(shape: Shape, pauses: list[int]) -> None:
    now = T0
    sent: list[int] = []
    all_sent: list[int] = []
    for pause in pauses:
        now = free_at(shape, sent, now + pause)
        sent = [*remembered(shape, sent), now]
        all_sent.append(now)
    for many, span in LIMITS[shape]:
        windows = zip(all_sent, all_sent[many:], strict=False)
        assert all(later - first >= span * SECOND for first, later in windows)


@given(shifts=SHIFTS, failing=st.sets(st.integers(0, 4)))
def test_whatever_the_shifts_nobody_is_told_twice_and_the_head_hears_of_it(
    shifts: list[list[str]], failing: set[int]
) -> None:
    told: list[str] = []
    top = len(shifts) - 1
    for rung, persons in enumerate(shifts):
        code = next_one(persons, "p9", told, rung, last=rung == top > 0)
        if code is not None and (rung not in failing or rung == top):
            told.append(code)
    assert len(told) == len(set(told))
    assert top == 0 or "p9" in told
