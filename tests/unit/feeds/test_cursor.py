"""Cursors: opaque, of one feed, and refused in one sentence where they are something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds.cursor import BadCursor, Place, beginning, parse, text

places = st.builds(Place, st.integers(0, 1 << 50), st.integers(0, 1 << 50))


@given(st.lists(places, min_size=1, max_size=9))
def test_a_cursor_comes_back_as_it_was(found: list[Place]) -> None:
    cursor = dict(enumerate(found))
    told = text("power", cursor)
    assert told.isascii()
    assert not set(told) & set(" +/=&?")
    assert parse(told, "power", len(found)) == cursor


def test_the_beginning_is_before_the_first_item() -> None:
    assert beginning(2) == {0: Place(0, 0), 1: Place(0, 0)}


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ("", "no cursor"),
        ("nonsense", "no cursor"),
        ("灯", "no cursor"),
        (text("gas", beginning(2)), "of another feed, not of power"),
        (text("power", beginning(3)), "not of this hub"),
        (text("power", {0: Place(-1, 0), 1: Place()}), "not of this hub"),
    ],
)
def test_what_is_no_cursor_of_this_feed_is_refused(told: str, what: str) -> None:
    with pytest.raises(BadCursor, match=what):
        parse(told, "power", 2)
