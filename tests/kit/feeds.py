"""Feeds over HTTP, run through the kit: nobody is beside it but a caller, who may have a key or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from connectors.keys import hashed, key_of
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import T0
from tests.kit.door import asked
from tests.kit.harness import Answered
from tests.kit.reading import modules
from tests.link_samples import around

KEY, STRANGER = key_of(b"k" * 32), key_of(b"s" * 32)
NOBODY = KafkaSettings("127.0.0.1:9")
FILE = f"""
[department]
org = "power"
kind = "feeds"
subscription = "power"
[feeds]
keys = [{{ sha256 = "{hashed(KEY)}", about = "the kit" }}]
"""


class FeedsHarness:
    """A department that may ask, and a Kafka that is not there."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._loaded = department.parse("power", FILE.encode())
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("feeds")
        self.troubles: Mapping[str, Callable[[], None]] = {"down": lambda: None}
        given = around(folder, clock=lambda: T0)._replace(engine=engine, subscription="power", kafka=NOBODY)
        self._around = given._replace(hub=HubSettings(namespace="kit"))
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def items(self, _number: str) -> list[Item]:
        raise NotImplementedError("nothing is sent: whoever has a key comes and reads")

    def effects(self, _number: str) -> list[str]:
        raise NotImplementedError("nothing is sent: whoever has a key comes and reads")

    def never(self, _delivery: Delivery) -> Delivery:
        raise NotImplementedError("nothing is sent: whoever has a key comes and reads")

    def say(self, _number: str) -> None:
        raise NotImplementedError("readers say nothing")

    def say_nonsense(self) -> None:
        raise NotImplementedError("readers say nothing")

    def look_up(self, _number: str) -> str | None:
        return None

    def tell(self, take: Any, _number: str, *, trusted: bool = True) -> Answered:
        """Somebody asks for what is new."""
        key = {"Authorization": f"Bearer {KEY if trusted else STRANGER}"}
        return Answered(asked(self.made, take, "GET", "/feeds/power", headers=key).status_code)


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[FeedsHarness]:
    """Nothing has to be started."""
    harness = FeedsHarness(folder, engine)
    try:
        yield harness
    finally:
        harness.made.close()
