"""Work orders by REST and signed call-backs, run through the kit: the counterpart is the power company's program."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from connectors.rest.signing import SIGNATURE, TIMESTAMP, signature
from schemas import ids
from schemas.events import Subject, Urged
from tests.builders import SYSTEM, T0
from tests.integration.counterpart import Company, company
from tests.integration.engine import now
from tests.kit.door import asked
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import ROOT, modules
from tests.link_samples import CARD, around, item, party


class RestHarness:
    """The power company."""

    def __init__(self, folder: Path, engine: Engine, power: Company) -> None:
        self._power = power
        text = (ROOT / "connectors/departments/examples/power.toml").read_text("utf-8")
        self._loaded = department.parse("power", text.replace("https://orders.power.example", power.url).encode())
        self.options: Any = replace(self._loaded.options, timeout_seconds=1.0)
        self.sources: Mapping[str, str] = modules("rest")
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": power.down,
            "up": power.up,
            "lost": lambda: power.fault(hang=1),
            "busy": lambda: power.fault(_429=1),
            "conflict": lambda: power.fault(_409=1),
            "never": lambda: None,
        }
        self._around = around(folder, clock=now, look_up=lambda _s, number: self.look_up(number), secret="agreed")
        self._around = self._around._replace(engine=engine)
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def items(self, number: str) -> list[Item]:
        card = replace(CARD, parties=(party("power", "lead"),))
        subject = Subject("case", ids.case_id(SYSTEM, number))
        met = Item("feed", 0, 1, "introduced", subject, 1, card, T0)
        return [met, *(item(Urged("power"), seq, card=card, number=number) for seq in (2, 3))]

    def effects(self, number: str) -> list[str]:
        book, case = self._power.book(), ids.case_id(SYSTEM, number)
        orders = [row for row in book["orders"] if json.loads(row["content"])["reference"] == case]
        told = [row["key"] for order in orders for row in book["instructions"] if row["number"] == order["number"]]
        return [*(order["key"] for order in orders), *told]

    def never(self, delivery: Delivery) -> Delivery:
        """Another content under a key that was used."""
        return replace(delivery, body={"do": "open", "data": {"description": "another matter"}})

    def say(self, _number: str) -> None:
        raise NotImplementedError("a company calls back by itself")

    def say_nonsense(self) -> None:
        raise NotImplementedError("a company calls back by itself")

    def look_up(self, number: str) -> str | None:
        return ids.case_id(SYSTEM, number)

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        event = {"event_id": number, "order": number, "status": "accepted", "occurred_at": "2026-11-27T09:00:00+08:00"}
        body = json.dumps({**event, "note": PLANTED}).encode()
        stamp = str(int(time.time()))
        signed = signature(b"agreed" if trusted else b"guessed", stamp, body)
        headers = {TIMESTAMP: stamp, SIGNATURE: signed}
        return Answered(asked(self.made, take, "POST", "/events", content=body, headers=headers).status_code)


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[RestHarness]:
    """The company in a process of its own; what it does not answer in a second counts as lost."""
    with company("power", "--hang-seconds", "2", token="agreed") as power:
        harness = RestHarness(folder, engine, power)
        try:
            yield harness
        finally:
            harness.made.close()
