"""Notices, run through the kit: the counterpart is a mail server in a process of its own, whose mailboxes know letters
that come again. Robots of messengers know nothing such; tests/integration/test_notices.py has them."""

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
from schemas.events import Acknowledged, Summoned, Urged
from tests.builders import SYSTEM
from tests.integration.engine import now
from tests.integration.messengers import Messengers, messengers
from tests.kit.harness import Answered
from tests.kit.reading import modules
from tests.link_samples import around, item

FILE = """
[department]
org = "power"
kind = "notices"
subscription = "power"
[notices]
head = "p9"
timeout_seconds = 1
[notices.mail]
host = "127.0.0.1"
port = {port}
sender = "duty@power.example"
security = "none"
[notices.persons.p1]
mail = "file:p1"
[notices.persons.p9]
mail = "file:p9"
[[notices.turns]]
persons = ["p1"]
begins = "00:00"
ends = "00:00"
[[notices.notices]]
name = "called"
facts = ["Summoned", "Urged"]
text = "[{{number}}] {{place}}"
answer_minutes = [0.00001]
"""


class NoticesHarness:
    """A department with one who is always on duty and a head, both told by mail."""

    def __init__(self, folder: Path, engine: Engine, there: Messengers) -> None:
        self._there = there
        self._loaded = department.parse("power", FILE.format(port=there.mail).encode())
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("notices")
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": lambda: there.down("mail"),
            "up": lambda: there.up("mail"),
            "lost": lambda: there.fault(mail_lost=1),
            "busy": lambda: there.fault(mail_451=1),
            "never": lambda: None,
        }
        self._around = around(folder, clock=now, secret="p9@power.example")._replace(engine=engine)
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def items(self, number: str) -> list[Item]:
        facts = (Summoned(("power",)), Urged("power"), Acknowledged("power"))
        return [item(fact, seq, number=number) for seq, fact in enumerate(facts, 2)]

    def effects(self, number: str) -> list[str]:
        """Keys of the letters of a case, by the keys that its deliveries have."""
        case, laid = ids.case_id(SYSTEM, number), self._there.book()["letters"]
        found = [row["message_id"][1:].partition("@")[0] for row in laid]
        names = [f"called-{seq}{rung}" for seq in (2, 3) for rung in ("", "-unanswered-1")]
        mine = {ids.delivery_key("kit", case, name) for name in names}
        return [key for key in found if key in mine]

    def never(self, delivery: Delivery) -> Delivery:
        """Words that the mail server takes from nobody."""
        body = delivery.body | {"text": "nonsense", "notice": "other"}
        return replace(delivery, key=ids.delivery_key("kit", delivery.subject.id, "never"), body=body)

    def say(self, _number: str) -> None:
        raise NotImplementedError("a mailbox says nothing")

    def say_nonsense(self) -> None:
        raise NotImplementedError("a mailbox says nothing")

    def look_up(self, _number: str) -> str | None:
        return None

    def tell(self, _take: Any, _number: str, *, trusted: bool = True) -> Answered:
        raise NotImplementedError("a mailbox says nothing")


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[NoticesHarness]:
    """The mail server in a process of its own."""
    with messengers(folder, secured=False) as there:
        harness = NoticesHarness(folder, engine, there)
        try:
            yield harness
        finally:
            harness.made.close()
