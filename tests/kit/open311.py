"""Open311, run through the kit: the sink and source of another council, the inlet of an endpoint of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx
from msgspec.structs import replace
from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from connectors.open311.orders import Orders
from schemas import ids
from schemas.events import FeedCard, Place, Position, Subject, Supplemented
from tests.builders import SYSTEM, T0, TEXT
from tests.integration.counterpart import counterpart
from tests.integration.engine import now
from tests.kit.door import asked
from tests.kit.harness import DESTINATION, PLANTED, Answered
from tests.kit.reading import ROOT, modules
from tests.link_samples import around, item, party
from tests.open311_samples import KEY, LAMP

EXAMPLES = ROOT / "connectors/departments/examples"
FOREVER = 1_000_000


class Open311Harness:
    """A council in a process of its own, with a civic app that would speak to us."""

    def __init__(self, folder: Path, engine: Engine, url: str) -> None:
        self._council = httpx.Client(base_url=url, timeout=10)
        self._behave()
        self._loaded = department.parse("power", _text(url).encode())
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("open311")
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": lambda: self._behave("down", FOREVER),
            "up": self._behave,
            "lost": lambda: self._behave("lost", 1),
            "busy": lambda: self._behave("429", 1),
            "conflict": lambda: self._behave("409", 1),
            "never": lambda: None,
        }
        self._around = around(folder, clock=now, look_up=lambda _s, number: self.look_up(number), secret="agreed")
        self._around = self._around._replace(engine=engine)
        self.made = self.remake()

    def _behave(self, mode: str = "", calls: int = 0) -> None:
        how = {"api_key": "agreed", "keys_tell": True, "mode": mode, "calls": calls}
        self._council.post("/behave", json=how).raise_for_status()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def close(self) -> None:
        self.made.close()
        self._council.close()

    def items(self, number: str) -> list[Item]:
        place = Place("411702001001", position=Position(114.02, 32.98, "WGS-84", 114.02, 32.98))
        card = FeedCard(number, "dispatched", LAMP, place=place, parties=(party("power", "lead"),), text=TEXT)
        subject = Subject("case", ids.case_id(SYSTEM, number))
        met = Item("feed", 0, 1, "introduced", subject, 1, card, T0)
        return [met, *(item(Supplemented(TEXT), seq, card=card, number=number) for seq in (2, 3))]

    def effects(self, number: str) -> list[str]:
        case, book = ids.case_id(SYSTEM, number), self._council.get("/database").json()
        key = ids.delivery_key(DESTINATION, case, "order")
        told = [row["update_id"].rpartition(".") for row in book["told"] if row["update_id"].startswith(case)]
        updates = [ids.delivery_key(DESTINATION, case, f"update-{seq}") for _, _, seq in told]
        return [*(row["external_id"] for row in book["requests"] if row["external_id"] == key), *updates]

    def never(self, delivery: Delivery) -> Delivery:
        """A service that the council does not have."""
        return replace(delivery, key=ids.uuid5(b"never"), body={**delivery.body, "service_code": "moon"})

    def say(self, number: str) -> None:
        self._say(number, "fixed")

    def say_nonsense(self) -> None:
        self._say("nonsense", "splendid")

    def _say(self, number: str, status: str) -> None:
        request = crc32(number.encode())
        key = ids.delivery_key(DESTINATION, ids.case_id(SYSTEM, number), "order")
        Orders(self._around.engine, "power").keep(key, None, str(request), now())
        told = {"request": request, "status": status, "note": PLANTED}
        self._council.post("/desk", json=told).raise_for_status()

    def look_up(self, number: str) -> str | None:
        """Of a number, and of the key of an order."""
        return ids.case_id(SYSTEM, number)

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        form = {"api_key": KEY if trusted else "guessed", "service_code": "pole", "lat": "32.9", "long": "114"}
        told = {**form, "description": PLANTED, "attribute[external_id]": number}
        return Answered(asked(self.made, take, "POST", "/requests.json", data=told).status_code)


def _text(url: str) -> str:
    """Both examples in one department, whose organisation is power."""
    council = (EXAMPLES / "open311_council.toml").read_text("utf-8").partition("[open311.abroad]")[2]
    endpoint = (EXAMPLES / "open311_endpoint.toml").read_text("utf-8").partition("[open311.endpoint]")[2]
    head = '[department]\norg = "power"\nkind = "open311"\n'
    abroad = council.replace("https://open311.neighbour.example/v2", url)
    return f"{head}[open311.abroad]{abroad}\n[open311.endpoint]{endpoint}"


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[Open311Harness]:
    """The council, with a database of its own."""
    with counterpart("council", ["--database", str(folder / "council.sqlite")]) as ports:
        harness = Open311Harness(folder, engine, f"http://127.0.0.1:{ports['port']}")
        try:
            yield harness
        finally:
            harness.close()
