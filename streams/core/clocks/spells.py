"""What a clock has behind it: the spells in which it ran, the warnings it gave, and what it was judged by before."""

from __future__ import annotations

from typing import NamedTuple

from streams.core.clocks.terms import Hours, Limit, Unreadable
from streams.core.working_time import AtLeast, Unit, used


class Spell(NamedTuple):
    """An interval in which a clock ran, the facts (seq) that began and ended it, and what it used of the limit."""

    start: int
    end: int
    opened_by: int
    closed_by: int
    hours: Hours | None
    works: bool
    used: int
    exact: bool


class Fallen(NamedTuple):
    """A warning: when, and when the limit was to end as it stood then."""

    at: int
    due_at: int


class Judged(NamedTuple):
    """What a clock was judged by until a fact (seq) at a moment set other terms: its limit, by that version of the
    reference, and the label of its calendar (empty where it ran day and night)."""

    until: int
    by: int
    limit: Limit | Unreadable
    reference: int
    calendar: str


def measured(works: bool, hours: Hours | None, start: int, end: int, facts: tuple[int, int]) -> Spell:
    """The spell between two moments in a clock's own time; `facts` began and ended it."""
    counted: int | AtLeast = end - start
    if works:
        calendar = None if hours is None else hours.further or hours.calendar
        counted = 0 if calendar is None else used(calendar, start, end, Unit.WORKING_HOURS)
    if type(counted) is int:
        return Spell(start, end, *facts, hours, works, counted, True)
    assert isinstance(counted, AtLeast)
    return Spell(start, end, *facts, hours, works, counted.clock_us, False)
