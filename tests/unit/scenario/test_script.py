"""Scripts of scenarios: how they are read, when each step is, and what is held against what was expected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from ops.scenario.clock import SimulatedClock
from ops.scenario.facts import Fact, among, exactly
from ops.scenario.script import BadScript, Script, load, read
from schemas.events import RanOut
from tests.builders import T0, dispatched, fact, filed, reported

TEXT = """
place = "yicheng"
chinese = "驿城区"
title = "a pole"
starts = "2026-03-02T08:00"
division = "411702"
endings = [{ about = "chat:1", view = { stage = "closed" } }]

[[steps]]
at = "+0m"
about = "chat:1"
claim = "Report"
by = "community:reporter"
expect = ["Reported"]
id = "reported"

[[steps]]
at = "+2h"
about = "chat:1"
expect = [{ fact = "RanOut", clock = "report_in" }]

[[steps]]
at = "2026-03-03T09:00"
about = "chat:1"
claim = "File"
by = "centre:dispatcher"

[[twins]]
name = "silent"
title = "nobody comes"
until = "reported"
steps = [{ at = "+1d", about = "chat:1" }]
endings = []
"""


def script(**changes: str) -> Script:
    text = TEXT
    for old, new in changes.items():
        text = text.replace(f"{old} = ", f"{new} = ", 1)
    return read(text, "yicheng")


def test_steps_follow_each_other_in_the_place_s_own_time() -> None:
    moments = [moment.astimezone(UTC) for _, moment in script().timed()]
    assert moments == [
        datetime(2026, 3, 2, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 2, tzinfo=UTC),
        datetime(2026, 3, 3, 1, tzinfo=UTC),
    ]


def test_a_twin_goes_with_the_script_and_then_its_own_way() -> None:
    twin = script().twin("silent")
    assert [step.at for step in twin.steps] == ["+0m", "+1d"]
    assert (twin.title, twin.endings) == ("nobody comes", ())


def test_an_unknown_twin_is_refused_naming_those_there_are() -> None:
    with pytest.raises(BadScript, match="it has silent"):
        script().twin("loud")


def test_a_script_with_a_name_of_its_own_is_found_by_it_beside_the_places() -> None:
    season = msgspec.structs.replace(script(), name="yicheng-season", chinese="驿城一季")
    assert load("yicheng-season", [season]) is load("驿城一季", [season]) is season
    assert load("驿城").called == "yicheng"
    with pytest.raises(BadScript, match="yicheng-season 驿城一季"):
        load("nowhere", [season])


@pytest.mark.parametrize("key", ["place", "at", "until"])
def test_a_misspelt_key_is_refused(key: str) -> None:
    with pytest.raises(BadScript, match="yicheng"):
        script(**{key: f"{key}x"})


def test_a_step_never_lies_before_the_one_before() -> None:
    late = read(TEXT.replace("2026-03-03T09:00", "2026-03-02T09:00"), "yicheng")
    with pytest.raises(BadScript, match="before the step before it"):
        list(late.timed())


def test_a_twin_that_leaves_at_no_step_is_refused() -> None:
    with pytest.raises(BadScript, match="no step has the id"):
        read(TEXT.replace('until = "reported"', 'until = "closed"'), "yicheng")


@pytest.mark.parametrize("made", ['{ fact = "RanOut", clock = "report_in" }', '"Resumed"', '"Warned"'])
def test_what_time_makes_is_not_expected_of_a_claim(made: str) -> None:
    """The hub may notice it before the claim comes: such a script would be right on some days only."""
    with pytest.raises(
        BadScript, match=r"Report at \+0m expects .*, which time makes by itself: expect it of a step without"
    ):
        read(TEXT.replace('expect = ["Reported"]', f'expect = [{made}, "Reported"]'), "yicheng")


def test_what_was_resumed_by_a_claim_is_expected_of_it() -> None:
    text = TEXT.replace('claim = "Report"', 'claim = "Resume"').replace('expect = ["Reported"]', 'expect = ["Resumed"]')
    assert read(text, "yicheng").steps[0].by_itself == []


def test_the_clock_never_goes_back() -> None:
    clock = SimulatedClock(T0)
    clock.move_to(T0 - 1)
    assert clock() == T0


def facts(*bodies: Any) -> list[Fact]:
    return [Fact(*fact(body, seq), last=True) for seq, body in enumerate(bodies, 1)]


RAN_OUT = RanOut(clock="report_in", party="power", due_at=T0)


def test_just_what_was_expected_must_come() -> None:
    came = facts(reported(), filed())
    assert exactly(came, ["Reported", "Filed"])
    assert not exactly(came, ["Reported"])
    assert not exactly(came, ["Filed", "Reported"])


def test_facts_of_the_clocks_count_only_where_the_script_speaks_of_them() -> None:
    came = facts(RAN_OUT, dispatched())
    assert exactly(came, ["Dispatched"])
    assert exactly(came, [{"fact": "RanOut", "party": "power"}, "Dispatched"])
    assert not exactly(came, [{"fact": "RanOut", "party": "water"}, "Dispatched"])


def test_what_comes_by_itself_may_stand_between_other_facts() -> None:
    came = facts(reported(), RAN_OUT, filed())
    assert among(came, ["Reported", "Filed"])
    assert not among(came, ["Filed", "Reported"])
    assert not among(came, [{"fact": "RanOut", "clock": "closure"}])
