"""Signed webhooks, run through the kit: the counterpart is a receiver that keeps what it took."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from schemas import ids
from schemas.events import FeedCard, Subject
from tests.builders import PHOTO, SYSTEM, T0, TEXT
from tests.integration.hooks import Receiver, receiving
from tests.kit.harness import Answered
from tests.kit.reading import modules
from tests.link_samples import around

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FILE = """
[department]
org = "transport"
kind = "webhook"
subscription = "transport"
[webhook]
url = "http://127.0.0.1:{port}/hook"
secret = "env:SECRET"
timeout_seconds = 1
"""


class WebhookHarness:
    """A department that is told everything."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self._folder, self._receiver = folder, receiver
        self._loaded = department.parse("transport", FILE.format(port=receiver.port).encode())
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("webhook")
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": receiver.down,
            "up": receiver.up,
            "lost": lambda: receiver.faults.append("lost"),
            "busy": lambda: receiver.faults.append(429),
            "never": lambda: None,
        }
        self.made = self.remake()

    def remake(self) -> Made:
        given = around(self._folder, clock=lambda: T0, secret=SECRET)._replace(subscription="transport")
        return self._loaded.kind.make(self.options, given)

    def items(self, number: str) -> list[Item]:
        subject = Subject("case", ids.case_id(SYSTEM, number))
        card = FeedCard(number, "filed", text=TEXT, evidence=(PHOTO,))
        return [Item("transport", 0, n, "introduced", subject, n, card, T0) for n in (1, 2, 3)]

    def effects(self, number: str) -> list[str]:
        case = f"case/{ids.case_id(SYSTEM, number)}"
        return [key for key, message in self._receiver.taken.items() if message["subject"] == case]

    def never(self, delivery: Delivery) -> Delivery:
        """A message of a type that the receiver does not know, under a key of its own."""
        return replace(delivery, key=f"{delivery.key}-other", body=delivery.body | {"type": "nonsense"})

    def say(self, _number: str) -> None:
        raise NotImplementedError("a receiver says nothing")

    def say_nonsense(self) -> None:
        raise NotImplementedError("a receiver says nothing")

    def look_up(self, _number: str) -> str | None:
        return None

    def tell(self, _take: Any, _number: str, *, trusted: bool = True) -> Answered:
        raise NotImplementedError("a receiver says nothing")


@contextmanager
def start(folder: Path, _engine: Engine) -> Iterator[WebhookHarness]:
    """A receiver on a port of its own."""
    with receiving(SECRET) as receiver:
        harness = WebhookHarness(folder, receiver)
        try:
            yield harness
        finally:
            harness.made.close()
