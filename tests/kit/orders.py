"""Sheets of a hotline, run through the kit: the counterpart is the drop folder itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors import department
from connectors.contract import Card, Delivery, Item, Made
from connectors.orders import sheets, writing
from ops.vault import open_vault
from schemas import ids
from schemas.events import ReporterAnswered, Source
from tests.builders import SYSTEM, TEXT
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import modules
from tests.link_samples import CARD, around, item

FILE = """
[department]
org = "power"
kind = "orders"
[orders]
folder = "{folder}"
system = "{system}"
settle_seconds = 0.0
[orders.columns]
number = ["工单编号"]
at = ["受理时间"]
category = ["诉求类别"]
text = ["诉求内容"]
[orders.categories]
"路灯不亮" = {{ scheme = "xitu", version = "2026", code = "0101" }}
"""
HEADINGS = ("工单编号", "受理时间", "诉求类别", "诉求内容")


def _now() -> int:
    return time.time_ns() // 1_000


class OrderHarness:
    """A hotline behind a drop folder."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._engine = engine
        self._drop = folder / "drop"
        self._drop.mkdir()
        self._vault = open_vault(engine, folder.parent / "kit-vault.key")
        self._loaded = department.parse("power", FILE.format(folder=self._drop, system=SYSTEM).encode())
        self._said = 0
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("orders")
        self.troubles: Mapping[str, Callable[[], None]] = {"down": self._down, "up": self._up, "never": lambda: None}
        self.made = self.remake()

    def remake(self) -> Made:
        given = around(self._drop, clock=_now)._replace(engine=self._engine, vault=self._vault)
        return self._loaded.kind.make(self.options, given)

    def _down(self) -> None:
        self._drop.rename(self._drop.with_suffix(".gone"))

    def _up(self) -> None:
        self._drop.with_suffix(".gone").rename(self._drop)

    def items(self, number: str) -> list[Item]:
        card: Card = replace(CARD, source=Source(SYSTEM, number))
        return [item(ReporterAnswered("phone", TEXT), seq, card=card, number=number) for seq in (1, 2, 3)]

    def effects(self, number: str) -> list[str]:
        files = sorted((self._drop / "answers").iterdir())
        rows = [row for path in files for row in sheets.read(path.name, path.read_bytes(), [("回复编号",)]).rows]
        return [row.cells["回复编号"] for row in rows if row.cells["工单编号"] == number]

    def never(self, delivery: Delivery) -> Delivery:
        return replace(delivery, key=ids.uuid5(b"never"), body={**delivery.body, "text": ["no", "text"]})

    def say(self, number: str) -> None:
        rows = [[number, "2026-11-27 08:30", "路灯不亮", PLANTED]]
        self._put("csv", writing.written(HEADINGS, rows, "gb18030"))

    def say_nonsense(self) -> None:
        self._put("xlsx", PLANTED.encode())

    def _put(self, suffix: str, content: bytes) -> None:
        self._said += 1
        (self._drop / "inbox" / f"{self._said:06}.{suffix}").write_bytes(content)

    def look_up(self, number: str) -> str | None:
        return ids.case_id(SYSTEM, number)

    def tell(self, _take: Any, _number: str, *, trusted: bool = True) -> Answered:
        raise NotImplementedError("nobody speaks to a folder")


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[OrderHarness]:
    """A drop folder of its own."""
    yield OrderHarness(folder, engine)
