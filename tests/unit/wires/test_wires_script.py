"""Scripts over the wires are read strictly."""

from __future__ import annotations

import pytest

from ops.wires.links import KINDS
from ops.wires.script import BadPlay, plays, read

GOOD = """
place = "p"
chinese = "P"
title = "t"
division = "411702"
[[members]]
name = "power"
link = "rest"
[[steps]]
to = "power"
does = "down"
[[steps]]
come = { power = ["ReportedIn"] }
[ends]
stage = "closed"
"""


def test_a_script_is_read() -> None:
    play = read(GOOD, "p.toml")
    assert [step.does for step in play.steps] == ["down", ""]
    assert play.steps[1].come == {"power": ("ReportedIn",)}


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('place = "p"', 'place = "p"\nfoo = 1', "unknown field"),
        ('to = "power"', 'to = "water"', 'step 1 is of "water", which is no member'),
        ('does = "down"', 'does = "down"\nclaim = "Close"', "step 1 says something and lets a member do something"),
        ('come = { power = ["ReportedIn"] }', 'tell = "nothing"', "step 2 says nothing"),
        ('come = { power = ["ReportedIn"] }', 'claim = "Close"', "step 2 does not say who speaks"),
        ('name = "power"', 'name = "gas"\nlink = "rest"\n[[members]]\nname = "power"', 'nothing is asked of "gas"'),
        ("[ends]", "ends", "p.toml: "),
    ],
)
def test_a_script_that_cannot_be_played_says_why(was: str, becomes: str, says: str) -> None:
    assert was in GOOD
    with pytest.raises(BadPlay, match=says.replace("(", r"\(")):
        read(GOOD.replace(was, becomes, 1), "p.toml")


def test_every_shipped_play_has_links_that_exist() -> None:
    assert plays()
    assert {member.link for play in plays().values() for member in play.members} <= KINDS.keys()
