"""Orders to another council, and its updates as claims."""

from typing import Any

import pytest

from connectors.contract import Step
from connectors.open311.settings import Said
from connectors.open311.translate import abroad, claims
from schemas import codec, ids
from schemas.events import (
    Acknowledge,
    Actor,
    Dispatched,
    HandBack,
    PartyReleased,
    Progressed,
    Return,
    Supplemented,
    TextRef,
)
from tests.open311_samples import CASE, LAMP, NOON, card, council, item, party

ORG = "neighbour-council"
BY = Actor(ORG, "handler")
TEXT = TextRef("ref", b"digest")
HEARD = {"service_request_id": "77", "update_id": "5", "status": "FIXED", "updated_datetime": "2026-03-01T03:59:00Z"}


def steps(fact: Any, status: str = "dispatched", seq: int = 4, **more: Any) -> list[Step]:
    of = card(
        "dispatched", category=LAMP, parties=(party("power", role="assist"), party(ORG, status)), text=TEXT, **more
    )
    return abroad.steps(item(seq, fact, of), ORG, council())


def test_a_case_is_ordered_once_the_council_is_a_party() -> None:
    assert abroad.steps(item(2, of=card("filed", category=LAMP)), ORG, council()) == []
    (order,) = steps(Dispatched())
    assert order.name == "order"
    assert order.body == {
        "service_code": "lamp",
        "lat": 32.9791,
        "long": 114.0142,
        "address_string": "春晓街 12 号旁",
        "description": TEXT,
    }


def test_whatever_happens_afterwards_it_is_the_same_order() -> None:
    assert [step.name for step in steps(Progressed(ORG), seq=9)] == ["order"]


def test_what_the_council_must_hear_is_told_as_an_update() -> None:
    order, told = steps(Supplemented(TEXT), seq=6)
    assert (order.name, told.name) == ("order", "update-6")
    assert told.body == {"update_id": f"{CASE.id}.6", "status": "OPEN", "updated_at": NOON, "description": TEXT}


def test_a_council_that_is_released_is_told_so_and_gets_no_order() -> None:
    (told,) = steps(PartyReleased(ORG, "not-needed"), status="released")
    assert (told.name, told.body["status"]) == ("update-4", "CLOSED")
    assert steps(PartyReleased("power", "not-needed")) == [steps(Dispatched())[0]]


def test_who_is_only_informed_gets_nothing() -> None:
    of = card("dispatched", category=LAMP, parties=(party(ORG, role="inform"),))
    assert abroad.steps(item(4, Dispatched(), of), ORG, council()) == []


def heard(**changed: Any) -> Any:
    (draft,) = abroad.drafts({**HEARD, **changed}, council(), BY, CASE.id, NOON)
    return draft


def test_a_status_of_the_council_is_the_claim_of_the_table() -> None:
    assert heard().body == HandBack(ORG)
    assert heard(status="investigating").body == Acknowledge(ORG)
    assert heard(status="duplicate").body == Return(ORG, "duplicate")
    assert (heard().meta.actor, heard().meta.subject, heard().meta.occurred_at) == (BY, CASE, NOON - 60_000_000)


def test_what_the_council_writes_goes_to_the_vault() -> None:
    draft = heard(description="Mr Li opened the gate")
    assert draft.personal.text == "Mr Li opened the gate"
    assert b"Li" not in codec.encode(draft.meta, draft.body)


def test_an_update_that_comes_twice_is_one_claim() -> None:
    claim = ids.claim_id("neighbour-open311", "77", "update", "5")
    assert heard().meta.claim_id == heard(description="x").meta.claim_id == claim
    assert heard(update_id="6").meta.claim_id != claim


def test_an_update_without_an_id_is_known_by_what_it_says() -> None:
    first, again, other = heard(update_id=None), heard(update_id=None), heard(update_id=None, status="in_progress")
    assert first.meta.claim_id == again.meta.claim_id != other.meta.claim_id


def test_a_clock_that_goes_ahead_does_not_bring_tomorrow() -> None:
    assert heard(updated_datetime="2026-03-01T05:00:00Z").meta.occurred_at == NOON


def test_a_status_without_a_row_says_nothing() -> None:
    assert abroad.drafts({**HEARD, "status": "open"}, council(), BY, CASE.id, NOON) == []


@pytest.mark.parametrize("changed", [{"status": "splendid"}, {"updated_datetime": "noon"}, {"updated_datetime": None}])
def test_an_update_that_is_none_is_refused_without_what_it_says(changed: dict[str, Any]) -> None:
    with pytest.raises(abroad.Unfit) as wrong:
        abroad.drafts({**HEARD, **changed, "description": "secret"}, council(), BY, CASE.id, NOON)
    assert "secret" not in str(wrong.value)


@pytest.mark.parametrize(
    ("row", "about"),
    [
        (Said("fixed", "Mend"), 'there is no claim "Mend"'),
        (Said("fixed", "Commit"), "Commit needs"),
        (Said("duplicate", "Return"), "Return needs a reason"),
    ],
)
def test_a_table_that_makes_no_claims_is_found_before_it_is_used(row: Said, about: str) -> None:
    (problem,) = claims.problems([row])
    assert about in problem


def test_the_tables_of_the_examples_are_whole() -> None:
    assert claims.problems(council().said) == []
