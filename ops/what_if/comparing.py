"""Clocks of cases under two sets of terms: which verdicts differ, and how many.

Promise: the same facts are folded once and judged twice, both times as of the same moment; a verdict is listed exactly
where the two differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.replay import Progress, Told
from schemas.events import Filed
from streams.core.clocks import NEW, Clock, Clocks, Terms, clocks, evolve

NO_CLOCK = "no clock"
"""The verdict where there is no limit, and so no clock."""
_A_STEP = 100
"""Cases between two words about progress."""


@dataclass(slots=True)
class Case:
    """What is remembered of a case: its clocks, and its speakable number once it is filed."""

    clocks: Clocks = NEW
    number: str | None = None

    def see(self, told: Told) -> None:
        """One more fact."""
        self.clocks = evolve(self.clocks, told.meta, told.fact)
        if isinstance(told.fact, Filed):
            self.number = told.fact.number


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until before `end` (UTC µs)."""

    start: int
    end: int

    def holds(self, moment: int | None) -> bool:
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Change:
    """A clock whose verdict would be another one; None: no clock is kept there."""

    case_id: str
    number: str | None
    before: Clock | None
    after: Clock | None

    @property
    def clock(self) -> Clock:
        """The one of the two that is there: kind, party and beginning are the same in both."""
        found = self.before or self.after
        assert found is not None
        return found


@dataclass(slots=True)
class Comparison:
    """What came of it. `moved` counts clocks with the same verdict and another due time."""

    cases: int = 0
    clocks: int = 0
    moved: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)

    @property
    def transitions(self) -> Counter[tuple[str, str]]:
        return Counter((verdict(one.before), verdict(one.after)) for one in self.changes)


def gather(facts: Iterable[Told]) -> dict[str, Case]:
    """The cases that facts tell of, each in the order of its facts, by id."""
    cases: dict[str, Case] = {}
    for told in facts:
        subject = told.meta.subject
        if subject.kind == "case":
            cases.setdefault(subject.id, Case()).see(told)
    return cases


def compare(
    cases: Mapping[str, Case], present: Terms, supposed: Terms, period: Period, at: int, progress: Progress
) -> Comparison:
    """Every clock that was opened or fell due in the period, judged under both as of `at` (UTC µs)."""
    found = Comparison()
    for done, (case_id, case) in enumerate(cases.items()):
        if done % _A_STEP == 0:
            progress(done, len(cases))
        pairs = list(_pairs(case.clocks, present, supposed, at))
        of_period = [pair for pair in pairs if any(_belongs(one, period) for one in pair)]
        found.cases += bool(of_period)
        for before, after in of_period:
            _count(found, Change(case_id, case.number, before, after))
    found.changes.sort(key=lambda one: (one.clock.opened_at, one.case_id, one.clock.clock, one.clock.party or ""))
    return found


def _pairs(state: Clocks, present: Terms, supposed: Terms, at: int) -> Iterator[tuple[Clock | None, Clock | None]]:
    before, after = ({_key(one): one for one in clocks(state, terms, at)} for terms in (present, supposed))
    for key in before | after:
        yield before.get(key), after.get(key)


def _key(clock: Clock) -> tuple[Any, ...]:
    return clock.clock, clock.party, clock.opened_by


def _belongs(clock: Clock | None, period: Period) -> bool:
    return clock is not None and (period.holds(clock.opened_at) or period.holds(clock.due_at))


def _count(found: Comparison, one: Change) -> None:
    before, after = verdict(one.before), verdict(one.after)
    found.clocks += 1
    found.before[before] += 1
    found.after[after] += 1
    if before != after:
        found.changes.append(one)
    elif due(one.before) != due(one.after):
        found.moved += 1


def verdict(clock: Clock | None) -> str:
    """What a clock says, or that there is none."""
    return str(clock.verdict) if clock else NO_CLOCK


def due(clock: Clock | None) -> int | None:
    """When it was, or will be, due (UTC µs)."""
    return clock.due_at if clock else None
