"""Scripts over the wires are read strictly."""

from __future__ import annotations

import pytest

from connectors import department
from ops.demo.places.made import documents
from ops.reference.documents import Document
from ops.wires.links import KINDS
from ops.wires.script import BadPlay, Play, plays, read
from schemas.events import Subscription

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


def test_every_kind_of_link_is_played_and_every_play_has_links_that_exist() -> None:
    assert plays().keys() == {"yicheng", "tianyuan", "xitu"}
    assert {member.link for play in plays().values() for member in play.members} == KINDS.keys()


def test_all_telecoms_of_the_pole_are_on_the_wires() -> None:
    names = {member.name for member in plays()["yicheng"].members}
    assert names > {"telecom-a", "telecom-b", "telecom-c", "telecom-d"}


def test_the_police_are_no_party_of_the_case_in_which_they_are_asked() -> None:
    steps = plays()["xitu"].steps
    parties = [party["org"] for step in steps for party in step.fields.get("parties", ())]
    assert [step.fields["party"] for step in steps if step.claim == "AskReference"] == ["police"]
    assert "police" not in parties


@pytest.mark.parametrize("play", plays().values(), ids=lambda play: play.place)
def test_every_member_has_a_file_that_ships_and_a_subscription_among_its_places_documents(play: Play) -> None:
    told = {one.code: one for document in documents(play.place) for one in subscriptions(document)}
    for member in play.members:
        loaded = department.example(member.file)
        assert loaded.head.subscription in told, member.name
        assert told[loaded.head.subscription].owner == loaded.department.org


def subscriptions(document: Document) -> list[Subscription]:
    return [one for one in document.items if isinstance(one, Subscription)]
