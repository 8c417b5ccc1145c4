"""Every worked case of the table, and that the table would notice a wrong clock."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from streams.core.clocks import Clock, clocks
from tests.clock_samples import (
    ALL_DAY,
    HOUR,
    ORDINARY,
    PERSON,
    PUBLISHED,
    SOURCE,
    UNTIL_2026,
    Sheet,
    at,
    clock_of,
    fold,
    local,
)

TABLE = tomllib.loads(Path(__file__).with_name("worked_cases.toml").read_text("utf-8"))["case"]
CALENDARS = {"": ORDINARY, "until 2026": UNTIL_2026, "published": PUBLISHED}


def terms(case: dict[str, Any]) -> Sheet:
    calendars = {"": CALENDARS[case.get("calendar", "")], "typhoon": ALL_DAY}
    bound = case.get("bound_hours")
    return Sheet(case.get("terms", {}), calendars, {"halved": 50}, None if bound is None else bound * HOUR)


def told(clock: Clock) -> str:
    """A clock as the table writes it."""
    used = f"{clock.used_us / HOUR:.3f}".rstrip("0").rstrip(".")
    due = local(clock.due_at) or "-"
    return f"{clock.clock} {clock.party or '-'} {clock.verdict} {clock.light or 'none'} {used} {due}"


def found(case: dict[str, Any]) -> str:
    state = fold(*case["facts"], by=SOURCE if case.get("by") == "source" else PERSON)
    kind, party, *_ = case["expect"].split()
    return told(clock_of(state, terms(case), case["at"], kind, "" if party == "-" else party))


@pytest.mark.parametrize("case", TABLE, ids=[case["name"] for case in TABLE])
def test_a_worked_case_comes_out_as_worked(case: dict[str, Any]) -> None:
    assert found(case) == case["expect"]


def test_the_table_is_large_and_names_are_not_used_twice() -> None:
    names = [case["name"] for case in TABLE]
    assert len(names) == len(set(names)) >= 60


@pytest.mark.parametrize("case", TABLE, ids=[case["name"] for case in TABLE])
def test_segments_of_a_worked_case_add_up(case: dict[str, Any]) -> None:
    for clock in clocks(fold(*case["facts"]), terms(case), at(case["at"])):
        assert clock.used_us == sum(segment.used_us for segment in clock.segments)
        ends = [segment.end for segment in clock.segments[:-1]]
        starts = [segment.start for segment in clock.segments[1:]]
        assert all(end is not None and end <= start for end, start in zip(ends, starts, strict=True))
