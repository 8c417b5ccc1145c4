"""What every clock of a case says at a moment: its intervals, its limit, used and left, its light and its verdict."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from streams.core.clocks.acts import walked
from streams.core.clocks.run import Run
from streams.core.clocks.spells import Spell
from streams.core.clocks.state import Clocks
from streams.core.clocks.terms import Condition, Limit, Terms, Unreadable
from streams.core.working_time import NotBefore


class Verdict(StrEnum):
    """How a clock stands. Withdrawn: it ended without what it waited for, and was not overdue by then."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    OVERDUE = "overdue"
    EXEMPT = "exempt"
    WITHDRAWN = "withdrawn"


class Light(StrEnum):
    """Green up to 80 % of the limit, yellow to its end, then red; none where the limit is not known."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    NONE = ""


class Segment(msgspec.Struct, frozen=True, gc=False):
    """An interval in which the clock ran; `end` is None while it does. `calendar` is empty where it ran day and night.

    `exact` is False where it reached into a year that the calendar does not know: then at least so much was used.
    """

    start: int
    end: int | None
    opened_by: int
    closed_by: int | None
    calendar: str
    used_us: int
    exact: bool


class Clock(msgspec.Struct, frozen=True, gc=False):
    """One clock at a moment. Times are UTC µs, durations µs of the clock's own time.

    `due_at` is the end of the limit, known or foreseen; None while nobody can say (returned, calendar or limit
    unknown): then `not_before` or `trouble` says why. `overdue_at` is when it ran out. `opened_by` and `closed_by` are
    numbers of facts. `condition` is the filing condition (scheme, version, code) that the limit rests on, as version
    `reference` of the reference states it.
    """

    clock: str
    party: str | None
    verdict: Verdict
    light: Light
    opened_by: int
    opened_at: int
    closed_by: int | None
    closed_at: int | None
    amount: int | None
    unit: str
    percent: int
    basis: str
    condition: Condition
    extensions: int
    limit_us: int | None
    calendar: str
    reference: int
    used_us: int
    left_us: int | None
    yellow_at: int | None
    due_at: int | None
    not_before: int | None
    overdue_at: int | None
    exempt: bool
    trouble: str
    segments: tuple[Segment, ...]


def clocks(state: Clocks, terms: Terms, at: int) -> tuple[Clock, ...]:
    """Every clock that has a limit, readable or not, in the order in which they were opened, as of `at`."""
    if not state.marks:
        return ()
    walk = walked(state, terms)
    suspended = walk.suspended_until
    walk.finish(at)
    return tuple(told(run, at, suspended) for run in walk.runs if run.limit is not None)


def told(run: Run, at: int, suspended_until: int | None) -> Clock:
    """What one clock of a finished walk says at a moment."""
    segments = _segments(run, at)
    used = sum(one.used_us for one in segments)
    due = _due(run, suspended_until)
    limit = run.limit
    stated = limit if type(limit) is Limit else None
    end = due if type(due) is int else None
    return Clock(
        clock=str(run.kind),
        party=run.party or None,
        verdict=_verdict(run),
        light=_light(run, used),
        opened_by=run.opened_by,
        opened_at=run.opened_at,
        closed_by=run.stopped_by or None,
        closed_at=run.changed_at if run.stopped_by else None,
        amount=stated.amount if stated else None,
        unit=stated.unit if stated else "",
        percent=stated.percent if stated else 100,
        basis=limit.basis if isinstance(limit, (Limit, Unreadable)) else "",
        condition=run.condition,
        extensions=run.extensions,
        limit_us=run.total,
        calendar=run.calendar(end),
        reference=run.version,
        used_us=used,
        left_us=None if run.total is None else max(0, run.total - used),
        yellow_at=_yellow(run, end, suspended_until),
        due_at=end,
        not_before=due.moment_us if type(due) is NotBefore else None,
        overdue_at=run.overdue_at,
        exempt=run.exempt,
        trouble=run.trouble,
        segments=segments,
    )


def _segments(run: Run, at: int) -> tuple[Segment, ...]:
    found = [_segment(spell) for spell in run.spells]
    if run.since is not None and at > run.since:
        running = _segment(run.measure(run.since, at, run.by, 0))
        found.append(msgspec.structs.replace(running, end=None, closed_by=None))
    return tuple(found)


def _segment(spell: Spell) -> Segment:
    label = spell.hours.label if spell.works and spell.hours is not None else ""
    return Segment(spell.start, spell.end, spell.opened_by, spell.closed_by, label, spell.used, spell.exact)


def _verdict(run: Run) -> Verdict:
    if run.overdue_at is not None:
        return Verdict.EXEMPT if run.exempt else Verdict.OVERDUE
    if run.stopped_by:
        return Verdict.WITHDRAWN if run.withdrawn else Verdict.MET
    return Verdict.PAUSED if run.since is None else Verdict.RUNNING


def _light(run: Run, used: int) -> Light:
    if run.overdue_at is not None:
        return Light.RED
    if run.total is None:
        return Light.NONE
    return Light.YELLOW if used >= run.total * 4 // 5 else Light.GREEN


def _begin(run: Run, suspended_until: int | None) -> int | None:
    """From when on what is left will be, or was last, counted."""
    if run.since is not None:
        return run.since
    if run.stopped_by or run.held:
        return None
    return suspended_until


def _due(run: Run, suspended_until: int | None) -> int | NotBefore | None:
    if run.overdue_at is not None:
        return run.overdue_at
    if run.total is None:
        return None
    if run.stopped_by:
        return _due_when_it_ended(run)
    begin = _begin(run, suspended_until)
    return None if begin is None else run.due(begin)


def _due_when_it_ended(run: Run) -> int | NotBefore:
    if not run.spells:
        return run.due(run.opened_at)
    last, used = run.spells[-1], run.used
    run.used -= last.used
    due = run.due(last.start)
    run.used = used
    return due


def _yellow(run: Run, due: int | None, suspended_until: int | None) -> int | None:
    if run.warnings and run.warned_total == run.total:
        return run.warnings[-1].at
    begin = _begin(run, suspended_until)
    if due is None or begin is None or run.overdue_at is not None:
        return None
    return run.yellow(begin, due)
