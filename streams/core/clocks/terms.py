"""The terms that clocks are judged by: limits, working hours, and how far back somebody may say that a thing happened.

`Terms` is what clocks ask; `from_reference` answers from reference data, `NO_TERMS` says that nothing is known: then no
clock runs but those whose limit a fact states itself.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from streams.core.calendars import Calendar
from streams.core.working_time import HOUR_US, Unit

MINUTE_US = 60_000_000
URGENT_MINUTES = "urgent_minutes"
PROMISE = "promise"
"""The unit of a promised moment: what is left of it runs round the clock."""


class Kind(StrEnum):
    """Kinds of clocks."""

    ACCEPTANCE = "acceptance"
    LEAD_VERIFICATION = "lead_verification"
    DISPATCH = "dispatch"
    REPORT_IN = "report_in"
    FIRST_ANSWER = "first_answer"
    DISPOSAL = "disposal"
    CHECK = "check"
    CLOSURE = "closure"
    JUSTIFICATION = "justification"

    __hash__ = str.__hash__  # Enum's own is a function in Python, and tables are asked for every claim


Condition = tuple[str, ...]
"""Scheme, version and code of a filing condition; empty: none."""


class Limit(msgspec.Struct, frozen=True, gc=False):
    """A limit as stated: so many of a unit, on what it rests, the share of it that a regime allows, and the filing
    condition that states it, where one does."""

    amount: int
    unit: str
    basis: str
    percent: int = 100
    condition: Condition = ()

    @property
    def works(self) -> bool:
        """True where it runs in working hours only."""
        return self.unit in _WORKING

    def in_clock_time(self, day_us: int) -> int:
        """µs of the clock's own time; `day_us` is what one working day means."""
        if self.unit == PROMISE:
            return self.amount
        whole = day_us if self.unit == Unit.WORKING_DAYS else _LENGTH[self.unit]
        return self.amount * whole * self.percent // 100


_WORKING = frozenset({Unit.WORKING_HOURS, Unit.WORKING_DAYS})
_LENGTH: dict[str, int] = {
    URGENT_MINUTES: MINUTE_US,
    Unit.URGENT_HOURS: HOUR_US,
    Unit.URGENT_DAYS: 24 * HOUR_US,
    Unit.WORKING_HOURS: HOUR_US,
}


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """There is a limit and nobody could read it: the clock runs, and when it is due is not said."""

    basis: str
    reason: str
    condition: Condition = ()


class Hours(msgspec.Struct, frozen=True, gc=False):
    """The calendar that working clocks follow, in its version at that time.

    `further` knows more years: those of later versions of the same calendar, for years unknown to this one and for no
    others. Its last version (`further_label`) was loaded at `further_at` (UTC µs). `day_us` is what one working day
    means as a limit: it stays that of ordinary times when a regime makes people work round the clock.
    """

    calendar: Calendar
    label: str
    day_us: int
    further: Calendar | None = None
    further_label: str = ""
    further_at: int = 0


class Terms(Protocol):
    """`version` is that of the reference cited by the fact that asks, `at` the moment that counts for it (UTC µs)."""

    def back_dating(self, division: str, version: int, at: int) -> int | None:
        """µs that somebody may say a thing happened earlier than it was told; None: no bound."""
        ...

    def regime(self, division: str, version: int, at: int) -> str:
        """The regime under which a case there begins; empty: none."""
        ...

    def limit(
        self, kind: Kind, division: str, condition: Condition, version: int, at: int, regime: str
    ) -> Limit | Unreadable | None:
        """The limit of a clock; None: no such clock is kept."""
        ...

    def hours(self, division: str, version: int, at: int, regime: str) -> Hours | None:
        """The working hours there; None: no calendar is known."""
        ...


class NoTerms:
    """Nothing is known, beside what is a rule of the hub itself: a hand-over is justified within 24 hours."""

    def back_dating(self, _division: str, _version: int, _at: int) -> int | None:
        return None

    def regime(self, _division: str, _version: int, _at: int) -> str:
        return ""

    def limit(
        self, kind: Kind, _division: str, _condition: Condition, _version: int, _at: int, _regime: str
    ) -> Limit | Unreadable | None:
        return JUSTIFICATION if kind is Kind.JUSTIFICATION else None

    def hours(self, _division: str, _version: int, _at: int, _regime: str) -> Hours | None:
        return None


JUSTIFICATION = Limit(24, Unit.URGENT_HOURS, "rule of the hub: justified within 24 hours")
NO_TERMS = NoTerms()
