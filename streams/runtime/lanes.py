"""Which partitions may be fetched, which are worked on, and what waits of each. No I/O; one thread changes it.

A partition is fetched while it is open: its processor has taken it over, and it has been sought to where that goes on.
What comes while its last batch is worked on waits and becomes the next batch in one piece. A partition of which enough
waits is left out of the fetch, so a slow one never starves another.

What is fetched of a partition from its opening to its shutting is handed out completely and in order; nothing that was
fetched, or asked for, before is ever handed out after.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any, Generic, TypeVar

Part = TypeVar("Part", bound=Hashable)


class Lanes(Generic[Part]):
    """The lanes of one reader; `nowhere` is no partition, `enough` a number of records."""

    def __init__(self, nowhere: Part, enough: int) -> None:
        self.working: set[Part] = set()
        self._open: dict[Part, int] = {}
        self._openings = 0
        self._nowhere = nowhere
        self._enough = enough
        self._waiting: dict[Part, list[Any]] = {}
        self._asked: set[Part] = {nowhere}
        self._asked_for: dict[Part, int] = {}

    def open(self, part: Part) -> None:
        """The partition has been sought, and may be fetched from there."""
        self._openings += 1
        self._open[part] = self._openings

    def shut(self, part: Part) -> None:
        """The partition may not be fetched (any more); what waits of it is forgotten."""
        self._open.pop(part, None)
        self._asked.discard(part)
        self._waiting.pop(part, None)
        self.working.discard(part)

    def shut_all(self) -> None:
        for part in list(self._open):
            self.shut(part)

    def ask(self, active: Collection[Part]) -> tuple[set[Part], bool]:
        """What the next fetch is to give, and whether that is all that is open; one fetch at a time.

        The set shrinks when a partition is shut: once it is sought, records of its new place must not go to a fetch
        that was asked for the old one. It always holds `nowhere`, since aiokafka takes an empty set for everything.
        """
        enough = self._enough
        waiting = self._waiting
        self._asked_for = {p: n for p, n in self._open.items() if p in active and len(waiting.get(p, ())) < enough}
        self._asked = {self._nowhere, *self._asked_for}
        return self._asked, len(self._asked_for) == len(self._open)

    @property
    def asks(self) -> bool:
        """False when the last `ask` had nothing to ask for."""
        return bool(self._asked_for)

    def arrived(self, part: Part, batch: list[Any]) -> bool:
        """Takes what the fetch has given; True when it is to be handed out now, the partition being at rest."""
        if self._open.get(part, 0) != self._asked_for.get(part):
            return False
        if part in self.working:
            self._waiting.setdefault(part, []).extend(batch)
            return False
        self.working.add(part)
        return True

    def next_batch(self, part: Part) -> list[Any]:
        """What has come while the last batch was worked on; nothing: the partition is at rest until more comes."""
        batch = self._waiting.pop(part, [])
        if not batch:
            self.working.discard(part)
        return batch
