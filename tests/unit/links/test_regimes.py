"""Regimes: each open case of an area is told, with the moment from which it holds."""

from __future__ import annotations

from schemas.events import Amended, ChangeRegime, Closed, RegimeDeclaration, Reopened
from streams.core.reference import EMPTY
from streams.links import regimes
from streams.links.saying import Said
from tests.builders import MINUTE, T0
from tests.linking import Linked, at, case, place, story, told
from tests.subjects import loaded

STARTS, ENDS = T0 + 60 * MINUTE, T0 + 120 * MINUTE
FLOOD = RegimeDeclaration("emergency", ("411702",), STARTS, "district", "city", ends_at=ENDS)
REFERENCE = EMPTY.after([loaded(1, "declarations", "flood", [FLOOD], at=T0 - MINUTE)])


def swept(links: Linked, since: int, until: int) -> list[tuple[str, object]]:
    """What every open case is told by a sweep."""
    found: list[Said] = []
    for case_id in sorted(links.known.cases):
        if links.known.case(case_id).ended_at is None:
            found += regimes.told(links.known, case_id, links.reference, since, until)
    return told(found)


def test_an_open_case_is_told_when_it_begins_and_when_it_ends() -> None:
    links = Linked(REFERENCE)
    links.see(story("1", at()))
    assert swept(links, 0, STARTS - 1) == []
    assert swept(links, STARTS - 1, STARTS) == [(case("1"), ChangeRegime("emergency", 1))]
    assert swept(links, STARTS, STARTS + 1) == []
    assert swept(links, STARTS + 1, ENDS) == [(case("1"), ChangeRegime("normal", 1))]


def test_a_sweep_that_comes_late_tells_the_same() -> None:
    links, late = Linked(REFERENCE), Linked(REFERENCE)
    for one in (links, late):
        one.see(story("1", at()))
    apart = swept(links, 0, STARTS) + swept(links, STARTS, ENDS)
    assert swept(late, 0, ENDS) == apart


def test_elsewhere_and_ended_cases_are_not_told() -> None:
    links = Linked(REFERENCE)
    links.see(story("1", at(), Closed("checked")), story("2", at(division="350125001")))
    assert swept(links, 0, ENDS) == []


def test_a_case_recorded_under_a_regime_is_told_only_of_its_end() -> None:
    links = Linked(REFERENCE)
    links.see(story("1", at(), start=STARTS + MINUTE))
    assert swept(links, 0, ENDS) == [(case("1"), ChangeRegime("normal", 1))]


def test_a_fact_that_comes_behind_a_sweep_is_made_up_for() -> None:
    links = Linked(REFERENCE, swept_at=STARTS + MINUTE)
    said = links.see(story("1", at()))
    assert told(said) == [(case("1"), ChangeRegime("emergency", 1))]
    assert said[0].meta.occurred_at == STARTS


def test_what_is_declared_for_the_past_holds_from_its_load() -> None:
    late = EMPTY.after([loaded(1, "declarations", "flood", [FLOOD], at=STARTS + 30 * MINUTE)])
    links = Linked(late)
    links.see(story("1", at()))
    (said,) = regimes.told(links.known, case("1"), late, 0, STARTS + 40 * MINUTE)
    assert (said.body, said.meta.occurred_at) == (ChangeRegime("emergency", 1), STARTS + 30 * MINUTE)


def test_a_reopened_or_moved_case_is_told_where_it_stands_now() -> None:
    links = Linked(REFERENCE)
    links.see(story("1", at(), Closed("checked")), story("2", at(900, division="350125001")))
    links.swept_at = STARTS + MINUTE
    reopened = links.see(story("1", Reopened("not-done"), start=STARTS + 2 * MINUTE, first=3))
    moved = links.see(story("2", Amended("wrong-place", place=place(900)), start=STARTS + 2 * MINUTE, first=2))
    assert told(reopened) == [(case("1"), ChangeRegime("emergency", 1))]
    assert told(moved) == [(case("2"), ChangeRegime("emergency", 1))]
