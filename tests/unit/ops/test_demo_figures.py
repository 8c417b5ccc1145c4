"""The demo's own figures: from facts, and what counts as lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ops.deadletters import DeadLetter
from ops.demo.figures import from_facts, lost
from ops.demo.reading import CaseTold, Claims
from ops.demo.run import Outcome
from schemas.events import Assignment, Closed, Committed, Refused
from tests import builders

DUE = builders.T0 + 60 * builders.MINUTE


def told(*bodies: Any, irregular: tuple[str, ...] = ()) -> CaseTold:
    case = CaseTold()
    for meta, body in builders.history(bodies):
        case.see(meta, body)
    case.irregular |= bool(irregular)
    return case


def closed(at_status: str | None = "Closed") -> Closed:
    return Closed("recorded", None, at_status)


OPENING = (builders.reported(upstream_status="Open"), builders.dispatched(Assignment("DOT", "lead")))


def test_a_case_without_closing_date_is_unclosed() -> None:
    found = from_facts([told(*OPENING)])
    assert (found["cases"], found["unclosed"], found["closing_dates"], found["facts"]) == (1, 1, 0, 2)


def test_late_means_closed_after_the_promised_date_and_is_counted_for_the_lead() -> None:
    case = told(*OPENING, Committed(due_at=builders.T0 + 1, basis="b"), closed())
    found = from_facts([case])
    assert (found["promised_and_closed"], found["late"], found["late_by_agency"]) == (1, 1, {"DOT": 1})


def test_closed_exactly_at_the_promised_date_is_not_late() -> None:
    case = told(*OPENING, Committed(due_at=builders.T0 + 1, basis="b"), closed())
    case.due = case.closed
    assert from_facts([case])["late"] == 0


def test_promised_and_still_open_is_not_among_the_promised_and_closed() -> None:
    assert from_facts([told(*OPENING, Committed(due_at=DUE, basis="b"))])["promised_and_closed"] == 0


@pytest.mark.parametrize(("status", "disagrees"), [("Closed", 0), ("Pending", 1), (None, 1)])
def test_a_status_other_than_closed_disagrees(status: str | None, disagrees: int) -> None:
    assert from_facts([told(*OPENING, closed(status))])["status_disagrees"] == disagrees  # None leaves the word "Open"


def test_a_source_without_a_status_cannot_disagree() -> None:
    assert from_facts([told(builders.reported(upstream_status=None), closed(None))])["status_disagrees"] == 0


def test_refusals_and_rules_broken_are_counted_by_case_and_by_claim() -> None:
    refused = Refused("t", "r", "d")
    found = from_facts([told(*OPENING, refused, refused), told(*OPENING, irregular=("x",))])
    assert (found["refused"], found["irregular"]) == (2, 1)


def letter(position: str) -> DeadLetter:
    return DeadLetter("0-0", "casework", "truncated", "", position, datetime(2026, 1, 1, tzinfo=UTC), b"")


def claims(**places: str) -> Claims:
    return Claims({"s"}, {claim: {place} for claim, place in places.items()})


def test_a_claim_with_a_fact_or_a_dead_letter_is_not_lost() -> None:
    there = claims(a="t, partition 0, offset 0", b="t, partition 0, offset 1")
    assert lost({"a", "b"}, there, {"a"}, [letter("t, partition 0, offset 1")]) == 0


def test_a_claim_with_neither_is_lost() -> None:
    assert lost({"a"}, claims(a="t, partition 0, offset 0"), set(), []) == 1


def test_a_claim_that_kafka_acknowledged_and_does_not_have_is_lost() -> None:
    assert lost({"a"}, claims(), set(), []) == 1


def test_an_outcome_is_right_only_when_all_is_equal_and_nothing_lost_or_grown() -> None:
    def outcome(views: int = 1, lost_claims: int = 0, grown: int = 0) -> Outcome:
        return Outcome({"x": {"n": 1}}, {"x": {"n": views}}, {"x": {"lost": lost_claims}}, {"facts": grown})

    assert outcome().right
    assert not outcome(views=2).right
    assert not outcome(lost_claims=1).right
    assert not outcome(grown=1).right
