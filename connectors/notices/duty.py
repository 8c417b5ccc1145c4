"""Who is on duty at a time, and who is told next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

from connectors.notices.settings import Turn

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def by_turns(turns: Sequence[Turn], zone: tzinfo, at: int) -> list[str]:
    """Persons whose turns run at a time (UTC µs), in the order of the turns, each once."""
    local = (EPOCH + timedelta(microseconds=at)).astimezone(zone)
    return list(dict.fromkeys(code for turn in turns if _runs(turn, local) for code in turn.persons))


def _runs(turn: Turn, local: datetime) -> bool:
    begins, ends, now = time.fromisoformat(turn.begins), time.fromisoformat(turn.ends), local.time()
    today, yesterday = local.isoweekday(), (local - timedelta(days=1)).isoweekday()
    if begins < ends:
        return today in turn.days and begins <= now < ends
    return (today in turn.days and begins <= now) or (yesterday in turn.days and now < ends)


def next_one(persons: Sequence[str], head: str, told: Sequence[str], rung: int, *, last: bool) -> str | None:
    """Who is told of a notice at a rung (0: at once): the first on duty who has not been, the head where there is
    nobody left and at the last rung. A rung below that has told nobody yet keeps its person. None: all have been told.
    """
    left = [code for code in persons if code not in told and code != head]
    waiting = max(0, rung - len(told))
    if not last and waiting < len(left):
        return left[waiting]
    return None if head in told else head
