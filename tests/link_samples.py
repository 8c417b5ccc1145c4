"""What tests of links to departments are made with: items of a feed, surroundings, a `Take` that keeps what it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine

from connectors.contract import (
    BadMessage,
    Card,
    Department,
    Draft,
    GridAt,
    GridOfGroup,
    Item,
    Party,
    Reason,
    Refused,
    Said,
    Secret,
    Surroundings,
    Vault,
    nowhere,
    unregistered,
)
from connectors.metrics import ConnectorMetrics
from schemas.events import PartyRoleSymbol
from tests.builders import CATEGORY, NUMBER, PLACE, TEXT, fact

SHANGHAI = ZoneInfo("Asia/Shanghai")
CARD = Card(number=NUMBER, stage="dispatched", category=CATEGORY, place=PLACE, text=TEXT, lead="power")


def item(body: Any, seq: int = 4, *, card: Card = CARD, number: str = "1") -> Item:
    """A fact as an item of a feed."""
    meta, told = fact(body, seq, number=number)
    return Item("feed", 0, seq, "fact", meta.subject, seq, card, meta.recorded_at, meta, told)


def other_item(reason: Reason, card: Card = CARD, seq: int = 4) -> Item:
    """An item that is no fact."""
    meta, _ = fact(None, seq)
    return Item("feed", 0, seq, reason, meta.subject, seq, card, meta.recorded_at)


def party(org: str, role: PartyRoleSymbol = "assist", status: str = "dispatched", **times: int) -> Party:
    return Party(org, role, status, **times)


class Kept:
    """A `Take` that keeps drafts and dead letters; `refuses` makes it say no, as when Kafka is gone."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.letters: list[BadMessage] = []
        self.refuses = False

    def __call__(self, drafts: Sequence[Draft]) -> list[Said]:
        if self.refuses:
            raise Refused("Kafka is gone")
        known = {draft.meta.claim_id: draft.told for draft in self.drafts}
        new = [draft for draft in drafts if draft.meta.claim_id not in known]
        self.drafts += new
        return [self._said(draft, known) for draft in drafts]

    @staticmethod
    def _said(draft: Draft, known: Mapping[str, bytes | None]) -> Said:
        claim = draft.meta.claim_id
        return Said(claim, draft.meta.subject.id, claim in known, other=known.get(claim, draft.told) != draft.told)

    def begin(self, drafts: Sequence[Draft]) -> Future[list[Said]]:
        future: Future[list[Said]] = Future()
        future.set_result(self(drafts))
        return future

    def bury(self, message: BadMessage) -> None:
        if self.refuses:
            raise Refused("PostgreSQL is gone")
        self.letters.append(message)


class Notepad(dict[str, Any]):
    """Notes of a connector that no process survives."""

    def under(self, prefix: str) -> dict[str, Any]:
        found = {key: value for key, value in self.items() if key.startswith(prefix) and value is not None}
        return {key.removeprefix(prefix): value for key, value in found.items()}

    def put(self, notes: Mapping[str, Any]) -> None:
        self.update(notes)


class NoVault:
    """Connectors here leave the vault to the runner."""


class Clock:
    """A clock that stands until it is moved; UTC µs."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += round(seconds * 1_000_000)


class Numbers:
    """Numbers that are known, by (system, number)."""

    def __init__(self, known: dict[tuple[str, str], str]) -> None:
        self.known = known

    def __call__(self, system: str, number: str) -> str | None:
        return self.known.get((system, number))


def around(
    folder: Path,
    *,
    org: str = "power",
    role: str = "handler",
    clock: Callable[[], int],
    look_up: Callable[[str, str], str | None] = lambda _system, _number: None,
    secret: str = "agreed",
    registry: CollectorRegistry | None = None,
    grid_at: GridAt = nowhere,
    grid_of_group: GridOfGroup = unregistered,
) -> Surroundings:
    """What a connector is given."""

    def read(_name: Secret) -> str:
        return secret

    return Surroundings(
        department=Department(org, org, role, SHANGHAI),
        clock=clock,
        look_up=look_up,
        secret=read,
        folder=folder,
        engine=create_engine("postgresql+psycopg://nowhere"),
        vault=cast(Vault, NoVault()),
        log=structlog.get_logger(),
        metrics=ConnectorMetrics(registry or CollectorRegistry()),
        grid_at=grid_at,
        grid_of_group=grid_of_group,
    )
