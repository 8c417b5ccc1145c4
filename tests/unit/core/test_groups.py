"""Groups: like cases solved together, and campaigns from door to door."""

from __future__ import annotations

import pytest

from schemas.events import (
    Actor,
    AddMember,
    AddTargets,
    CloseGroup,
    GroupClosed,
    GroupOpened,
    GroupSolved,
    MemberAdded,
    MemberRemoved,
    OpenGroup,
    Part,
    RemoveMember,
    SolveGroup,
    Target,
    TargetsAdded,
    TargetVisited,
    Team,
    VisitTarget,
)
from tests.builders import CATEGORY, PHOTO, PLACE, TEXT
from tests.subjects import CENTRE, LINKS, OTHER_PERSON, PERSON, POWER, STREET, WORKER, given

A, B = "00000000-0000-5000-8000-00000000000a", "00000000-0000-5000-8000-00000000000b"
TOGETHER = GroupOpened("together", "centre")
TEAMS = (Team("t1", (PERSON,)), Team("t2", (OTHER_PERSON,)))
TARGETS = (Target("h1", "t1"), Target("h2", "t2"), Target("h3"))
CAMPAIGN = GroupOpened("campaign", "street", teams=TEAMS, targets=TARGETS)
FINDING = Part(CATEGORY, PLACE, TEXT)


def test_like_cases_are_solved_together_and_the_group_closes() -> None:
    group = given("group").when(OpenGroup("together", "centre", category=CATEGORY), CENTRE)
    opened = group.then(GroupOpened("together", "centre", category=CATEGORY))
    two = opened.when(AddMember(A), LINKS).then(MemberAdded(A)).when(AddMember(B), LINKS).then(MemberAdded(B))
    assert two.state.members == (A, B)
    solved = two.when(SolveGroup("power", TEXT, (PHOTO,)), POWER).then(GroupSolved("power", TEXT, (PHOTO,)))
    assert (solved.state.solved_by, solved.state.ended) == (("power",), False)
    assert solved.when(CloseGroup("all-ended"), LINKS).then(GroupClosed("all-ended")).state.ended


def test_a_member_belongs_once_and_leaves_once() -> None:
    one = given("group", TOGETHER, MemberAdded(A))
    one.when(AddMember(A), LINKS).then_refused("AddMember.once")
    left = one.when(RemoveMember(A, "odd"), LINKS).then(MemberRemoved(A, "odd"))
    left.when(RemoveMember(A, "odd"), LINKS).then_refused("RemoveMember.member")
    left.when(AddMember(A), LINKS).then(MemberAdded(A))


def test_nobody_solves_for_another_or_solves_nothing() -> None:
    one = given("group", TOGETHER, MemberAdded(A))
    one.when(SolveGroup("water"), POWER).then_refused("SolveGroup.own-work")
    one.when(SolveGroup("street"), STREET).then_refused("SolveGroup.role")
    given("group", TOGETHER).when(SolveGroup("power"), POWER).then_refused("SolveGroup.members")


def test_a_closed_group_takes_nothing_more() -> None:
    closed = given("group", TOGETHER, MemberAdded(A), GroupClosed("done"))
    closed.when(AddMember(B), LINKS).then_refused("AddMember.stage")
    closed.when(SolveGroup("power"), POWER).then_refused("SolveGroup.stage")
    given("group").when(AddMember(A), LINKS).then_refused("group.unknown")


def test_a_campaign_keeps_count_of_what_is_done_and_left() -> None:
    campaign = given("group", CAMPAIGN)
    assert campaign.state.left == ("h1", "h2", "h3")
    absent = campaign.when(VisitTarget("h1", "absent"), WORKER).then(TargetVisited("h1", "absent"))
    assert absent.state.left == ("h1", "h2", "h3")
    found = absent.when(VisitTarget("h1", "done", FINDING), WORKER).then(TargetVisited("h1", "done", FINDING))
    refused = found.when(VisitTarget("h3", "refused"), WORKER).then(TargetVisited("h3", "refused"))
    assert (refused.state.left, refused.state.done, refused.state.findings) == (("h2",), ("h1", "h3"), 1)
    refused.when(VisitTarget("h1", "done"), WORKER).then_refused("VisitTarget.target")


@pytest.mark.parametrize(
    "visit",
    [
        VisitTarget("h2", "done"),  # another team's
        VisitTarget("h9", "done"),  # no such target
        VisitTarget("h1", "absent", FINDING),  # nobody was in, so nothing was found
    ],
)
def test_a_visit_that_cannot_be_is_refused(visit: VisitTarget) -> None:
    given("group", CAMPAIGN).when(visit, WORKER).then_refused("VisitTarget.target")


def test_targets_come_to_a_campaign_once() -> None:
    campaign = given("group", CAMPAIGN)
    more = (Target("h4", "t2"),)
    assert campaign.when(AddTargets(more), STREET).then(TargetsAdded(more)).state.left[-1] == "h4"
    campaign.when(AddTargets((Target("h1"),)), STREET).then_refused("AddTargets.targets")
    campaign.when(AddTargets((Target("h5", "t9"),)), STREET).then_refused("AddTargets.targets")
    given("group", TOGETHER).when(AddTargets(more), STREET).then_refused("AddTargets.targets")
    campaign.when(AddMember(A), LINKS).then_refused("AddMember.once")


@pytest.mark.parametrize(
    "odd",
    [
        OpenGroup("together", "centre", targets=TARGETS),
        OpenGroup("campaign", "street", teams=(*TEAMS, Team("t1"))),
        OpenGroup("campaign", "street", teams=TEAMS, targets=(Target("h1", "t9"),)),
        OpenGroup("campaign", "street", targets=(Target("h1"), Target("h1"))),
    ],
)
def test_an_opening_that_contradicts_itself_is_refused(odd: OpenGroup) -> None:
    given("group").when(odd, CENTRE).then_refused("OpenGroup.targets")


def test_a_resident_opens_no_group() -> None:
    given("group").when(OpenGroup("together", "x"), Actor("x", "reporter")).then_refused("OpenGroup.role")
