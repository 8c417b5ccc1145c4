"""An item whose translation broke is delivered when the connector has been mended, each step under its own key."""

import json

import pytest

from connectors.contract import Delivery, Item, Receipt, Step
from connectors.delivery.bodies import kept
from connectors.delivery.items import item_of
from connectors.delivery.untranslated import deliver, is_untranslated, untranslated
from schemas import codec, ids
from schemas.events import FeedCard, FeedItem, Subject
from tests.builders import SYSTEM, T0, TEXT
from tests.kit.harness import PLANTED, Open

CASE = Subject("case", ids.case_id(SYSTEM, "1"))
VALUE = codec.encode_hub(FeedItem("power", 7, "introduced", CASE, 3, T0, FeedCard("4117", text=TEXT)))


class Sink:
    """Two steps for each item, once it has been mended."""

    reads_back = False

    def __init__(self, mended: bool) -> None:
        self._mended = mended
        self.got: list[Delivery] = []

    def translate(self, item: Item) -> list[Step]:
        if not self._mended:
            raise KeyError(item.subject.id)
        return [Step("order", {"text": item.card.text}), Step("work-3", {})]

    def deliver(self, delivery: Delivery) -> Receipt:
        self.got.append(delivery)
        return Receipt("A-1" if delivery.step == "order" else None)

    def read_back(self, _delivery: Delivery) -> None:
        return None


def waiting() -> Delivery:
    """The step that stands for the item, as it comes back from the table."""
    step = untranslated(item_of(2, VALUE), VALUE)
    assert is_untranslated(step.name)
    return Delivery("key", "power", CASE, 3, step.name, 1, json.loads(json.dumps(kept(step.body))))


def test_it_leads_to_its_steps_under_their_own_keys_with_texts_opened() -> None:
    sink = Sink(mended=True)
    assert deliver(sink, waiting(), Open()) == Receipt("A-1")
    assert [one.key for one in sink.got] == [ids.delivery_key("power", CASE.id, name) for name in ("order", "work-3")]
    assert sink.got[0].body == {"text": PLANTED}
    assert sink.got[1].their_number == "A-1"


def test_while_the_connector_is_broken_it_fails_as_it_did() -> None:
    with pytest.raises(KeyError):
        deliver(Sink(mended=False), waiting(), Open())
