"""Merging, linking, dividing: what is said to the other side."""

from __future__ import annotations

from schemas import ids
from schemas.events import (
    Absorb,
    Actor,
    Divided,
    Link,
    Merged,
    Part,
    Report,
    Source,
    Unlink,
    Unlinked,
)
from schemas.events import (
    Linked as LinkedFact,
)
from tests.builders import CATEGORY, STREET, TEXT
from tests.linking import Linked, at, case, place, story, told

LINKS = Actor("hub", "links")
PERSON = "00000000-0000-4000-8000-000000000001"


def test_a_merged_case_is_absorbed_by_the_one_that_goes_on() -> None:
    said = Linked().see(story("1", at(), Merged(case("2"), "same")))
    assert told(said) == [(case("2"), Absorb(case("1")))]


def test_a_link_is_told_to_the_other_side_without_echo() -> None:
    links = Linked()
    said = links.see(story("1", at(), LinkedFact(case("2"), "same_cause")))
    assert told(said) == [(case("2"), Link(case("1"), "same_cause"))]
    assert links.see(story("2", LinkedFact(case("1"), "same_cause"), by=LINKS)) == []
    assert told(links.see(story("1", Unlinked(case("2"), "odd"), first=3))) == [(case("2"), Unlink(case("1"), "odd"))]
    assert links.see(story("2", Unlinked(case("1"), "odd"), by=LINKS, first=2)) == []


def test_each_part_becomes_a_case_on_behalf_of_the_reporter_and_is_linked_back() -> None:
    parts = (Part(CATEGORY, place(1_000), TEXT), Part(CATEGORY, place(2_000)))
    said = Linked().see(story("1", at(reporter=PERSON, restricted=True), Divided("two", parts)))
    one, two = ids.part_id(case("1"), 1), ids.part_id(case("1"), 2)
    report = Report(CATEGORY, place(1_000), "division", TEXT, reporter=PERSON, restricted=True)
    assert told(said)[:3] == [(one, report), (one, Link(case("1"), "related")), (case("1"), Link(one, "related"))]
    assert [subject for subject, _ in told(said)[3:]] == [two, two, case("1")]
    opening = said[0].meta
    assert opening.actor == Actor(STREET.org, "links")
    assert opening.source == Source(f"division:{case('1')}", "1")
    assert ids.case_id(opening.source.system, opening.source.number) == one


def test_parts_of_a_second_division_are_counted_on() -> None:
    links = Linked()
    links.see(story("1", at(), Divided("two", (Part(CATEGORY, place()),))))
    said = links.see(story("1", Divided("more", (Part(CATEGORY, place()),)), first=3))
    assert said[0].meta.subject.id == ids.part_id(case("1"), 2)
    assert len({one.meta.claim_id for one in links.said}) == len(links.said)
