"""What the public sees of items, and what not."""

from connectors.open311.translate import shown
from connectors.open311.translate.shown import Hidden, Row
from schemas.events import (
    Acknowledged,
    Category,
    FilingRefused,
    Place,
    Progressed,
    Reported,
    Restricted,
    TextRef,
)
from tests.open311_samples import CASE, HERE, NOON, POLE, card, endpoint, item

SECRET = TextRef("ref", b"digest")


def row(seen: Row | Hidden) -> Row:
    assert isinstance(seen, Row)
    return seen


def test_a_case_is_shown_with_its_service_place_agency_and_expected_time() -> None:
    seen = row(shown.shown(item(4, of=card("dispatched", lead="power", due_at=NOON + 1)), endpoint()))
    assert (seen.service_request_id, seen.service_code, seen.jurisdiction) == (CASE.id, "pole", "yicheng.example")
    assert (seen.address, seen.latitude, seen.longitude) == ("春晓街 12 号旁", 32.9791, 114.0142)
    assert (seen.agency, seen.expected_at, seen.requested_at) == ("Power supply of 驿城区", NOON + 1, NOON)


def test_what_a_person_wrote_is_in_no_row() -> None:
    fact = Reported(POLE, HERE, "chat", text=SECRET, reporter="person")
    (step,) = shown.steps(item(1, fact, card(text=SECRET)), endpoint())
    assert SECRET not in step.body["show"].values()
    assert "person" not in step.body["show"].values()


def test_a_restricted_case_and_one_that_is_gone_are_hidden() -> None:
    assert isinstance(shown.shown(item(3, Restricted("minor"), card(restricted=True)), endpoint()), Hidden)
    assert isinstance(shown.shown(item(3, reason="gone"), endpoint()), Hidden)


def test_what_has_no_service_or_lies_elsewhere_is_hidden() -> None:
    assert isinstance(shown.shown(item(1, of=card(category=Category("yicheng", "2026", "9"))), endpoint()), Hidden)
    assert isinstance(shown.shown(item(1, of=card(place=Place("350125"))), endpoint()), Hidden)
    assert isinstance(shown.shown(item(1, of=card(place=None)), endpoint()), Hidden)


def test_the_first_row_of_the_table_that_fits_a_fact_is_its_status() -> None:
    refused = row(shown.shown(item(2, FilingRefused("not-ours"), card("not_filed")), endpoint()))
    assert refused.status == "not_councils_responsibility"
    other = row(shown.shown(item(2, FilingRefused("other"), card("not_filed")), endpoint()))
    assert other.status == "no_further_action"
    taken = row(shown.shown(item(5, Acknowledged("power"), card("dispatched")), endpoint()))
    assert taken.status == "in_progress"


def test_a_fact_without_a_row_leaves_the_status_to_the_stage() -> None:
    seen = row(shown.shown(item(6, Progressed("power"), card("dispatched")), endpoint()))
    assert (seen.status, seen.by_stage) == (None, "action_scheduled")


def test_nothing_is_expected_of_what_has_ended() -> None:
    assert row(shown.shown(item(9, of=card("closed", due_at=NOON)), endpoint())).expected_at is None


def test_each_item_has_a_step_of_its_own_and_again_the_same() -> None:
    items = [item(5), item(5, Progressed("power")), item(6, reason="gone")]
    names = [step.name for each in items for step in shown.steps(each, endpoint())]
    assert names == ["show-introduced-5", "show-fact-5", "hide-gone-6"]
    assert shown.steps(items[0], endpoint()) == shown.steps(items[0], endpoint())


def test_other_subjects_than_cases_are_not_shown() -> None:
    from schemas.events import Subject

    assert shown.steps(item(1, subject=Subject("household", CASE.id)), endpoint()) == []
