"""Terms of a supposition: from a moment on others than those that held.

Promise: a clock that began before that moment is judged as ever, until an amendment or another regime judges it anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from streams.core.clocks.terms import Condition, Hours, Kind, Limit, Terms, Unreadable


@dataclass(frozen=True)
class Supposed:
    """`other` answers from `since` (UTC µs) on, `present` before; each for the version that the asking fact cites."""

    present: Terms
    other: Terms
    since: int

    def _at(self, at: int) -> Terms:
        return self.other if at >= self.since else self.present

    def back_dating(self, division: str, version: int, at: int) -> int | None:
        return self._at(at).back_dating(division, version, at)

    def regime(self, division: str, version: int, at: int) -> str:
        return self._at(at).regime(division, version, at)

    def limit(
        self, kind: Kind, division: str, condition: Condition, version: int, at: int, regime: str
    ) -> Limit | Unreadable | None:
        return self._at(at).limit(kind, division, condition, version, at, regime)

    def hours(self, division: str, version: int, at: int, regime: str) -> Hours | None:
        return self._at(at).hours(division, version, at, regime)
