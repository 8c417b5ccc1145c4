"""An item whose translation broke holds up its case alone: it is owed as it is, and translated when it is tried.

So it fails for good at first, as every error of a connector does; when the connector has been mended, a replay delivers
the steps that the item leads to, each under its own key. Timed steps are left out: nobody can say any more what would
have called them off.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from msgspec.structs import replace

from connectors.contract import Delivery, Item, Receipt, Sink, Step
from connectors.delivery.bodies import Reading, kept, opened
from connectors.delivery.items import item_of
from schemas import ids

PREFIX = "untranslated-"


def untranslated(item: Item, value: bytes) -> Step:
    """The step that stands for an item until it can be translated; the feed's record holds nothing personal."""
    return Step(f"{PREFIX}{item.partition}-{item.n}", {"partition": item.partition, "item": b64encode(value).decode()})


def is_untranslated(step: str) -> bool:
    """Whether a step stands for an item."""
    return step.startswith(PREFIX)


def translated(sink: Sink, delivery: Delivery) -> list[Delivery]:
    """The steps that the item leads to now, each with its delivery, whose body is the step's as it is kept."""
    body: dict[str, Any] = delivery.body
    item = item_of(body["partition"], b64decode(body["item"]))
    found = []
    for step in sink.translate(item):
        if not isinstance(step, Step) or step.not_before is not None:
            continue
        key = ids.delivery_key(delivery.destination, item.subject.id, step.name)
        found.append(replace(delivery, key=key, step=step.name, body=kept(step.body)))
    return found


def deliver(sink: Sink, delivery: Delivery, reading: Reading) -> Receipt:
    """Translate it now and deliver what comes out. Raises Undelivered, and whatever the translation raises."""
    receipt, number = Receipt(detail="the item leads to no step", nothing=True), delivery.their_number
    for part in translated(sink, delivery):
        content = opened(part.body, reading, part.subject.id)
        receipt = sink.deliver(replace(part, body=content, their_number=number))
        number = receipt.their_number or number
    return Receipt(number, receipt.detail, receipt.nothing)
