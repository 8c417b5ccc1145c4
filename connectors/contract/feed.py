"""What a department hears of: items of its feed, in the terms of the outbox."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from schemas.events import FactMeta, FeedCard, FeedParty, FeedSummons, Subject

Reason = Literal["introduced", "fact", "gone"]
Card = FeedCard
Party = FeedParty
Summons = FeedSummons


class Item(msgspec.Struct, frozen=True):
    """One thing of a feed. `n` counts 1, 2, 3 … within (subscription, partition); `card` is the case as it stands after
    it; `fact` is None unless the reason is fact, and also where the subscription wants cards only. Times in UTC µs."""

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
