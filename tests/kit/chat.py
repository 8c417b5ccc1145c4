"""Chat groups, run through the kit: the counterpart is the robot of the program of groups, on a port of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors import department
from connectors.chat.inlet import HEADERS
from connectors.chat.settings import Photos
from connectors.contract import Delivery, Item, Made
from connectors.signing import Keys, sign, written
from ops.demo.counterparts.chat_group.book import Book, Faults
from ops.demo.counterparts.chat_group.robot import robot
from ops.demo.counterparts.listener import Listener
from schemas import ids
from schemas.events import Closed, Reported, ReporterAnswered, Source, Subject
from tests.builders import CATEGORY, PLACE, TEXT
from tests.chat_samples import GROUP, grid_of_group, message, written_at
from tests.integration.engine import now
from tests.kit.door import asked
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import ROOT, modules
from tests.link_samples import CARD, around, item

KEYS = Keys("yicheng-chat", ("agreed",))


class ChatHarness:
    """The groups of 驿城区."""

    def __init__(self, folder: Path, engine: Engine, book: Book) -> None:
        self._book, self._faults, self._written = book, Faults(), written_at(now())
        told = robot(book, self._faults, KEYS.app_key, KEYS.secrets[0], hang_seconds=1.5)
        self.robot = Listener(told, 0)
        self.robot.up()
        text = (ROOT / "connectors/departments/examples/yicheng-chat.toml").read_text("utf-8")
        address = f"http://127.0.0.1:{self.robot.port}"
        self._loaded = department.parse("chat", text.replace("https://chat.yicheng.example/robot", address).encode())
        options = self._loaded.options
        quick = replace(options.robot, timeout_seconds=0.5)
        self.options: Any = replace(options, robot=quick, photos=Photos(needed=0))
        self.sources: Mapping[str, str] = modules("chat")
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": self.robot.down,
            "up": self.robot.up,
            "lost": lambda: self._faults.left.update(hang=1),
            "busy": lambda: self._faults.left.update({"429": 1}),
            "conflict": lambda: self._faults.left.update({"409": 1}),
            "never": lambda: None,
        }
        given = around(folder, clock=now, grid_of_group=grid_of_group)
        self._around = given._replace(engine=engine)
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def items(self, number: str) -> list[Item]:
        told = (Reported(CATEGORY, PLACE, "chat"), ReporterAnswered("chat", TEXT), Closed("checked"))
        named = f"{GROUP}-{number}"
        card = replace(CARD, source=Source("chat", named))
        subject = Subject("case", ids.case_id("chat", named))
        found = [item(fact, seq, card=card, number=number) for seq, fact in enumerate(told, 1)]
        return [replace(one, subject=subject) for one in found]

    def effects(self, number: str) -> list[str]:
        query = "SELECT key FROM messages WHERE number = ? ORDER BY id"
        return [row["key"] for row in self._book.rows(query, f"{GROUP}-{number}")]

    def never(self, delivery: Delivery) -> Delivery:
        """Into a group that the robot does not know."""
        telling = {**delivery.body["telling"], "group": "gone"}
        return replace(delivery, key=f"{delivery.key}-other", body={**delivery.body, "telling": telling})

    def say(self, _number: str) -> None:
        raise NotImplementedError("an assistant posts messages by itself")

    def say_nonsense(self) -> None:
        raise NotImplementedError("an assistant posts messages by itself")

    def look_up(self, number: str) -> str | None:
        return ids.case_id("chat", f"{GROUP}-{number}")

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        told = message(number, photos=[], text=PLANTED, at=self._written)
        body = json.dumps(told).encode()
        keys = KEYS if trusted else KEYS._replace(secrets=("guessed",))
        headers = written(HEADERS, sign(keys, now(), number, body))
        return Answered(asked(self.made, take, "POST", "/messages", content=body, headers=headers).status_code)


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[ChatHarness]:
    """A robot in one group; what it does not answer in half a second counts as lost."""
    book = Book(":memory:")
    book.rows("INSERT INTO groups VALUES (?, ?)", GROUP, GROUP)
    harness = ChatHarness(folder, engine, book)
    try:
        yield harness
    finally:
        harness.made.close()
        harness.robot.down()
