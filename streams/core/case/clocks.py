"""What the clocks of a case say: facts of the hub's own, written when a limit is used up or has passed."""

from __future__ import annotations

from typing import Any

from schemas.events import (
    ClaimMeta,
    DueRecomputed,
    FactMeta,
    NoteTime,
    RanOut,
    Resumed,
    RunOutWithdrawn,
    Warned,
)
from streams.core import clocks
from streams.core.case.moretime import suspension_over
from streams.core.case.state import Case
from streams.core.clocks.from_reference import terms_of
from streams.core.kind import Context, Due, FactBody, Rule, claimed_time


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


EVOLVE: dict[type, Any] = dict.fromkeys((Warned, RanOut, RunOutWithdrawn, DueRecomputed), _unchanged)


def timed(case: Case) -> bool:
    """Whether anything can fall due by itself: most cases of a city without limits have nothing."""
    return case.rest is not None or bool(case.clocks.marks)


def until(case: Case, meta: ClaimMeta, claim: Any, context: Context) -> int:
    """The moment before which everything falls due before this claim is decided."""
    reference = context.reference
    if not case.clocks.marks or (not reference.version and type(claim) is not NoteTime):
        return claimed_time(case, meta, claim, context)
    return clocks.counted_until(case.clocks, terms_of(reference), meta, claim, reference.version, context.now)


def due_facts(case: Case, context: Context, until: int) -> tuple[Due, ...]:
    """What falls due by itself until a moment (UTC µs), in order of time."""
    over = suspension_over(case, until) if case.rest is not None else ()
    if not case.clocks.marks or until <= case.clocks.quiet:
        return over
    moments = clocks.due_facts(case.clocks, terms_of(context.reference), until)
    fallen = tuple(
        [Due(one.at, one.body, one.standard, one.calendar) for one in moments if type(one.body) is not Resumed]
    )
    return tuple(sorted((*over, *fallen), key=lambda due: due.at)) if over else fallen


RULES: dict[type, tuple[Rule, ...]] = {}


def _note_time(_case: Case, _meta: ClaimMeta, _claim: NoteTime, _x: Context) -> tuple[FactBody, ...]:
    """Nothing of its own: what fell due has been written before it."""
    return ()


DECIDE: dict[type, Any] = {NoteTime: _note_time}
