"""Groups solved together, and campaigns whose findings become reports."""

from __future__ import annotations

import itertools

from schemas import ids
from schemas.events import (
    Actor,
    AddMember,
    Closed,
    CloseGroup,
    GroupClosed,
    GroupJoined,
    GroupLeft,
    GroupOpened,
    GroupSolved,
    HandBack,
    LogWork,
    MemberAdded,
    MemberRemoved,
    Part,
    RemoveMember,
    Report,
    TargetVisited,
)
from tests.builders import CATEGORY, MINUTE, PHOTO, T0, TEXT
from tests.linking import Linked, at, case, group, place, story, told

POWER = Actor("power", "handler")
G = group("1")


def test_joining_and_leaving_are_told_to_the_group() -> None:
    opened = story("1", GroupOpened("together", "centre"), kind="group")
    said = Linked().see(opened, story("1", at(), GroupJoined(G), GroupLeft(G, "odd")))
    assert told(said) == [(G, AddMember(case("1"))), (G, RemoveMember(case("1"), "odd"))]


def test_a_case_that_joins_before_the_group_is_open_is_told_to_it_when_it_opens() -> None:
    opened = story("1", GroupOpened("together", "centre"), kind="group")
    joined, left = story("1", at(), GroupJoined(G)), story("2", at(900), GroupJoined(G), GroupLeft(G, "odd"))
    first, second = Linked(), Linked()
    first.see(joined, left, opened)
    second.see(opened, joined)
    assert [one.value for one in first.said] == [one.value for one in second.said]
    assert told(first.said) == [(G, AddMember(case("1")))]


def test_what_was_solved_together_is_handed_back_in_each_open_member_by_the_party() -> None:
    links = Linked()
    links.see(story("1", at()), story("2", at(900), Closed("checked")), story("3", at(1_800)))
    members = (MemberAdded(case(n)) for n in "123")
    solved = GroupSolved("power", TEXT, (PHOTO,))
    said = links.see(story("1", GroupOpened("together", "centre"), *members, solved, kind="group", by=POWER))
    assert told(said) == [(case(n), HandBack("power", TEXT, (PHOTO,))) for n in "13"]
    assert {one.meta.actor for one in said} == {Actor("power", "links")}


def test_a_case_that_left_is_not_handed_back() -> None:
    facts = (MemberAdded(case("1")), MemberAdded(case("2")), MemberRemoved(case("1"), "odd"), GroupSolved("power"))
    said = Linked().see(story("1", GroupOpened("together", "centre"), *facts, kind="group"))
    assert told(said) == [(case("2"), HandBack("power"))]


def test_a_solved_group_closes_once_its_last_member_has_ended_in_whatever_order() -> None:
    cases = [
        story(n, at(i * 900), GroupJoined(G), Closed("checked"), start=T0 + i * MINUTE) for i, n in enumerate("12")
    ]
    members = [MemberAdded(case(n)) for n in "12"]
    together = story("1", GroupOpened("together", "centre"), *members, GroupSolved("power"), kind="group")
    closings = set()
    for order in itertools.permutations([*cases, together]):
        links = Linked()
        links.see(*order)
        (closing,) = [one for one in links.said if type(one.body) is CloseGroup]
        closings.add(closing.value)
    assert len(closings) == 1


def test_a_group_that_nobody_solved_is_left_to_people() -> None:
    links = Linked()
    links.see(story("1", GroupOpened("together", "centre"), MemberAdded(case("1")), kind="group"))
    links.see(story("1", at(), GroupJoined(G), Closed("checked")))
    assert CloseGroup not in {type(one.body) for one in links.said}


def test_a_closed_group_is_not_told_to_close() -> None:
    facts = (GroupOpened("together", "centre"), MemberAdded(case("1")), GroupSolved("power"), GroupClosed("moot"))
    links = Linked()
    links.see(story("1", *facts, kind="group"), story("1", at(), GroupJoined(G), Closed("checked")))
    assert CloseGroup not in {type(one.body) for one in links.said}


def test_a_finding_becomes_a_report_and_two_findings_two() -> None:
    visits = [TargetVisited("h1", "done", Part(CATEGORY, place(n * 900), TEXT)) for n in (1, 2)]
    said = Linked().see(
        story("1", GroupOpened("campaign", "street"), *visits, TargetVisited("h2", "absent"), kind="group")
    )
    found = [one for one in said if type(one.body) is Report]
    assert [one.meta.subject.id for one in found] == [ids.case_id(f"campaign:{G}", str(seq)) for seq in (2, 3)]
    assert found[0].body == Report(CATEGORY, place(900), "campaign", TEXT)
    assert found[0].meta.actor == Actor("street", "links")
    assert LogWork not in {type(one.body) for one in said}
