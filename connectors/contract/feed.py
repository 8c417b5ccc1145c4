"""What a department hears of: items of its feed, in the terms of the outbox."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from schemas.events import Category, FactMeta, FileRef, Place, Source, Subject, TextRef

Reason = Literal["introduced", "fact", "gone"]


class Party(msgspec.Struct, frozen=True):
    """A party of the case as a feed tells it; times in UTC µs."""

    org: str
    role: str
    status: str
    dispatched_at: int | None = None
    acknowledged_at: int | None = None
    handed_back_at: int | None = None
    returned_at: int | None = None
    due_at: int | None = None
    yellow_at: int | None = None


class Summons(msgspec.Struct, frozen=True):
    """An organisation that was called to the case 召集, or came unasked."""

    org: str
    at: int
    due_at: int | None = None
    reported_in_at: int | None = None


class Card(msgspec.Struct, frozen=True):
    """The case as it stands after the fact of the item, as far as its reader may see it."""

    number: str | None = None
    stage: str = ""
    category: Category | None = None
    condition: str | None = None
    place: Place | None = None
    asset: str | None = None
    inlet: str | None = None
    lead: str | None = None
    parties: tuple[Party, ...] = ()
    summons: tuple[Summons, ...] = ()
    opened_at: int | None = None
    filed_at: int | None = None
    closed_at: int | None = None
    closing_kind: str | None = None
    due_at: int | None = None
    yellow_at: int | None = None
    restricted: bool = False
    reporting_org: str | None = None
    source: Source | None = None
    text: TextRef | None = None
    evidence: tuple[FileRef, ...] = ()
    blocks: str = ""


class Item(msgspec.Struct, frozen=True):
    """One thing of a feed. `n` counts 1, 2, 3 … within (subscription, partition); `fact` is None unless the reason is
    fact, and also where the subscription wants cards only."""

    subscription: str
    partition: int
    n: int
    reason: Reason
    subject: Subject
    seq: int
    card: Card
    recorded_at: int = 0
    meta: FactMeta | None = None
    fact: Any | None = None
