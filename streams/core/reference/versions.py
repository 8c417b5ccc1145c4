"""Every load up to a version, and what of them holds at a moment.

Promise: a reference never changes. A later load of a document takes the place of earlier ones from its `valid_from`
on; before that, and in earlier versions, the earlier ones hold as ever.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from streams.core.reference.in_force import InForce
from streams.core.reference.loads import BadLoad, Loaded


class NotReadYet(LookupError):
    """A version was asked for that has not been read: wait for it."""


@dataclass(frozen=True)
class Reference:
    """Loads number 1, 2, 3 … up to `version`."""

    loads: tuple[Loaded, ...] = ()
    _at: dict[int, Reference] = field(default_factory=dict, repr=False, compare=False)
    _periods: dict[int, InForce] = field(default_factory=dict, repr=False, compare=False)

    @property
    def version(self) -> int:
        """Number of the last load; 0 before the first one."""
        return len(self.loads)

    def after(self, loads: Iterable[Loaded]) -> Reference:
        """The reference with more loads. Raises BadLoad where a version is missing or stands twice."""
        grown = list(self.loads)
        for load in loads:
            if load.header.version != len(grown) + 1:
                raise BadLoad(f"Version {load.header.version} of the reference follows version {len(grown)}.")
            grown.append(load)
        return Reference(tuple(grown)) if len(grown) > len(self.loads) else self

    def at(self, version: int) -> Reference:
        """The reference as it was at that version. Raises NotReadYet for one above our own."""
        if version > self.version:
            raise NotReadYet(f"Version {version} of the reference has not been read, only up to {self.version}.")
        if version == self.version:
            return self
        if version not in self._at:
            self._at[version] = Reference(self.loads[:version])
        return self._at[version]

    def in_force(self, now: int) -> InForce:
        """What holds at `now` (UTC µs). The same object for all moments between two changes."""
        period = bisect_right(self._changes, now)
        if period not in self._periods:
            self._periods[period] = self._fold(now)
        return self._periods[period]

    @cached_property
    def _changes(self) -> list[int]:
        return sorted({load.header.valid_from for load in self.loads})

    def _fold(self, now: int) -> InForce:
        holding = {load.document: load for load in self.loads if load.header.valid_from <= now}
        return InForce(self.version, tuple(load for _, load in sorted(holding.items())))


EMPTY = Reference()
"""Before the first load."""
