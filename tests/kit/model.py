"""The smallest connector that keeps every sentence, and for each sentence one that breaks it: the kit must tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from connectors.contract import (
    BadData,
    BadMessage,
    Busy,
    CallOff,
    Conflict,
    Delivery,
    Department,
    Down,
    Draft,
    Item,
    LookUp,
    Made,
    Message,
    Personal,
    Receipt,
    Refused,
    Secret,
    Step,
    Take,
)
from schemas import ids
from schemas.events import Acknowledge, Actor, ClaimMeta, FeedCard, Source, Subject
from tests.builders import SYSTEM, T0, TEXT
from tests.kit.harness import PLANTED, Answered

POWER = Department("power", "power", "handler", ZoneInfo("Asia/Shanghai"))


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of the model."""

    token: Secret = Secret("env:TOKEN")


class Loose(msgspec.Struct):
    """Options that take whatever stands there."""

    token: Secret = Secret("env:TOKEN")


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options with the secret itself in them."""

    token: str = "hunter2"


class Office:
    """The other side: what it has done, what it has to say, what shall go wrong."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, str]] = []
        self.letters: list[bytes] = []
        self.read_until = 0
        self.down = self.lost = False
        self.trouble: Exception | None = None


class Model:
    """Sink, source and inlet in one; `break_` names the sentence that it breaks."""

    reads_back = True

    def __init__(self, office: Office, broken: str = "") -> None:
        self._office = office
        self._broken = broken
        self._count = 0

    # sink

    def translate_item(self, item: Item) -> list[Step | CallOff]:
        self._count += 1
        name = f"{item.reason}-{item.seq}" + (f"-{self._count}" if self._broken == "CON-010" else "")
        body: dict[str, Any] = {"text": PLANTED if self._broken == "CON-011" else item.card.text}
        wanted = "nobody" if self._broken == "CON-022" else "answer"
        return [CallOff(wanted), Step(name, body), Step(f"{name}-late", body, item.recorded_at + 60_000_000, "answer")]

    def deliver(self, delivery: Delivery) -> Receipt:
        office = self._office
        self._answering(delivery)
        if delivery.body.get("never") and self._broken != "CON-017":
            raise BadData("it is not taken")
        key = f"{delivery.key}{delivery.attempt}{len(office.done)}" if self._broken == "CON-012" else delivery.key
        known = {done for _, done, _ in office.done}
        text = delivery.body["text"] if self._broken != "CON-020" else delivery.body["text"].strip()
        if key not in known:
            where = 0 if self._broken == "CON-019" else len(office.done)
            office.done.insert(where, (delivery.subject.id, key, str(text)))
        if office.lost:
            office.lost = False
            if self._broken == "CON-013":
                raise BadData("no answer")
            raise Down("no answer")
        return Receipt(their_number="A-1")

    def _answering(self, delivery: Delivery) -> None:
        office = self._office
        if office.down:
            if self._broken == "CON-014":
                raise BadData("it cannot be reached")
            raise Down(f"it cannot be reached with {delivery.body}" if self._broken == "CON-021" else "not reached")
        trouble, office.trouble = office.trouble, None
        if trouble is not None:
            match trouble:
                case Busy() if self._broken == "CON-015":
                    raise Busy("later")
                case Conflict() if self._broken == "CON-016":
                    raise Down("409")
            raise trouble

    def read_back(self, delivery: Delivery) -> Receipt | None:
        if self._broken == "CON-018":
            return Receipt()
        return Receipt("A-1") if delivery.key in {key for _, key, _ in self._office.done} else None

    # source

    def read(self, position: dict[str, Any]) -> Iterator[tuple[Message | BadMessage, dict[str, Any]]]:
        office, start = self._office, position.get("n", 0)
        if office.down and self._broken != "CON-036":
            raise Down("not reached")
        if self._broken == "CON-031":
            start = 0
        for number, raw in enumerate([] if office.down else office.letters[start:], start + 1):
            if self._broken == "CON-030":
                office.letters[number - 1] = b"{}"
                yield Message(f"{number}-{len(office.done)}", {}, raw), {"n": number}
                office.done.append(("", "", ""))
            else:
                yield Message(str(number), raw, raw), {"n": number}

    def translate_message(self, message: Message, look_up: LookUp) -> list[Draft]:
        try:
            said = json.loads(message.content)
        except ValueError:
            if self._broken == "CON-033":
                raise
            raise BadMessage(message.place, "is no JSON") from None
        self._count += 1
        occurrence = f"{message.place}-{self._count}" if self._broken == "CON-032" else message.place
        return [self._draft(said, occurrence, look_up(said["number"]) or "")]

    def _draft(self, said: Mapping[str, str], occurrence: str, subject: str) -> Draft:
        breaks = self._broken in ("CON-035", "CON-043")
        meta = ClaimMeta(
            ids.claim_id("power", said["number"], "Acknowledge", occurrence),
            Subject("case", subject),
            T0,
            Actor("somebody" if breaks else "power", "handler"),
            Source("power", said["number"]),
        )
        return Draft(meta, Acknowledge("power", said["text"] if breaks else None), Personal(text=said["text"]))

    def done(self, position: dict[str, Any]) -> None:
        if self._broken == "CON-034" and self._office.read_until == position["n"]:
            raise KeyError("it was done already")
        self._office.read_until = position["n"]

    # inlet

    def told(self, take: Take, number: str, trusted: bool) -> int:
        if not trusted and self._broken != "CON-042":
            return 401
        self._count += 1
        occurrence = str(self._count) if self._broken == "CON-041" else number
        draft = self._draft({"number": number, "text": PLANTED}, occurrence, ids.case_id(SYSTEM, number))
        if self._broken == "CON-040":
            return 200
        try:
            take([draft])
        except Refused:
            return 503
        return 200


