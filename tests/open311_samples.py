"""Samples of Open311: the shipped examples, items of a feed, forms."""

from __future__ import annotations

from typing import Any

from connectors import department
from connectors.contract import Card, Item, Party
from connectors.open311.settings import Abroad, Config, Endpoint
from schemas import ids
from schemas.events import Category, PartyRoleSymbol, Place, Position, Subject

KEY = "a key for trying"
"""The api_key of the example's caller."""

NOON = 1_772_337_600_000_000
"""2026-03-01T04:00:00Z, noon in Asia/Shanghai, in UTC µs."""

SECOND = 1_000_000
CASE = Subject("case", ids.case_id("chat", "7"))
OTHER = Subject("case", ids.case_id("chat", "8"))
LAMP = Category("yicheng", "2026", "0112")
POLE = Category("yicheng", "2026", "0105")
HERE = Place(
    "411702007003", "411702007003001", "春晓街 12 号旁", Position(114.0142, 32.9791, "WGS-84", 114.0142, 32.9791)
)


def endpoint() -> Endpoint:
    """The endpoint of the example."""
    found: Config = department.example("open311_endpoint").options
    assert found.endpoint is not None
    return found.endpoint


def council() -> Abroad:
    """The council of the example."""
    found: Config = department.example("open311_council").options
    assert found.abroad is not None
    return found.abroad


def card(stage: str = "reported", **changed: Any) -> Card:
    """A pole that leans in 春晓街."""
    return Card(**{"stage": stage, "category": POLE, "place": HERE, "opened_at": NOON, **changed})


def item(
    seq: int, fact: Any = None, of: Card | None = None, *, reason: Any = None, at: int = NOON, **more: Any
) -> Item:
    """One item of the feed."""
    why: Any = reason or ("fact" if fact is not None else "introduced")
    return Item("open311", 0, seq, why, more.pop("subject", CASE), seq, of or card(), at, fact=fact, **more)


def party(org: str, status: str = "dispatched", role: PartyRoleSymbol = "lead") -> Party:
    """A party of the case."""
    return Party(org, role, status)


def form(**changed: str) -> dict[str, tuple[str, ...]]:
    """A form that can be taken; an empty text leaves a field out."""
    plain = {"service_code": "pole", "lat": "32.9791", "long": "114.0142", "description": "The pole leans."}
    return {name: (value,) for name, value in {**plain, **changed}.items() if value}
