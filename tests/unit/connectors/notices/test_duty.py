"""Who is on duty at the edges of a day; who is told next."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.notices.duty import by_turns, next_one
from connectors.notices.settings import Turn
from tests.link_samples import SHANGHAI
from tests.unit.connectors.notices.samples import at

NIGHT = Turn(("p1", "p2"), "20:00", "08:00", (5,))
DAY = Turn(("p2", "p3"), "19:00", "21:00")


@pytest.mark.parametrize(
    ("when", "runs"),
    [
        ("2026-11-27T19:59:59", False),  # a Friday
        ("2026-11-27T20:00:00", True),
        ("2026-11-27T23:59:59", True),
        ("2026-11-28T00:00:00", True),
        ("2026-11-28T07:59:59", True),
        ("2026-11-28T08:00:00", False),
        ("2026-11-27T00:00:00", False),
        ("2026-11-28T20:00:00", False),
    ],
)
def test_a_turn_over_midnight_belongs_to_the_day_on_which_it_begins(when: str, runs: bool) -> None:
    assert (by_turns([NIGHT], SHANGHAI, at(when)) == ["p1", "p2"]) is runs


def test_who_has_two_turns_at_once_is_named_once() -> None:
    assert by_turns([NIGHT, DAY], SHANGHAI, at("2026-11-27T20:00:00")) == ["p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("persons", "told", "rung", "last", "expected"),
    [
        (("p1", "p2"), (), 0, False, "p1"),
        ((), (), 0, False, "p9"),  # nobody on duty
        (("p1", "p2"), ("p1",), 1, False, "p2"),
        (("p1",), ("p1",), 1, False, "p9"),  # nobody left
        (("p1", "p2"), ("p1",), 1, True, "p9"),  # the last rung is the head's
        (("p1", "p2", "p3"), ("p1", "p2"), 2, True, "p9"),
        (("p1",), ("p1", "p9"), 2, True, None),
        (("p5", "p6"), ("p1",), 1, False, "p5"),  # the shift has changed
        (("p1", "p2"), (), 1, False, "p2"),  # p1 could not be told yet, and is still tried
        (("p1",), (), 1, False, "p9"),
        (("p9", "p1"), (), 0, False, "p1"),  # the head comes last even where the roster has him first
    ],
)
def test_who_is_told_next(
    persons: Sequence[str], told: Sequence[str], rung: int, last: bool, expected: str | None
) -> None:
    assert next_one(persons, "p9", told, rung, last=last) == expected
