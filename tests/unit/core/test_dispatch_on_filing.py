"""When a case is filed the rules name who should act: it is proposed, and dispatched at once where the city says so."""

from __future__ import annotations

from typing import Any

from schemas.events import (
    Amended,
    Assignment,
    Category,
    Dispatched,
    DispatchProposed,
    File,
    Filed,
    Organisation,
    Place,
    ResponsibilityItem,
)
from streams.core.reference import EMPTY, Reference
from tests.builders import CATEGORY, NUMBER, REPORTED, SOURCE, given, reported
from tests.reference_samples import load

DIVISION = "411702007003"
HERE = Place(DIVISION)
WHO = [
    Organisation(code="centre", name="centre", kind="centre", level="district", division="411702"),
    Organisation(code="squad", name="squad", kind="squad", level="street", division="411702007", commanded_by="centre"),
]


def item(**changes: Any) -> ResponsibilityItem:
    given_: dict[str, Any] = {"code": "12", "title": "poles", "categories": (CATEGORY,), "lead": "squad"}
    return ResponsibilityItem(**given_ | changes)


def listed(**changes: Any) -> Reference:
    return EMPTY.after([load(1, "organisations", WHO), load(2, "responsibilities", [item(**changes)], name="street")])


LEAD = (Assignment("squad", "lead"),)


def proposed(facts: tuple[Any, ...]) -> DispatchProposed:
    (found,) = [fact for fact in facts if isinstance(fact, DispatchProposed)]
    return found


def test_the_list_names_the_lead_and_the_dispatch_waits_for_a_dispatcher() -> None:
    facts = given(reported(place=HERE)).when(File(), reference=listed()).decision.facts
    assert [type(fact) for fact in facts] == [Filed, DispatchProposed]
    assert proposed(facts).parties == LEAD
    assert "12" in proposed(facts).basis


def test_where_the_list_does_not_wait_it_is_dispatched_with_the_item_as_basis() -> None:
    when = given(reported(place=HERE)).when(File(), reference=listed(at_once=True))
    *_, dispatched = when.decision.facts
    assert dispatched == Dispatched(LEAD, proposed(when.decision.facts).basis, None)


def test_no_rule_that_fits_sends_it_to_the_centre_and_says_so() -> None:
    other = listed(categories=(Category("gb", "2021", "9999"),))
    found = proposed(given(reported(place=HERE)).when(File(), reference=other).decision.facts)
    assert found.parties == (Assignment("centre", "lead"),)
    assert "no rule fits" in found.basis


def test_an_amended_type_is_the_one_that_counts() -> None:
    wrong = reported(place=HERE, category=Category("gb", "2021", "9999"))
    found = given(wrong, Amended("wrong-type", category=CATEGORY)).when(File(), reference=listed()).decision.facts
    assert proposed(found).parties == LEAD


def test_a_source_that_reports_what_has_happened_is_told_nobody() -> None:
    given(*REPORTED).when(File(), by=SOURCE, already_done=True, reference=listed()).then(Filed(NUMBER))


def test_without_reference_data_nobody_is_proposed() -> None:
    given(*REPORTED).when(File()).then(Filed(NUMBER))
