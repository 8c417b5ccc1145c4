"""What changes limits, or whether clocks run at all: amendment, extension, promise, suspension, regime."""

from __future__ import annotations

from schemas.events import PartyRole
from streams.core.clocks.run import Run
from streams.core.clocks.state import Mark
from streams.core.clocks.terms import URGENT_MINUTES, Kind, Limit
from streams.core.clocks.walk import CASE, LATER_LIMITS, Walk


def amended(walk: Walk, mark: Mark, at: int) -> None:
    """Another place judges what begins from now on, another condition what is left, too."""
    division, *condition = mark.words
    walk.division = division or walk.division
    if condition:
        walk.condition = tuple(condition)
        for run in walk.runs:
            if run.kind in LATER_LIMITS:
                walk.judge_anew(run, mark, at, mark.reference)


def extended(walk: Walk, mark: Mark, at: int) -> None:
    """One original limit more."""
    (party,) = mark.words
    _extend(walk.latest.get((Kind.DISPOSAL, party)), mark, at)
    closure = walk.latest.get((Kind.CLOSURE, CASE))
    by_policy = closure is not None and type(closure.limit) is Limit and closure.limit.unit == URGENT_MINUTES
    if walk.roles.get(party) == PartyRole.LEAD and not by_policy:
        _extend(closure, mark, at)


def _extend(run: Run | None, mark: Mark, at: int) -> None:
    if run is None or run.withdrawn:
        return
    run.split(at, mark.seq)
    run.extend()


def promised(walk: Walk, mark: Mark, at: int) -> None:
    """A promised moment replaces limits."""
    (party,) = mark.words
    walk.promises[party] = mark.number
    kind = Kind.CLOSURE if party == CASE else Kind.DISPOSAL
    if (kind, party) not in walk.latest and (party == CASE or not mark.reference):
        walk.open(kind, party, mark, at)  # filing or dispatch left no mark, or is still to come
        return
    for run in list(walk.latest.values()):
        if run.kind not in LATER_LIMITS or not run.open:
            continue
        if run.party == party or (party == CASE and run.limit is not None and run.party not in walk.promises):
            _promise(run, mark, at)


def _promise(run: Run, mark: Mark, at: int) -> None:
    run.split(at, mark.seq)
    basis = "promise" if mark.words[0] == run.party else "promise for the whole case"
    run.promise(mark.number, at, mark.seq, basis)


def suspended(walk: Walk, mark: Mark, at: int) -> None:
    """Every clock pauses."""
    walk.suspend(at, mark.seq, mark.number)


def resumed(walk: Walk, mark: Mark, at: int) -> None:
    """Every clock goes on."""
    walk.resumed_untold = None
    if walk.suspended_until is not None:
        walk.resume_all(at, mark.seq)


def regime(walk: Walk, mark: Mark, at: int) -> None:
    """Other hours and limits judge what is left."""
    walk.regime = mark.words[0]
    for run in walk.runs:
        walk.judge_anew(run, mark, at, mark.number or mark.reference)
