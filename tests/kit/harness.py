"""What a connector gives to the kit: itself, and its counterpart, which can be made to misbehave and be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors.contract import Delivery, FileContent, Item, Made, Sink, Step
from connectors.delivery.bodies import kept, opened
from schemas import ids
from schemas.events import FileRef, TextRef

PLANTED = "my name is Planted Person, call 13800007788"
"""Personal content that must not turn up anywhere but on the other side and in the vault."""
SINK, SOURCE, INLET = "sink", "source", "inlet"
DESTINATION = "kit"
ORG = "power"
"""The organisation for which every connector in the kit speaks."""


class Answered(NamedTuple):
    """What an inlet answered: the status, and whether what it was told was taken."""

    status: int


class Harness(Protocol):
    """One connector beside a counterpart that is there. Each check gets a new one."""

    @property
    def made(self) -> Made: ...

    @property
    def options(self) -> Any: ...

    @property
    def sources(self) -> Mapping[str, str]:
        """Texts of the connector's own modules by name."""
        ...

    @property
    def troubles(self) -> Mapping[str, Callable[[], None]]:
        """What the counterpart can be made to do: down, up, busy, conflict, lost (takes it and does not answer), never
        (does nothing by itself: it is there where `never` can make a delivery that is never taken)."""
        ...

    def remake(self) -> Made:
        """The same connector made once more."""
        ...

    def items(self, number: str) -> list[Item]:
        """Items of a case, in order, that lead to steps."""
        ...

    def effects(self, number: str) -> list[str]:
        """Keys of what the counterpart has done for a case, in the order in which it was done."""
        ...

    def never(self, delivery: Delivery) -> Delivery:
        """One that the counterpart will never take, made of one that it has taken."""
        ...

    def say(self, number: str) -> None:
        """The department says one thing about a case, with PLANTED as its text, where the source finds it."""
        ...

    def say_nonsense(self) -> None:
        """It says something that nobody understands."""
        ...

    def look_up(self, number: str) -> str | None:
        """Subject of a number that `say` has used."""
        ...

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        """The department tells the inlet one thing about a case, with PLANTED as its text; the same each time."""
        ...


class Participant(NamedTuple):
    """A connector that is run through the kit: `start` gets a folder and an engine on the hub's tables."""

    name: str
    parts: frozenset[str]
    start: Callable[[Path, Engine], AbstractContextManager[Harness]]


class Open:
    """Texts are PLANTED, files are bytes, nobody left a contact; or everything has been erased."""

    def __init__(self, *, erased: bool = False) -> None:
        self._erased = erased

    def text(self, _ref: TextRef) -> str | None:
        return None if self._erased else PLANTED

    def file(self, ref: FileRef) -> FileContent | None:
        return None if self._erased else FileContent(b"\x89PNG", ref.media_type)

    def contact(self, _person: str) -> dict[str, str] | None:
        return None if self._erased else {"phone": "13800007788"}

    def caller(self, _subject: str) -> dict[str, str] | None:
        return None if self._erased else {"phone": "13800007788"}

    def number(self, _alias: str) -> str | None:
        return None if self._erased else "13800007788"


def steps(sink: Sink, item: Item) -> list[Step]:
    """The steps that an item leads to, without what it calls off."""
    return [one for one in sink.translate(item) if isinstance(one, Step)]


def deliveries(harness: Harness, number: str, *, erased: bool = False) -> list[Delivery]:
    """The steps of a case as the runner would hand them to the sink, each once, without the other side's number."""
    sink = harness.made.sink
    assert sink is not None
    found: dict[str, Delivery] = {}
    for item in harness.items(number):
        for step in steps(sink, item):
            key = ids.delivery_key(DESTINATION, item.subject.id, step.name)
            body = opened(kept(step.body), Open(erased=erased), item.subject.id)
            made = Delivery(key, DESTINATION, item.subject, item.seq, step.name, 1, body)
            found.setdefault(step.name, made)
    assert found, "the items of a harness must lead to steps"
    return list(found.values())


def deliver_all(harness: Harness, wanted: Sequence[Delivery], times: int = 1) -> str | None:
    """Deliver in order, each so many times; the other side's number is passed on as the runner does."""
    sink, theirs = harness.made.sink, None
    assert sink is not None
    for delivery in wanted:
        before = theirs
        for _ in range(times):
            receipt = sink.deliver(replace(delivery, their_number=before))
            theirs = receipt.their_number or theirs
    return theirs
