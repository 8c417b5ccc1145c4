"""What a processor is to the worker that runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

Progress = Callable[[int, int], None]
"""Told (done, total) facts while a takeover folds."""


class PartitionStopped(Exception):
    """The partition cannot go on (say, a fact of an unknown type): it stops, the others go on, somebody is alerted."""


class Retake(Exception):
    """What the processor knew of the partition is no longer true: it must be taken again before it goes on."""


class Processor(Protocol):
    """Reads one topic, partition by partition. Several Faust apps, one for each processor, may share a process.

    One that wants batches of another size has an attribute `fetch` with its `FetchSettings`.
    """

    name: str
    """Names the consumer group."""
    topic: str
    """The topic that it reads, without namespace."""

    async def take(self, partition: int, progress: Progress) -> int:
        """Makes the partition ours and returns the offset to read from. Called on every assignment."""
        ...

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        """Works on one fetched batch, completely or not at all; raises PartitionStopped or Retake."""
        ...

    async def release(self, partition: int) -> None:
        """The partition belongs to another worker now (or this one ends)."""
        ...
