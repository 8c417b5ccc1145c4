"""Counts and clocks of a worker: wall and CPU time of the process from its first record to the last acknowledgement."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Mark:
    """Seconds, CPU seconds (all threads of the process) and records at one moment."""

    wall: float
    cpu: float
    records: int


def mark(records: int) -> Mark:
    return Mark(time.perf_counter(), time.process_time(), records)


@dataclass
class Stopwatch:
    """Ends once `total` records have been worked on; `half` is taken on the way, for figures without warm-up."""

    total: int
    records: int = 0
    facts: int = 0
    first: Mark | None = None
    half: Mark | None = None
    last: Mark | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        """A batch begins."""
        if self.first is None:
            self.first = mark(0)

    def done(self, records: int, facts: int) -> None:
        """A batch is done and its facts are acknowledged."""
        self.records += records
        self.facts += facts
        if self.half is None and self.records >= self.total // 2:
            self.half = mark(self.records)
        if self.records >= self.total:
            self.last = mark(self.records)
            self.ended.set()

    def report(self) -> dict[str, float]:
        """Figures under the names that the peer prints."""
        assert self.first
        assert self.half
        assert self.last
        return {
            "records": self.records,
            "facts": self.facts,
            "seconds": self.last.wall - self.first.wall,
            "cpu_s_per_M": per_million(self.first, self.last),
            "half2_cpu_s_per_M": per_million(self.half, self.last),
        }


def per_million(start: Mark, end: Mark) -> float:
    """CPU seconds per million records between two marks."""
    return (end.cpu - start.cpu) / max(1, end.records - start.records) * 1e6
