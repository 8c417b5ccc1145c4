"""The intake for apps, run through the kit: whoever has the example's key tells it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from schemas import ids
from tests.builders import SYSTEM
from tests.integration.engine import now
from tests.kit.door import asked
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import ROOT, modules
from tests.link_samples import around

TOLD = {
    "category": {"scheme": "yicheng", "version": "2026", "code": "0105"},
    "place": {"point": {"x": 114.02, "y": 32.97, "system": "WGS-84"}, "address": PLANTED},
    "text": PLANTED,
    "reporter": {"name": PLANTED},
}


class IntakeHarness:
    """An app, which only speaks: nothing is delivered to it."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        text = (ROOT / "connectors/departments/examples/app.toml").read_text("utf-8")
        loaded = department.parse("power", text.replace('org = "yicheng-app"', 'org = "power"').encode())
        self._loaded, self.options = loaded, loaded.options
        self.sources: Mapping[str, str] = modules("intake")
        self.troubles: Mapping[str, Callable[[], None]] = {"down": lambda: None}
        self._around = around(folder, clock=now)._replace(engine=engine, department=loaded.department)
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def items(self, _number: str) -> list[Item]:
        raise NotImplementedError("an app asks how a report stands")

    def effects(self, _number: str) -> list[str]:
        raise NotImplementedError("an app asks how a report stands")

    def never(self, _delivery: Delivery) -> Delivery:
        raise NotImplementedError("an app asks how a report stands")

    def say(self, _number: str) -> None:
        raise NotImplementedError("an app reports by itself")

    def say_nonsense(self) -> None:
        raise NotImplementedError("an app reports by itself")

    def look_up(self, number: str) -> str | None:
        return ids.case_id(SYSTEM, number)

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        key = {"X-API-Key": "a key for trying" if trusted else "guessed"}
        headers = key | {"Idempotency-Key": sha256(number.encode()).hexdigest()}
        return Answered(asked(self.made, take, "POST", "/reports", json=TOLD, headers=headers).status_code)


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[IntakeHarness]:
    """The app; there is nothing to be started."""
    yield IntakeHarness(folder, engine)
