"""Terms of clocks from reference data, each question answered by the version that the asking fact cites.

A calendar knows its years; a later version adds those that were unknown and changes no other. A filing condition is
found in every version of a standard that was ever loaded. Which calendar holds: the regime's, else that of the policy
of the place, else the only one that neither names; where there are several, none is guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import zip_longest
from typing import Any, TypeVar, cast

from schemas import events
from streams.core.calendars import Calendar, CalendarData, Holiday, Window, Year, compile_calendar
from streams.core.clocks.terms import (
    JUSTIFICATION,
    MINUTE_US,
    URGENT_MINUTES,
    Condition,
    Hours,
    Kind,
    Limit,
    Unreadable,
)
from streams.core.reference import InForce, Reference, city
from streams.core.working_time import Unit

T = TypeVar("T")

UNITS: dict[str, str] = {
    "urgent_minute": URGENT_MINUTES,
    "urgent_hour": Unit.URGENT_HOURS,
    "urgent_day": Unit.URGENT_DAYS,
    "working_hour": Unit.WORKING_HOURS,
    "working_day": Unit.WORKING_DAYS,
}
_ABSENT = object()
BY_CONDITION = frozenset({Kind.DISPOSAL, Kind.CLOSURE})


class ReferenceTerms:
    """The terms that a reference gives. Answers are kept: a reference never changes."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self._known: dict[object, Any] = {}
        self._versions: dict[int, Reference] = {}

    def back_dating(self, division: str, version: int, at: int) -> int | None:
        policy = self._policy(self._view(version, at), division)
        return None if policy is None else policy.back_dating_minutes * MINUTE_US

    def regime(self, division: str, version: int, at: int) -> str:
        declared = city.declaration(self._view(version, at), division, at)
        return declared.regime if declared else ""

    def limit(
        self, kind: Kind, division: str, condition: Condition, version: int, at: int, regime: str
    ) -> Limit | Unreadable | None:
        view = self._view(version, at)
        key = ("limit", kind, division, condition, regime)
        return self._once(view, key, lambda: self._limit(view, kind, division, condition, regime))

    def hours(self, division: str, version: int, at: int, regime: str) -> Hours | None:
        view = self._view(version, at)
        policy = self._policy(view, division)
        ordinary = (policy.calendar if policy else None) or _default_calendar(view)
        return self._once(view, ("hours", ordinary, regime), lambda: self._hours(view, ordinary, regime))

    def stating(self, condition: Condition, version: int, at: int) -> events.Standard | None:
        """The filing condition that a clock's limit rests on, as that version of the reference has it."""
        return self._condition(self._view(version, at), condition) if condition else None

    # ------------------------------------------------------------ looking up

    def _view(self, version: int, at: int) -> InForce:
        known = self._versions.get(version)
        if known is None:
            known = self._versions[version] = self.reference.at(version)
        return known.in_force(at)

    def _once(self, view: InForce, key: object, make: Callable[[], T]) -> T:
        """Kept here, not in the view: an answer may use what later versions say of unknown years."""
        full = (id(view), key)
        known = self._known.get(full, _ABSENT)
        if known is _ABSENT:
            known = self._known[full] = make()
        return cast("T", known)

    def _policy(self, view: InForce, division: str) -> events.Policy | None:
        return self._once(view, ("policy", division), lambda: city.policy(view, division))

    def _limit(
        self, view: InForce, kind: Kind, division: str, condition: Condition, regime: str
    ) -> Limit | Unreadable | None:
        percent = _percent(view, regime)
        minutes = _minutes(self._policy(view, division), kind)
        if minutes:
            return Limit(minutes, URGENT_MINUTES, f"policy of {_area(self._policy(view, division))}", percent)
        if kind is Kind.JUSTIFICATION:
            return JUSTIFICATION
        if kind not in BY_CONDITION or not condition:
            return None
        found = self._condition(view, condition)
        return None if found is None else _stated(found, percent)

    def _condition(self, view: InForce, condition: Condition) -> events.Standard | None:
        scheme, version, code = condition
        found = city.condition(view, scheme, version, code)
        return found or self._ever(view.version).get(condition)

    def _ever(self, version: int) -> dict[Condition, events.Standard]:
        """Every condition of every standard loaded up to a version."""

        def gathered() -> dict[Condition, events.Standard]:
            loads = self.reference.loads[:version]
            items = [item for load in loads for item in load.items if isinstance(item, events.Standard)]
            return {(item.scheme, item.version, item.condition): item for item in items}

        key = ("ever", version)
        if key not in self._known:
            self._known[key] = gathered()
        return cast("dict[Condition, events.Standard]", self._known[key])

    # ------------------------------------------------------------ calendars

    def _hours(self, view: InForce, ordinary: str, regime: str) -> Hours | None:
        declared = view.coded(events.Regime, regime) if regime else None
        name = (declared.calendar if declared else None) or ordinary
        found = city.calendar(view, name) if name else None
        usual = city.calendar(view, ordinary) if ordinary else None
        return None if found is None else self._known_further(view.version, found, _day_us(usual or found))

    def _known_further(self, version: int, calendar: events.Calendar, day_us: int) -> Hours:
        years = {year.year: year for year in calendar.years}
        label, at, grown = "", 0, dict(years)
        for load in self.reference.loads[version:]:
            for item in load.items:
                if not isinstance(item, events.Calendar) or item.name != calendar.name:
                    continue
                new = {year.year: year for year in item.years if year.year not in grown}
                if new:
                    grown |= new
                    label, at = _label(item), load.header.recorded_at
        first = self._compiled(calendar, years)
        if not label:
            return Hours(first, _label(calendar), day_us)
        return Hours(first, _label(calendar), day_us, self._compiled(calendar, grown), label, at)

    def _compiled(self, calendar: events.Calendar, years: dict[int, events.CalendarYear]) -> Calendar:
        key = ("calendar", id(calendar), tuple(sorted(years)))
        if key not in self._known:
            self._known[key] = compile_calendar(document(calendar, years))
        return cast("Calendar", self._known[key])


