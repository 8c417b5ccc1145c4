"""A department to which its feed is posted, put together."""

from __future__ import annotations

from typing import ClassVar

from connectors.contract import Delivery, Item, Made, Receipt, Refused, Step, Surroundings
from connectors.webhook.settings import Webhook
from connectors.webhook.signing import key_of
from connectors.webhook.translate import step
from connectors.webhook.transport import Posting


class Messages:
    """The sink: every item is a message."""

    reads_back: ClassVar[bool] = False
    many_at_once: ClassVar[bool] = True

    def __init__(self, posting: Posting, opens: bool) -> None:
        self._posting = posting
        self._opens = opens

    def translate(self, item: Item) -> list[Step]:
        return [step(item, self._opens)]

    def deliver(self, delivery: Delivery) -> Receipt:
        return self._posting.deliver(delivery)

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None


def make(config: Webhook, around: Surroundings) -> Made:
    """The connector of a department. Raises Refused for a secret that cannot sign."""
    try:
        secrets = [config.secret, *([config.previous_secret] if config.previous_secret else [])]
        keys = [key_of(around.secret(one)) for one in secrets]
    except ValueError:
        raise Refused(
            f"{around.department.name}: what follows whsec_ in a secret is no base64: write it anew"
        ) from None
    namespace = around.hub.namespace if around.hub else "threecross"
    source = f"/{namespace}/feeds/{around.subscription}"
    posting = Posting(config.url, keys, source, around.clock, config.timeout_seconds)
    return Made(sink=Messages(posting, config.opens), check=posting.check, close=posting.close)
