"""How long to wait after a failure, and when to leave a destination alone. Pure: time and chance are arguments.

Seconds are monotonic seconds of whoever asks; `chance` lies in [0, 1) and spreads what would otherwise come at once.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Patience(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[delivery] of a department's file: how patient the hub is with it."""

    first_seconds: float = 1.0
    """Wait after the first failure; it doubles with each further one."""

    longest_seconds: float = 60.0
    """No wait is longer, unless the other side says so itself."""

    failures: int = 5
    """After so many failures in a row without any success, the destination is left alone for a while."""

    rest_seconds: float = 15.0
    """For so long; then one delivery tries whether it is back; each vain try doubles the rest, up to the longest."""

    conflicts: int = 3
    """A step that has met with a conflict so often is a dead letter."""

    at_once: int = 8
    """So many cases at most are delivered at the same time, where the kind of link can do that; 1: one by one."""

    def __post_init__(self) -> None:
        if not 0 < self.first_seconds <= self.longest_seconds or self.rest_seconds <= 0:
            raise ValueError("seconds must be above 0, and first_seconds no more than longest_seconds")
        if self.failures < 1 or self.conflicts < 1 or not 1 <= self.at_once <= 64:
            raise ValueError("failures and conflicts must be at least 1, at_once from 1 to 64")


def wait(patience: Patience, failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row: between half and the whole of the doubled first wait."""
    whole = min(patience.first_seconds * 2.0 ** min(failures - 1, 30), patience.longest_seconds)
    return whole * (0.5 + chance / 2)


class Breaker(NamedTuple):
    """Whether a destination is spoken to: closed (yes), open (not before `until`), then half-open (one delivery)."""

    failures: int = 0
    rests: int = 0
    until: float = 0.0

    def state(self, now: float) -> str:
        """closed, open or half-open."""
        if not self.rests:
            return "closed"
        return "open" if now < self.until else "half-open"


CLOSED = Breaker()


def answered(_breaker: Breaker) -> Breaker:
    """The other side has answered, well or not: it is there."""
    return CLOSED


def failed(breaker: Breaker, patience: Patience, now: float, chance: float) -> Breaker:
    """One more delivery found it down."""
    failures = breaker.failures + 1
    if not breaker.rests and failures < patience.failures:
        return breaker._replace(failures=failures)
    rest = min(
        patience.rest_seconds * 2.0 ** min(breaker.rests, 30), max(patience.longest_seconds, patience.rest_seconds)
    )
    return Breaker(failures, breaker.rests + 1, now + rest * (0.5 + chance / 2))


def busy(breaker: Breaker, now: float, seconds: float) -> Breaker:
    """It has asked for so many seconds of peace: nothing is sent before, though nothing has failed."""
    return Breaker(0, max(breaker.rests, 1), max(breaker.until, now + seconds))