def terms_of(reference: Reference) -> ReferenceTerms:
    """The terms of a reference; the same for every call with it, so that what was looked up is known."""
    return cast("ReferenceTerms", reference.in_force(0).once(ReferenceTerms, lambda: ReferenceTerms(reference)))


def _minutes(policy: events.Policy | None, kind: Kind) -> int:
    """What the policy says of this clock; 0: nothing."""
    if policy is None:
        return 0
    own = {Kind.REPORT_IN: policy.report_in_minutes, Kind.FIRST_ANSWER: policy.first_answer_minutes}
    stages = {stage.stage: stage.minutes for stage in policy.stage_clocks}
    return stages.get(kind, own.get(kind, 0))


def _area(policy: events.Policy | None) -> str:
    return (policy.division if policy else "") or "the city"


def _percent(view: InForce, regime: str) -> int:
    found = view.coded(events.Regime, regime) if regime else None
    return 100 if found is None or found.limit_percent is None else found.limit_percent


def _stated(found: events.Standard, percent: int) -> Limit | Unreadable:
    condition = (found.scheme, found.version, found.condition)
    basis = f"condition {' '.join(condition)}"
    if found.unreadable is not None:
        return Unreadable(basis, found.unreadable, condition)
    return Limit(found.limit_amount, UNITS[found.limit_unit], basis, percent, condition)


def _default_calendar(view: InForce) -> str:
    """The only calendar that no regime names, and no policy; empty: there are several, or none."""

    def only() -> str:
        of_regimes = {regime.calendar for regime in view.items(events.Regime)}
        of_policies = {policy.calendar for policy in view.items(events.Policy)}
        names = {calendar.name for calendar in view.items(events.Calendar)}
        ordinary = names - of_regimes - of_policies or names - of_regimes or names
        return next(iter(ordinary)) if len(ordinary) == 1 else ""

    return cast("str", view.once(_default_calendar, only))


def _day_us(calendar: events.Calendar) -> int:
    return sum(window.closes - window.opens for window in calendar.windows) * MINUTE_US


def _label(calendar: events.Calendar) -> str:
    return f"{calendar.name} {calendar.version}"


def document(calendar: events.Calendar, years: dict[int, events.CalendarYear] | None = None) -> CalendarData:
    """The calendar's document with these years, by number; without them with its own."""
    of = {year.year: year for year in calendar.years} if years is None else years
    known = tuple(
        Year(
            year.year,
            tuple(
                Holiday(date.fromisoformat(day), name)
                for day, name in zip_longest(year.holidays, year.holiday_names[: len(year.holidays)], fillvalue="")
            ),
            tuple(date.fromisoformat(day) for day in year.working_days),
        )
        for _, year in sorted(of.items())
    )
    windows = tuple(Window(window.opens, window.closes) for window in calendar.windows)
    return CalendarData(calendar.name, calendar.version, calendar.zone, windows, tuple(calendar.rest_weekdays), known)
