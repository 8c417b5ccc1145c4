"""Comparing what was delivered with what the other side holds."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from connectors.contract import BadData, Busy, Conflict, Delivery, Down, Item, Receipt, Refused, Step
from connectors.delivery.bodies import kept, unopened
from connectors.delivery.items import item_of
from connectors.delivery.obligation import State
from connectors.delivery.reconcile import BUSY_TIMES, Held, What, compare, judged
from connectors.delivery.untranslated import untranslated
from schemas import codec, ids
from schemas.events import FeedCard, FeedItem, Subject
from tests.builders import SYSTEM, T0, TEXT

CASE = Subject("case", ids.case_id(SYSTEM, "1"))
DELIVERY = Delivery("key", "power", CASE, 3, "order", 1, {}, their_number="A-1")
THERE = Receipt("A-1")


def held(state: State, delivery: Delivery = DELIVERY) -> Held:
    return Held(7, delivery, "4117", state)


@pytest.mark.parametrize(
    ("state", "found", "what"),
    [
        (State.CONFIRMED, THERE, None),
        (State.ACKNOWLEDGED, Receipt(), None),
        (State.CONFIRMED, None, What.MISSING),
        (State.ACKNOWLEDGED, None, What.MISSING),
        (State.CONFIRMED, Receipt("A-2"), What.ANOTHER_NUMBER),
        (State.DEAD, THERE, What.THERE),
        (State.GIVEN_UP, THERE, What.THERE),
        (State.PARKED, THERE, What.THERE),
        (State.DEAD, None, None),
        (State.GIVEN_UP, None, None),
    ],
)
def test_what_a_reading_back_says_of_a_delivery(state: State, found: Receipt | None, what: What | None) -> None:
    said = judged(held(state), found)
    assert (said.what if said else None) == what


class Sink:
    """Answers by key, in turn."""

    reads_back = True

    def __init__(self, *answers: Receipt | Exception | None) -> None:
        self.answers = list(answers)
        self.asked: list[Delivery] = []

    def translate(self, item: Item) -> list[Step]:
        return [Step("order", {"text": item.card.text}), Step(f"work-{item.seq}", {})]

    def deliver(self, _delivery: Delivery) -> Receipt:
        raise AssertionError("nothing is delivered by comparing")

    def read_back(self, delivery: Delivery) -> Receipt | None:
        self.asked.append(delivery)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def what(sink: Sink, one: Held, waited: list[float] | None = None) -> What | None:
    (found,) = compare(sink, [one], (waited if waited is not None else []).append)
    return found.what if found else None


@pytest.mark.parametrize("wrong", [BadData("they refused it"), Conflict("closed there")])
def test_one_that_they_have_refused_since_is_in_another_state(wrong: Exception) -> None:
    assert what(Sink(wrong), held(State.CONFIRMED)) is What.ANOTHER_STATE
    assert what(Sink(wrong), held(State.DEAD)) is None


def test_whoever_is_busy_is_asked_again_as_he_said() -> None:
    waited: list[float] = []
    assert what(Sink(Busy("later", 3.0), Busy("later"), THERE), held(State.CONFIRMED), waited) is None
    assert waited == [3.0, 1.0]
    with pytest.raises(Refused, match="too busy"):
        what(Sink(*[Busy("later")] * BUSY_TIMES), held(State.CONFIRMED))


def test_whoever_cannot_be_asked_is_not_said_to_have_lost_anything() -> None:
    with pytest.raises(Refused, match="cannot be asked now: no answer"):
        what(Sink(Down("no answer")), held(State.CONFIRMED))


def late() -> Delivery:
    """The step that stands for an item whose translation broke at first."""
    value = codec.encode_hub(FeedItem("power", 7, "introduced", CASE, 3, T0, FeedCard("4117", text=TEXT)))
    step = untranslated(item_of(2, value), value)
    return replace(DELIVERY, step=step.name, body=json.loads(json.dumps(kept(step.body))))


def test_an_item_that_was_translated_late_is_all_of_its_steps() -> None:
    sink = Sink(THERE, THERE)
    assert what(sink, held(State.ACKNOWLEDGED, late())) is None
    assert [one.key for one in sink.asked] == [ids.delivery_key("power", CASE.id, name) for name in ("order", "work-3")]
    assert what(Sink(THERE, None), held(State.ACKNOWLEDGED, late())) is What.MISSING


def test_nothing_personal_is_opened_for_it() -> None:
    body = {"address": "12 Spring St", "text": TEXT, "more": [TEXT]}
    assert unopened(json.loads(json.dumps(kept(body)))) == {"address": "12 Spring St", "text": None, "more": [None]}
    sink = Sink(THERE, THERE)
    what(sink, held(State.CONFIRMED, late()))
    assert sink.asked[0].body == {"text": None}
