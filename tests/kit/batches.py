"""Batches over two one-way folders, run through the kit: the other side writes and reads them with keys of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec.structs import replace
from sqlalchemy import Engine

from connectors import department
from connectors.batches import batch, capsule, folders
from connectors.batches.batch import Line
from connectors.contract import Delivery, Item, Made
from schemas import ids
from schemas.events import HandedOver
from tests.batching import HUB_KEY, INTERVAL, POLICE_KEY, SECOND, Clock, Side
from tests.builders import SYSTEM, TEXT
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import modules
from tests.link_samples import around, item

OPENING = X25519PrivateKey.from_private_bytes(HUB_KEY.private_bytes_raw())
FILE = """
[department]
org = "power"
kind = "batches"
[batches]
outgoing = "{folder}/hub/out"
incoming = "{folder}/hub/in"
us = "hub"
them = "police"
signing_key = "env:KEY"
opening_key = "env:KEY"
their_signing_keys = ["{signing}"]
their_sealing_key = "{sealing}"
system = "police-110"
interval_seconds = 60
patience_seconds = 120
"""


class BatchHarness:
    """The connector, and whoever writes to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._clock = Clock()
        self._police = Side("police", "hub", folder / "police", self._clock)
        self._ways = folder / "hub/out", folder / "hub/in"
        for way in self._ways:
            way.mkdir(parents=True)
        text = FILE.format(
            folder=folder,
            signing=POLICE_KEY.public_key().public_bytes_raw().hex(),
            sealing=OPENING.public_key().public_bytes_raw().hex(),
        )
        self._loaded = department.parse("power", text.encode())
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("batches")
        self.troubles: Mapping[str, Callable[[], None]] = {"down": self._down, "up": self._up, "never": lambda: None}
        self.made = self.remake()

    def remake(self) -> Made:
        secret = HUB_KEY.private_bytes_raw().hex()
        given = around(self._folder / "own", clock=self._clock, secret=secret, look_up=lambda _system, found: found)
        return self._loaded.kind.make(self.options, given)

    def close(self) -> None:
        self.made.close()
        self._police.close()

    def _down(self) -> None:
        for way in self._ways:
            way.rename(way.with_suffix(".gone"))

    def _up(self) -> None:
        for way in self._ways:
            way.with_suffix(".gone").rename(way)

    def items(self, number: str) -> list[Item]:
        """Danger to life, which waits for no interval."""
        return [item(HandedOver("110", "power", "danger", TEXT), seq, number=number) for seq in (1, 2, 3)]

    def effects(self, number: str) -> list[str]:
        keys = {batch.key_name(HUB_KEY.public_key()): HUB_KEY.public_key()}
        found = [batch.opened(path.read_bytes(), keys, "hub", "police") for path in self._arrived()]
        lines = [line for one in found for line in one.lines if isinstance(line, Line)]
        return [line.key for line in lines if line.case == f"hub:{ids.case_id(SYSTEM, number)}"]

    def _arrived(self) -> list[Path]:
        return list(folders.arrived(self._ways[0], folders.BATCH))

    def never(self, delivery: Delivery) -> Delivery:
        """One whose open part holds a phone."""
        body = {**delivery.body, "body": {**delivery.body["body"], "reason": "13800007788"}}
        return replace(delivery, key=ids.uuid5(b"never"), body=body)

    def say(self, number: str) -> None:
        case, now = f"hub:{ids.case_id(SYSTEM, number)}", self._clock()
        key = f"{number}-{now}"
        sealed = capsule.sealed(
            OPENING.public_key().public_bytes_raw(), key, case, {"text": PLANTED}, now + 3_600 * SECOND
        )
        self._police.posting.say("regular", Line(key, case, 1, "hand-back", {"at": now}, sealed))
        self._clock.pass_by(INTERVAL / SECOND)
        self._police.posting.tick()
        for path in folders.arrived(self._police.out, folders.BATCH):
            path.rename(self._ways[1] / path.name)

    def say_nonsense(self) -> None:
        (self._ways[1] / "nonsense.batch").write_text(f"{PLANTED}\n", "utf-8")

    def look_up(self, number: str) -> str | None:
        return number

    def tell(self, _take: Any, _number: str, *, trusted: bool = True) -> Answered:
        raise NotImplementedError("nobody speaks to a folder")


@contextmanager
def start(folder: Path, _engine: Engine) -> Iterator[BatchHarness]:
    """Two folders and two sides of its own."""
    made = BatchHarness(folder)
    try:
        yield made
    finally:
        made.close()
