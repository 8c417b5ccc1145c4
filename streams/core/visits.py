"""Visits by plan 走访: which are due, which were made, which were missed.

Promise: every planned visit ends as made or missed, once; one that happened in time and was told late counts as made.
"""

from __future__ import annotations

import msgspec

MISSED_KEPT = 20
"""How many missed visits are kept, for visits that are told late."""
MOST_AHEAD = 400
"""Visits that may be planned ahead: one a day for more than a year."""


class Planned(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A visit: until when, UTC µs, and by whom."""

    due_at: int
    worker: str | None = None


class Visits(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """`ahead` and `missed` are sorted by due time; `paid` counts all visits, `made` and `overdue` the planned ones."""

    ahead: tuple[Planned, ...] = ()
    missed: tuple[Planned, ...] = ()
    paid: int = 0
    made: int = 0
    overdue: int = 0


def planned(visits: Visits, due_at: tuple[int, ...], worker: str | None) -> Visits:
    """With more visits ahead."""
    ahead = {visit.due_at: visit for visit in visits.ahead} | {at: Planned(at, worker) for at in due_at}
    return msgspec.structs.replace(visits, ahead=tuple(ahead[at] for at in sorted(ahead)))


def paid(visits: Visits, at: int) -> Visits:
    """After a visit at this moment: it counts for the first planned one that was not over, even if called missed."""
    due = min((v.due_at for v in (*visits.missed, *visits.ahead) if v.due_at >= at), default=None)
    if due is None:
        return msgspec.structs.replace(visits, paid=visits.paid + 1)
    missed = _without(visits.missed, due)
    late = len(visits.missed) - len(missed)
    return Visits(_without(visits.ahead, due), missed, visits.paid + 1, visits.made + 1, visits.overdue - late)


def missed(visits: Visits, due_at: int, worker: str | None) -> Visits:
    """After a visit was missed."""
    gone = (*visits.missed, Planned(due_at, worker))[-MISSED_KEPT:]
    return Visits(_without(visits.ahead, due_at), gone, visits.paid, visits.made, visits.overdue + 1)


def overdue(visits: Visits, until: int) -> tuple[Planned, ...]:
    """Those ahead that are over by `until` (UTC µs), in order."""
    return tuple(visit for visit in visits.ahead if visit.due_at <= until)


def against_plan(visits: Visits, now: int, due_at: tuple[int, ...]) -> str | None:
    """What stands against planning these visits."""
    known = {visit.due_at for visit in visits.ahead}
    if not due_at or len(set(due_at)) != len(due_at) or known & set(due_at):
        return "each visit is planned once"
    if len(known) + len(due_at) > MOST_AHEAD:
        return f"no more than {MOST_AHEAD} visits are planned ahead"
    return "a planned visit lies ahead" if min(due_at) <= now else None


def _without(visits: tuple[Planned, ...], due_at: int) -> tuple[Planned, ...]:
    return tuple(visit for visit in visits if visit.due_at != due_at)
