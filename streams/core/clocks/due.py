"""What has to become a fact because time has passed, and when to look again.

Promise: every warning, run-out and end of a suspension that fell due is told once, with its true moment, whoever asks
and however often; facts told already are taken into account. What happened in time and was told after its run-out
takes that run-out back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from schemas.events import ClaimMeta, DueRecomputed, NoteTime, RanOut, Resumed, RunOutWithdrawn, Warned
from streams.core.clocks.acts import walked
from streams.core.clocks.run import Run
from streams.core.clocks.state import SOURCE_ROLE, Act, Clocks, Mark
from streams.core.clocks.terms import Kind, Terms
from streams.core.clocks.walk import Walk

ENDED_BY_ITSELF = "until-reached"
"""Reason of a suspension's end that nobody ordered."""
_ORDER = (Resumed, DueRecomputed, Warned, RanOut, RunOutWithdrawn)


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A fact that time alone has made, when (UTC µs), and by which standard and calendar, where the limit is of one."""

    at: int
    body: Any
    standard: str | None = None
    calendar: str | None = None


class Next(msgspec.Struct, frozen=True, gc=False, order=True):
    """The next moment of a case, and of which clock (empty: the end of a suspension)."""

    at: int
    clock: str
    party: str


def due_facts(clocks: Clocks, terms: Terms, until: int) -> tuple[Moment, ...]:
    """Facts of all that fell due before `until` (UTC µs) and has not been told, in the order of their moments."""
    if not clocks.marks or until <= clocks.quiet:
        return ()
    walk = walked(clocks, terms)
    walk.finish(until)
    return tuple(sorted(_untold(walk), key=_order))


def _order(moment: Moment) -> tuple[int, int, str, str]:
    body = moment.body
    return moment.at, _ORDER.index(type(body)), getattr(body, "clock", ""), getattr(body, "party", None) or ""


def _untold(walk: Walk) -> Iterator[Moment]:
    if walk.resumed_untold is not None:
        yield Moment(walk.resumed_untold, Resumed(ENDED_BY_ITSELF, by_itself=True))
    for run in walk.runs:
        if run.warnings or run.overdue_at is not None or run.told_out is not None or run.recomputed:
            yield from _untold_of(run)


def _untold_of(run: Run) -> Iterator[Moment]:
    clock, party = str(run.kind), run.party or None
    for warning in run.warnings[run.told_warnings :]:
        yield _moment(run, warning.at, Warned(clock, warning.due_at, party))
    for at, due, calendar in run.recomputed[run.told_recomputed :]:
        yield _moment(run, at, DueRecomputed(clock, due, calendar, party))
    if run.overdue_at is not None and run.told_out is None:
        yield _moment(run, run.overdue_at, RanOut(clock, run.overdue_at, party))
    if run.overdue_at is None and run.told_out is not None:
        yield _moment(run, run.changed_at, RunOutWithdrawn(clock, run.told_out, party))


def _moment(run: Run, at: int, body: Warned | DueRecomputed | RanOut | RunOutWithdrawn) -> Moment:
    standard = " ".join(run.condition[:2]) or None
    return Moment(at, body, standard, run.calendar(body.due_at) or None)


def is_over(clocks: Clocks, terms: Terms, kind: Kind, party: str, at: int) -> bool:
    """Whether the limit of a party's clock of this kind had passed at a moment (UTC µs)."""
    walk = walked(clocks, terms)
    walk.finish(at)
    run = walk.latest.get((kind, party))
    return run is not None and run.overdue_at is not None


def next_due(clocks: Clocks, terms: Terms) -> Next | None:
    """The next moment at which something falls due if nothing else is said; it may lie in the past. None: no more."""
    if not clocks.marks:
        return None
    walk = walked(clocks, terms)
    walk.finish(0)
    found = [
        Next(one.at, getattr(one.body, "clock", ""), getattr(one.body, "party", None) or "") for one in _untold(walk)
    ]
    if walk.suspended_until is not None:
        found.append(Next(walk.suspended_until, "", ""))
    for run in walk.runs:
        if run.since is not None and run.overdue_at is None and run.total is not None:
            found += _ahead(run)
    return min(found, default=None)


def _ahead(run: Run) -> Iterator[Next]:
    assert run.since is not None
    due = run.due(run.since)
    if type(due) is not int:
        return
    yellow = due if run.warned_total == run.total else run.yellow(run.since, due)
    yield Next(min(yellow, due), str(run.kind), run.party)
    if run.hours is not None and run.hours.further is not None:
        run.find(run.hours.further_at + 1)
        yield from (Next(at, str(run.kind), run.party) for at, _, _ in run.recomputed[run.told_recomputed :])


def counted_until(clocks: Clocks, terms: Terms, meta: ClaimMeta, claim: Any, version: int, recorded_at: int) -> int:
    """The moment before which everything falls due before this claim is decided: that at which it counts as happened.

    `version` is that of the reference it is judged by. Nothing ever falls due that lies behind `recorded_at`.
    """
    if type(claim) is NoteTime:
        return min(claim.due_at, recorded_at) + 1
    by_source = meta.actor.role == SOURCE_ROLE
    mark = Mark(Act.REPORTED, 0, meta.occurred_at, recorded_at, version, by_source)
    walk = Walk(terms)
    walk.division = _division(clocks)
    return min(walk.counted(mark), recorded_at + 1)


def _division(clocks: Clocks) -> str:
    found = [m.words[0] for m in clocks.marks if m.act in (Act.REPORTED, Act.AMENDED) and m.words[0]]
    return found[-1] if found else ""