class ModelSink:
    """The model as a sink."""

    reads_back = True

    def __init__(self, model: Model) -> None:
        self.deliver, self.read_back, self.translate = model.deliver, model.read_back, model.translate_item


class ModelSource:
    """The model as a source."""

    def __init__(self, model: Model) -> None:
        self.read, self.translate, self.done = model.read, model.translate_message, model.done


class ModelInlet:
    """The model as an inlet."""

    def __init__(self, broken: str) -> None:
        self._broken = broken

    def routes(self, _take: Take) -> None:
        return None

    def start(self, _take: Take) -> None:
        """Nothing to begin."""

    def stop(self) -> None:
        if self._broken == "CON-044":
            raise TimeoutError("it does not end")


class ModelHarness:
    """The model beside its office."""

    def __init__(self, broken: str = "") -> None:
        self._broken = broken
        self._office = Office()
        self._model = Model(self._office, broken)
        self.made = self.remake()
        self.options = {"CON-001": Loose(), "CON-002": Written()}.get(broken, Options())
        self.sources = {"model": "import time\ntime.time()\n" if broken == "CON-005" else "import json\n"}
        office = self._office
        self.troubles: Mapping[str, Callable[[], None]] = {
            "down": lambda: setattr(office, "down", True),
            "up": lambda: setattr(office, "down", False),
            "lost": lambda: setattr(office, "lost", True),
            "busy": lambda: setattr(office, "trouble", Busy("later", retry_after=3)),
            "conflict": lambda: setattr(office, "trouble", Conflict("closed there")),
            "never": lambda: None,
        }

    def remake(self) -> Made:
        if self._broken == "CON-003" and self._office.down:
            raise Down("it asked while it was made")
        sink, source = ModelSink(self._model), ModelSource(self._model)
        return Made(sink, source, ModelInlet(self._broken), self._check)

    def _check(self) -> list[str]:
        return ["it cannot be reached"] if self._office.down and self._broken != "CON-004" else []

    def items(self, number: str) -> list[Item]:
        subject = Subject("case", ids.case_id(SYSTEM, number))
        return [Item("feed", 0, n, "introduced", subject, n, FeedCard(text=TEXT)) for n in (1, 2, 3)]

    def effects(self, number: str) -> list[str]:
        return [key for subject, key, _ in self._office.done if subject == ids.case_id(SYSTEM, number)]

    def never(self, delivery: Delivery) -> Delivery:
        return msgspec.structs.replace(delivery, key=ids.uuid5(b"never"), body={"never": True, "text": ""})

    def say(self, number: str) -> None:
        self._office.letters.append(json.dumps({"number": number, "text": PLANTED}).encode())

    def say_nonsense(self) -> None:
        self._office.letters.append(b"{nonsense")

    def look_up(self, number: str) -> str | None:
        return ids.case_id(SYSTEM, number)

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        return Answered(self._model.told(take, number, trusted))


@contextmanager
def start(_folder: Path, broken: str = "") -> Iterator[ModelHarness]:
    """The model, breaking one sentence or none."""
    yield ModelHarness(broken)
