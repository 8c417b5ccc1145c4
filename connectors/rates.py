"""How often a key may ask: token buckets that are told the time. The buckets are pure.

They are kept in memory: a process that starts anew begins with full ones, and each of several counts for itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

SECOND = 1_000_000
TOKEN = 60 * SECOND
"""One request. Counted in whole parts, of which `per_minute` come each microsecond: nothing is lost by rounding."""


class Bucket(NamedTuple):
    """So many parts of tokens at a moment (UTC µs)."""

    parts: int
    at: int


def full(burst: int, now: int) -> Bucket:
    """The bucket of a key that has not asked yet."""
    return Bucket(burst * TOKEN, now)


def take(bucket: Bucket, per_minute: int, burst: int, now: int) -> tuple[Bucket, int]:
    """The bucket after one request, and 0; or the whole seconds until one is allowed. A clock that goes back adds
    nothing."""
    at = max(now, bucket.at)
    parts = min(bucket.parts + (at - bucket.at) * per_minute, burst * TOKEN)
    if parts >= TOKEN:
        return Bucket(parts - TOKEN, at), 0
    return Bucket(parts, at), -((parts - TOKEN) // (per_minute * SECOND))


class Rates:
    """The buckets of those who ask, by name; names come from a configuration, never from outside. Threads share it."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def ask(self, name: str, per_minute: int, burst: int) -> int:
        """Count one request; 0, or the seconds after which it is allowed."""
        now = self._clock()
        with self._lock:
            before = self._buckets.get(name, full(burst, now))
            self._buckets[name], seconds = take(before, per_minute, burst, now)
        return seconds
