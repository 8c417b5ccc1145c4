"""Timers of a partition: one moment for each key, found when it has come.

Far moments lie in buckets of about a minute, unsorted; a bucket is sorted when its time comes. So setting, moving and
expiring cost about the same however many there are. A timer that was moved leaves its old entry where it lies; there it
is passed over, and when more such entries lie about than timers, all are laid out anew. Times are UTC µs.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

BUCKET_BITS = 26
"""A bucket covers 2**26 µs, 67 seconds."""
FEW = 10_000


class Timers:
    """Timers by key. Nothing happens by itself: `due(now)` is asked."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._far: dict[int, list[str]] = {}
        self._buckets: list[int] = []
        self._near: list[tuple[int, str]] = []
        self._opened = -(2**62)
        self._entries = 0

    def __len__(self) -> int:
        return len(self._at)

    def at(self, key: str) -> int | None:
        """The moment of a key; None: it has none."""
        return self._at.get(key)

    def set(self, key: str, at: int) -> None:
        """Gives the key this moment in place of any other."""
        if self._at.get(key) == at:
            return
        self._at[key] = at
        self._lay(key, at)
        if self._entries > 2 * len(self._at) + FEW:
            self._lay_anew()

    def drop(self, key: str) -> None:
        """The key has no moment any more."""
        self._at.pop(key, None)

    def due(self, now: int) -> Iterator[tuple[str, int]]:
        """Keys whose moment has come, with it, in order of time; each is given once and then has no moment."""
        self._open(now >> BUCKET_BITS)
        while self._near and self._near[0][0] <= now:
            at, key = heappop(self._near)
            self._entries -= 1
            if self._at.get(key) == at:
                del self._at[key]
                yield key, at

    def comes_by(self, now: int) -> bool:
        """Whether any moment has come by then and has not been given."""
        self._open(now >> BUCKET_BITS)
        return any(at <= now and self._at.get(key) == at for at, key in self._near)

    def _lay(self, key: str, at: int) -> None:
        bucket = at >> BUCKET_BITS
        self._entries += 1
        if bucket <= self._opened:
            heappush(self._near, (at, key))
            return
        found = self._far.get(bucket)
        if found is None:
            self._far[bucket] = [key]
            heappush(self._buckets, bucket)
        else:
            found.append(key)

    def _open(self, newest: int) -> None:
        while self._buckets and self._buckets[0] <= newest:
            bucket = heappop(self._buckets)
            keys = self._far.pop(bucket)
            self._entries -= len(keys)
            live = [
                (at, key) for key in set(keys) if (at := self._at.get(key)) is not None and at >> BUCKET_BITS == bucket
            ]
            self._entries += len(live)
            self._near += live
        heapify(self._near)
        self._opened = max(self._opened, newest)

    def _lay_anew(self) -> None:
        self._far, self._buckets, self._near, self._entries = {}, [], [], 0
        for key, at in self._at.items():
            self._lay(key, at)
