"""The ledger of a clock: every interval in which it ran and every pause between, with the days that counted and why.

Promise: the intervals add up to what the clock says it used, and their days to each interval.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from streams.core.clocks.acts import walked
from streams.core.clocks.run import Run
from streams.core.clocks.spells import Judged, Spell
from streams.core.clocks.state import Clocks
from streams.core.clocks.terms import Terms
from streams.core.clocks.verdicts import Clock, told
from streams.core.working_time import Day, days


class Interval(msgspec.Struct, frozen=True, gc=False):
    """A part of a clock's time: it ran, or it paused.

    `opened_by` and `closed_by` are numbers of facts: 0 where a suspension ended by itself and no fact says so yet,
    None where it goes on. `days` are local days of the calendar; empty where the clock runs day and night.
    """

    ran: bool
    start: int
    end: int | None
    opened_by: int
    closed_by: int | None
    used_us: int
    calendar: str = ""
    days: tuple[Day, ...] = ()


class Ledger(msgspec.Struct, frozen=True, gc=False):
    """A clock and how it came to be so; `earlier` is what it was judged by before."""

    clock: Clock
    intervals: tuple[Interval, ...]
    earlier: tuple[Judged, ...] = ()


def ledgers(state: Clocks, terms: Terms, at: int) -> tuple[Ledger, ...]:
    """The ledger of every clock that has a limit, in the order in which they were opened, as of `at`."""
    if not state.marks:
        return ()
    walk = walked(state, terms)
    suspended = walk.suspended_until
    walk.finish(at)
    found = [run for run in walk.runs if run.limit is not None]
    return tuple(Ledger(told(run, at, suspended), tuple(_intervals(run, at)), tuple(run.earlier)) for run in found)


def _intervals(run: Run, at: int) -> Iterator[Interval]:
    spells = list(run.spells)
    running = run.since is not None and at > run.since
    if running and run.since is not None:
        spells.append(run.measure(run.since, at, run.by, 0))
    before: Spell | None = None
    for number, spell in enumerate(spells, 1):
        if before is not None and spell.start > before.end:
            yield Interval(False, before.end, spell.start, before.closed_by, spell.opened_by, 0)
        yield _ran(spell, goes_on=running and number == len(spells))
        before = spell
    if before is not None and not running and not run.stopped_by:
        yield Interval(False, before.end, None, before.closed_by, None, 0)


def _ran(spell: Spell, *, goes_on: bool) -> Interval:
    calendar = spell.hours.further or spell.hours.calendar if spell.works and spell.hours is not None else None
    return Interval(
        ran=True,
        start=spell.start,
        end=None if goes_on else spell.end,
        opened_by=spell.opened_by,
        closed_by=None if goes_on else spell.closed_by,
        used_us=spell.used,
        calendar=spell.hours.label if calendar is not None and spell.hours is not None else "",
        days=tuple(days(calendar, spell.start, spell.end)) if calendar is not None else (),
    )
