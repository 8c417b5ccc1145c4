"""What the clocks of a case say: facts of the hub's own, written when a limit is used up or has passed."""

from __future__ import annotations

from typing import Any

from schemas.events import (
    ClaimMeta,
    DueRecomputed,
    FactMeta,
    NoteTime,
    RanOut,
    RunOutWithdrawn,
    Warned,
)
from streams.core.case.moretime import suspension_over
from streams.core.case.state import Case
from streams.core.kind import Context, Due, FactBody, Rule


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


EVOLVE: dict[type, Any] = dict.fromkeys((Warned, RanOut, RunOutWithdrawn, DueRecomputed), _unchanged)


def due_facts(case: Case, _context: Context, until: int) -> tuple[Due, ...]:
    """What falls due by itself until a moment (UTC µs), in order of time."""
    if case.rest is None:
        return ()
    return suspension_over(case, until)


RULES: dict[type, tuple[Rule, ...]] = {}


def _note_time(_case: Case, _meta: ClaimMeta, _claim: NoteTime, _x: Context) -> tuple[FactBody, ...]:
    """Nothing of its own: what fell due has been written before it."""
    return ()


DECIDE: dict[type, Any] = {NoteTime: _note_time}
