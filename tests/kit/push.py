"""Pushes with call-backs, run through the kit: the counterpart is the platform of an urban management squad."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from connectors.signing import Headers, Keys, sign, written
from schemas import ids
from schemas.events import Subject, Urged
from tests.builders import SYSTEM, T0
from tests.integration.engine import now
from tests.integration.exchange_database import Counterpart, counterpart
from tests.kit.door import asked
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import ROOT, modules
from tests.link_samples import CARD, around, item, party

SECRET, APP_KEY = "agreed", "songshan-squad"
EXAMPLE = ROOT / "connectors/departments/examples/tianyuan-urban-management.toml"


class PushHarness:
    """The squad's platform. It answers HTTP 200 whatever happens, and so do we: the code of the envelope counts."""

    def __init__(self, folder: Path, engine: Engine, squad: Counterpart) -> None:
        self._squad = squad
        text = EXAMPLE.read_text("utf-8").replace('org = "songshan-squad"', 'org = "power"')
        placed = text.replace("http://127.0.0.1:8460", f"http://127.0.0.1:{squad.ports['port']}")
        self._loaded = department.parse("power", placed.encode())
        self.options: Any = replace(self._loaded.options, timeout_seconds=1.0)
        self.sources: Mapping[str, str] = modules("push")
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": lambda: squad.control("down"),
            "up": lambda: squad.control("up"),
            "lost": lambda: squad.control("faults/hang/1"),
            "busy": lambda: squad.control("faults/busy/1"),
            "conflict": lambda: squad.control("faults/conflict/1"),
            "never": lambda: None,
        }
        given = around(folder, clock=now, look_up=lambda _system, number: self.look_up(number), secret=SECRET)
        self._around = given._replace(engine=engine)
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def items(self, number: str) -> list[Item]:
        card = replace(CARD, parties=(party("power", "lead"),))
        subject = Subject("case", ids.case_id(SYSTEM, number))
        met = Item("feed", 0, 1, "introduced", subject, 1, card, T0)
        return [met, *(item(Urged("power"), seq, card=card, number=number) for seq in (2, 3))]

    def effects(self, number: str) -> list[str]:
        case = ids.case_id(SYSTEM, number)
        return [row["key"] for row in self._squad.book()["orders"] if json.loads(row["body"])["caseId"] == case]

    def never(self, delivery: Delivery) -> Delivery:
        """The platform refuses what comes next."""
        self._squad.control("faults/refuse/1")
        return replace(delivery, key=ids.uuid5(b"never"))

    def say(self, _number: str) -> None:
        raise NotImplementedError("a platform calls back by itself")

    def say_nonsense(self) -> None:
        raise NotImplementedError("a platform calls back by itself")

    def look_up(self, number: str) -> str | None:
        return ids.case_id(SYSTEM, number)

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        told = {"messageId": f"M-{number}", "taskId": number, "status": "处置反馈", "time": T0 // 1_000}
        body = json.dumps({**told, "remark": PLANTED}, ensure_ascii=False).encode()
        keys = Keys(APP_KEY, (SECRET if trusted else "guessed",))
        headers = written(Headers(), sign(keys, now(), secrets.token_hex(16), body))
        envelope = asked(self.made, take, "POST", "/callback", content=body, headers=headers).json()
        code = int(envelope["code"])
        return Answered(code // 100 if code else 200)


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[PushHarness]:
    """The squad in a process of its own; it calls back to nobody."""
    options = ("--mode", "push", "--squad", "songshan", "--hang-seconds", "2")
    with counterpart(folder, *options, COUNTERPART_SECRET=SECRET) as squad:
        harness = PushHarness(folder, engine, squad)
        try:
            yield harness
        finally:
            harness.made.close()
