"""Suspected duplicates: which pairs, who is told, what takes a suspicion back."""

from __future__ import annotations

import pytest

from schemas.events import (
    Actor,
    Amended,
    Category,
    Closed,
    DismissDuplicate,
    DuplicateDismissed,
    FilingRefused,
    Merged,
    Reopened,
    SuspectDuplicate,
    Voided,
)
from streams.links.duplicates import RULE
from streams.links.learning import DAY
from tests.builders import MINUTE, T0
from tests.linking import Linked, at, case, place, story, told

SOON = T0 + 10 * MINUTE
NEWER = Category("gb", "2024", "0105")
OTHER = Category("gb", "2021", "0209")


def test_the_later_of_two_near_reports_is_told_of_the_earlier_one() -> None:
    links = Linked()
    said = links.see(story("1", at()), story("2", at(30, 40), start=SOON))
    ((subject, suspicion),) = told(said)
    assert subject == case("2")
    assert suspicion == SuspectDuplicate(case("1"), suspicion.metres, 600, RULE)
    assert suspicion.metres == pytest.approx(50, abs=0.6)
    assert (said[0].meta.actor, said[0].meta.causation) == (Actor("hub", "links"), story("2", at())[0][0].fact_id)


def test_the_order_of_arrival_does_not_matter() -> None:
    first, second = Linked(), Linked()
    one, other = story("1", at()), story("2", at(10), start=SOON)
    assert [said.value for said in first.see(one, other)] == [said.value for said in second.see(other, one)]


def test_reports_of_the_same_moment_are_told_apart_by_their_ids() -> None:
    links = Linked()
    ((subject, suspicion),) = told(links.see(story("1", at()), story("2", at())))
    assert (subject, suspicion.other) == (max(case("1"), case("2")), min(case("1"), case("2")))


@pytest.mark.parametrize(
    "other",
    [
        story("2", at(60), start=SOON),
        story("2", at(), start=T0 + DAY + 1),
        story("2", at(category=OTHER), start=SOON),
        story("2", at(category=Category("city", "2021", "0105")), start=SOON),
    ],
)
def test_what_is_too_far_too_late_or_another_type_is_no_duplicate(other: list[object]) -> None:
    assert Linked().see(story("1", at()), other) == []  # type: ignore[arg-type]


def test_another_version_of_a_list_is_the_same_type() -> None:
    assert len(Linked().see(story("1", at()), story("2", at(category=NEWER), start=SOON))) == 1


def test_exactly_24_hours_are_near_enough() -> None:
    assert len(Linked().see(story("1", at()), story("2", at(), start=T0 + DAY))) == 1


def test_a_report_without_a_place_is_compared_with_nothing() -> None:
    bare = story("2", at(), start=SOON)
    meta, body = bare[0]
    assert Linked().see(story("1", at()), [(meta, type(body)(body.category, type(body.place)(), body.inlet))]) == []


@pytest.mark.parametrize(
    "ending", [Closed("checked"), FilingRefused("not-ours"), Voided("twice"), Merged(case("9"), "x")]
)
def test_a_case_that_had_ended_before_is_no_open_duplicate(ending: object) -> None:
    ended = story("1", at(), ending)
    later = story("2", at(), start=SOON)
    assert [type(said.body).__name__ for said in Linked().see(ended, later)] in ([], ["Absorb"])
    links = Linked()
    said = links.see(later, ended)
    bodies = [said.body for said in said if said.meta.subject.id == case("2")]
    assert [type(body) for body in bodies] == [SuspectDuplicate, DismissDuplicate]
    assert bodies[1] == DismissDuplicate(case("1"), "ended-before")
    assert links.standing() == set()


def test_a_case_that_ends_afterwards_stays_suspected() -> None:
    links = Linked()
    links.see(
        story("1", at()), story("2", at(), start=SOON), story("1", Closed("checked"), start=SOON + MINUTE, first=2)
    )
    assert links.standing() == {(case("2"), case("1"))}


def test_a_reopened_case_is_open() -> None:
    links = Linked()
    links.see(story("1", at(), Closed("checked"), Reopened("not-done")), story("2", at(), start=SOON))
    assert links.standing() == {(case("2"), case("1"))}


def test_a_suspicion_that_was_taken_back_is_told_again_when_the_case_is_open_again() -> None:
    links = Linked()
    links.see(story("2", at(), start=SOON), story("1", at(), Closed("checked")))
    assert links.standing() == set()
    links.see(story("1", Reopened("not-done"), start=T0 + 2 * MINUTE, first=3))
    assert links.standing() == {(case("2"), case("1"))}
    assert len({said.meta.claim_id for said in links.said}) == len(links.said) == 3


def test_the_right_type_makes_a_duplicate_and_unmakes_one() -> None:
    links = Linked()
    links.see(story("1", at()), story("2", at(category=OTHER), start=SOON))
    assert links.standing() == set()
    links.see(story("2", Amended("wrong-type", category=NEWER), start=SOON, first=2))
    assert links.standing() == {(case("2"), case("1"))}
    ((subject, body),) = told(links.see(story("1", Amended("wrong-type", category=OTHER), start=SOON, first=2)))
    assert (subject, body) == (case("2"), DismissDuplicate(case("1"), "no-longer-alike"))


def test_the_right_place_is_compared_from_then_on() -> None:
    links = Linked()
    links.see(story("1", at()), story("2", at(500), start=SOON))
    links.see(story("2", Amended("wrong-place", place=place(20)), start=SOON, first=2))
    assert links.standing() == {(case("2"), case("1"))}


def test_what_somebody_has_dismissed_is_not_brought_up_again() -> None:
    links = Linked()
    links.see(story("1", at()), story("2", at(), DuplicateDismissed(case("1"), "two-poles"), start=SOON))
    assert links.see(story("2", Amended("wrong-place", place=place(5)), start=SOON + DAY // 2, first=3)) == []


def test_history_that_a_source_tells_late_is_not_compared() -> None:
    source = Actor("upstream", "source")
    told_late = story("2", at(), by=source, recorded=T0 + 30 * DAY)
    assert Linked().see(story("1", at()), told_late) == []
    told_in_time = story("2", at(), by=source, start=SOON)
    assert len(Linked().see(story("1", at()), told_in_time)) == 1


def test_a_fact_that_comes_twice_leads_to_nothing_more() -> None:
    links = Linked()
    facts = [*story("1", at()), *story("2", at(), start=SOON)]
    assert len(links.see(facts)) == 1
    assert links.see(facts) == []
