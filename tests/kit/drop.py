"""Files in two folders, run through the kit: the counterpart is the folders themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from schemas import ids
from schemas.events import FeedCard, Subject
from tests.builders import SYSTEM, TEXT
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import modules
from tests.link_samples import around

FILE = '[department]\norg = "power"\nkind = "drop"\n[drop]\nout = "{out}"\nback = "{back}"\n'


class DropHarness:
    """A department behind two folders."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._said = folder, 0
        self._out, self._back = folder / "out", folder / "back"
        for made in (self._out, self._back):
            made.mkdir()
        self._loaded = department.parse("power", FILE.format(out=self._out, back=self._back).encode())
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("drop")
        self.troubles: Mapping[str, Callable[[], None]] = {"down": self._down, "up": self._up}
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, around(self._folder, clock=lambda: 0))

    def _down(self) -> None:
        for made in (self._out, self._back):
            made.rename(made.with_suffix(".gone"))

    def _up(self) -> None:
        for made in (self._out, self._back):
            made.with_suffix(".gone").rename(made)

    def items(self, number: str) -> list[Item]:
        subject = Subject("case", ids.case_id(SYSTEM, number))
        return [Item("feed", 0, n, "introduced", subject, n, FeedCard(number, text=TEXT)) for n in (1, 2, 3)]

    def effects(self, number: str) -> list[str]:
        files = sorted(self._out.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        return [path.stem for path in files if json.loads(path.read_bytes())["number"] == number]

    def never(self, delivery: Delivery) -> Delivery:
        raise NotImplementedError("a folder takes everything")

    def say(self, number: str) -> None:
        said = {"number": number, "says": "HandBack", "at": "2026-11-27T09:00:00", "text": PLANTED}
        self._write(json.dumps(said))

    def say_nonsense(self) -> None:
        self._write("{nonsense " + PLANTED)

    def _write(self, text: str) -> None:
        self._said += 1
        (self._back / f"{self._said:06}.json").write_text(text, encoding="utf-8")

    def look_up(self, number: str) -> str | None:
        return ids.case_id(SYSTEM, number)

    def tell(self, _take: Any, _number: str, *, trusted: bool = True) -> Answered:
        raise NotImplementedError("nobody speaks to a folder")


@contextmanager
def start(folder: Path, _engine: Engine) -> Iterator[DropHarness]:
    """Two folders of its own."""
    yield DropHarness(folder)
