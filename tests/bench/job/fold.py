"""The yardstick job itself, as the peer's CaseProcessor does it: pure, without Kafka.

State of a case, the step from (state, claim) to a fact, and the fold that gives the state back from facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from streams.runtime.writing import Outgoing
from tests.bench.job.codec import Claim, Fact, decode_claim, encode_fact

HOUR = 3_600_000
"""Milliseconds."""
DEFAULT_LIMIT = 24 * HOUR
LIMITS = {
    "waste": 24 * HOUR,
    "noise": 4 * HOUR,
    "road": 72 * HOUR,
    "water": 12 * HOUR,
    "lighting": 48 * HOUR,
    "parking": 2 * HOUR,
    "stall": 6 * HOUR,
}
NO_HEADERS: list[tuple[str, bytes]] = []
REMEMBERED = 8
"""How many event ids a case remembers."""
SEPARATOR = "\n"
"""Between event ids, which hold no line feed."""

_KINDS = ("report", "dispatch", "disposal", "verification")
_NEXT = {
    "none": ("reported", "dispatched", "disposed", "none"),
    "reported": ("reported", "dispatched", "disposed", "reported"),
    "dispatched": ("dispatched", "dispatched", "disposed", "dispatched"),
    "disposed": ("disposed", "dispatched", "disposed", "verified"),
    "verified": ("reported", "dispatched", "verified", "verified"),
}
NEXT = {stage: dict(zip(_KINDS, row, strict=True)) for stage, row in _NEXT.items()}


class CaseState(Struct, gc=False):
    """What the job knows of a case; times are epoch milliseconds, -1 where there is none."""

    stage: str = "none"
    last_seq: int = -1
    reports: int = 0
    dispatches: int = 0
    disposals: int = 0
    verifications: int = 0
    opened_at: int = -1
    due_at: int = -1
    remembered: int = 0
    recent: str = SEPARATOR  # the last event ids, oldest first, each between separators: one object, not nine


def step(s: CaseState, c: Claim, offset: int) -> Fact | None:
    """Changes the state by one claim and gives its fact; None for a claim among the last ones of its case."""
    event_id = c.event_id
    if f"\n{event_id}\n" in s.recent:
        return None
    kind = c.kind
    before = s.stage
    s.stage = NEXT[before][kind]
    _count(s, kind)
    if c.seq > s.last_seq:
        s.last_seq = c.seq
    occurred_at = c.occurred_at
    if s.opened_at < 0:
        s.opened_at = occurred_at
    if kind == "dispatch":
        s.due_at = occurred_at + LIMITS.get(c.category, DEFAULT_LIMIT)
    _remember(s, event_id)
    due_at = s.due_at
    return Fact(
        event_id,
        c.case_id,
        kind,
        c.seq,
        s.stage,
        before,
        occurred_at,
        s.opened_at,
        None if due_at < 0 else due_at,
        0 <= due_at < occurred_at,
        s.reports + s.dispatches + s.disposals + s.verifications,
        offset,
    )


def _remember(s: CaseState, event_id: str) -> None:
    recent = s.recent
    if s.remembered == REMEMBERED:
        recent = recent[recent.index(SEPARATOR, 1) :]
    else:
        s.remembered += 1
    s.recent = f"{recent}{event_id}\n"


def _count(s: CaseState, kind: str) -> None:
    if kind == "dispatch":
        s.dispatches += 1
    elif kind == "disposal":
        s.disposals += 1
    elif kind == "verification":
        s.verifications += 1
    else:
        s.reports += 1


def decide(states: dict[bytes, CaseState], records: Sequence[Any]) -> list[Outgoing]:
    """Facts of one fetched batch, each with the key and the timestamp of its claim."""
    facts: list[Outgoing] = []
    for record in records:
        claim = decode_claim(record.value)
        key = record.key
        state = states.get(key)
        if state is None:
            state = states[key] = CaseState()
        fact = step(state, claim, record.offset)
        if fact is not None:
            facts.append((key, encode_fact(fact), NO_HEADERS, record.timestamp))
    return facts


def refold(s: CaseState, f: Fact) -> None:
    """Changes the state by one fact, so that it is what `step` left."""
    s.stage = f.stage
    _count(s, f.event_kind)
    s.last_seq = max(s.last_seq, f.seq)
    s.opened_at = f.opened_at
    s.due_at = -1 if f.due_at is None else f.due_at
    _remember(s, f.event_id)
