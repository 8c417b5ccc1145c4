"""What a kind of connector is made of, and what it is given. Everything here is called by the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import msgspec

from connectors.contract.claims import Draft, LookUp, Take, Vault
from connectors.contract.delivering import CallOff, Delivery, Receipt, Step
from connectors.contract.feed import Item
from schemas.events import Grid, PoliceCode

if TYPE_CHECKING:  # translations import this package and stay pure
    from fastapi import APIRouter
    from sqlalchemy import Engine

    from connectors.delivery.bodies import Reading
    from connectors.metrics import ConnectorMetrics
    from schemas.wire.settings import HubSettings, KafkaSettings


class Message(NamedTuple):
    """One thing that a source has read. `place` names it within the source for ever (batch and line, id of a row);
    `content` is what translation understands; `raw` the bytes as they came, for the dead letter."""

    place: str
    content: Any
    raw: bytes = b""


class BadMessage(Exception):
    """One message cannot become claims. `reason` is one sentence without personal content."""

    def __init__(self, place: str, reason: str, raw: bytes = b"") -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason
        self.raw = raw

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Sink(Protocol):
    """Towards the department. `deliver` and `read_back` may block. One thread calls them, unless the class says by
    `many_at_once: ClassVar[bool] = True` that several may at the same time, each with a step of another case."""

    @property
    def reads_back(self) -> bool:
        """Whether read_back can ever answer anything but None; a class attribute will do."""
        ...

    def translate(self, item: Item, /) -> Sequence[Step | CallOff]:
        """The steps that an item leads to, perhaps none. Pure: the same item, the same steps."""
        ...

    def deliver(self, delivery: Delivery, /) -> Receipt:
        """Do it there. The same key again must not do it twice. Raises Undelivered."""
        ...

    def read_back(self, delivery: Delivery, /) -> Receipt | None:
        """What the other side holds under this delivery's key; None: nothing. Raises Undelivered."""
        ...


class Source(Protocol):
    """From the department, where we must ask: tables, folders, sheets, another system's list."""

    def read(self, position: dict[str, Any], /) -> Iterator[tuple[Message | BadMessage, dict[str, Any]]]:
        """What is new behind `position` ({}: from the start), each with the position behind it; ends when there is
        nothing more now, and is called again after a while. Raises Down or Refused."""
        ...

    def translate(self, message: Message, look_up: LookUp, /) -> list[Draft]:
        """What the message says, in the order in which it happened. Pure but for `look_up`. Raises BadMessage."""
        ...

    def done(self, position: dict[str, Any], /) -> None:
        """Everything up to `position` is in Kafka: mark it read, write the acknowledgement. May be called again with
        the same position, and is after each start."""
        ...


class Inlet(Protocol):
    """From the department, where it speaks to us: HTTP routes, or a subscription of ours."""

    def routes(self, take: Take, /) -> APIRouter | None:
        """Routes to be served under /in/<department>; None where it has none."""
        ...

    def start(self, take: Take, /) -> None:
        """Begin to listen, in threads of its own, and return."""
        ...

    def stop(self) -> None:
        """End them within a few seconds; what was told and not taken is told again by the other side."""
        ...


class Made(NamedTuple):
    """One connector, ready to run. `check` asks the other side and answers with sentences about what is wrong; it
    changes nothing there. `close` frees what was opened."""

    sink: Sink | None = None
    source: Source | None = None
    inlet: Inlet | None = None
    check: Callable[[], list[str]] = list
    close: Callable[[], None] = lambda: None


class Department(NamedTuple):
    """For whom the connector works. `name` is that of its file; claims carry `org` and `role` as their actor."""

    name: str
    org: str
    role: str
    zone: ZoneInfo


GridAt = Callable[[float, float], str | None]
"""Degrees east and north → code of a grid; None where none is known to lie."""


def nowhere(_longitude: float, _latitude: float) -> str | None:
    """Of a hub that knows no grids."""
    return None


GridOfGroup = Callable[[str, str], Grid | None]
"""Code of a chat system, alias of a group there → the grid to which the group belongs; None: it is not registered.
Raises Refused where that cannot be said now."""


def unregistered(_system: str, _group: str) -> None:
    """Of a hub that knows no chat groups."""
    return


OnDuty = Callable[[str, int], Sequence[str] | None]
"""Code of an organisation, a time (UTC µs) → codes of its persons on duty then, in order; None: no roster says."""


def unrostered(_org: str, _at: int) -> Sequence[str] | None:
    """Of a hub without rosters."""
    return None


class Surroundings(NamedTuple):
    """All that a connector is given: it looks neither at the environment nor at the wall clock itself.

    `clock` gives UTC µs. `look_up(system, number)`: subject id of a number; system "hub" is the hub's speakable number
    or its case id, "key" the key of a delivery, anything else an outside number: the department's own name, or an alias
    that a fact told. `secret` reads a Secret now. `folder` is the connector's own, for files. `engine` reaches the
    tables of connectors: one that must remember or answer something has its own there. `log` is structlog's.
    `police_codes` gives the lines of the dated cross-walk, as the reference has them now, `grid_at` the code of the
    finest grid at a point in CGCS2000/WGS-84, `grid_of_group` the grid of a registered chat group, `on_duty` whom the
    rosters have on duty. `kafka`, `hub` and `subscription` are for who hands on its own feed, `reading` opens what is
    personal for it.
    """

    department: Department
    clock: Callable[[], int]
    look_up: Callable[[str, str], str | None]
    secret: Callable[[Secret], str]
    folder: PurePath
    engine: Engine
    vault: Vault
    log: Any
    metrics: ConnectorMetrics
    http_seconds: float = 10.0
    police_codes: Callable[[], Sequence[PoliceCode]] = tuple
    kafka: KafkaSettings | None = None
    hub: HubSettings | None = None
    subscription: str | None = None
    reading: Reading | None = None
    grid_at: GridAt = nowhere
    grid_of_group: GridOfGroup = unregistered
    on_duty: OnDuty = unrostered


class Secret(str):
    """Where a secret is, "env:NAME" or "file:PATH"; the secret itself never stands in a configuration."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret({self.partition(':')[0]}:…)"


class Kind(NamedTuple):
    """A kind of connector: a folder connectors/<name>/ whose __init__ has KIND.

    `config` is a frozen msgspec.Struct with forbid_unknown_fields=True; its docstrings explain its fields, those of
    type Secret are never shown. `make` connects to nothing yet.
    """

    name: str
    config: type[msgspec.Struct]
    make: Callable[[Any, Surroundings], Made]
    about: str = ""
