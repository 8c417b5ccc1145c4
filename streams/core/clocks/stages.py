"""What the stages of a case do to its clocks: reporting, filing, checking, ending; and what clocks have said."""

from __future__ import annotations

from schemas.events import ClosingKind
from streams.core.clocks.run import Run
from streams.core.clocks.state import Mark
from streams.core.clocks.terms import Kind
from streams.core.clocks.walk import CASE, Walk

NOT_MET_BY_CLOSING = frozenset({Kind.LEAD_VERIFICATION, Kind.REPORT_IN, Kind.JUSTIFICATION})
_KINDS = frozenset(Kind)


def reported(walk: Walk, mark: Mark, at: int) -> None:
    """A lead came in: acceptance and first answer begin."""
    walk.division = mark.words[0]
    walk.regime = walk.terms.regime(walk.division, mark.reference, at)
    walk.open(Kind.ACCEPTANCE, CASE, mark, at)
    walk.open(Kind.FIRST_ANSWER, CASE, mark, at)


def look_asked(walk: Walk, mark: Mark, at: int) -> None:
    """Somebody looks at the lead: acceptance pauses."""
    (party,) = mark.words
    walk.looks.add(party)
    acceptance = walk.latest.get((Kind.ACCEPTANCE, CASE))
    if acceptance is not None and acceptance.open:
        acceptance.pause(at, mark.seq)
        acceptance.held = True
    walk.open(Kind.LEAD_VERIFICATION, party, mark, at)


def looked(walk: Walk, mark: Mark, at: int) -> None:
    """The lead was looked at: acceptance goes on once nobody looks any more."""
    (party,) = mark.words
    walk.stop(Kind.LEAD_VERIFICATION, party, mark, at)
    walk.looks.discard(party)
    acceptance = walk.latest.get((Kind.ACCEPTANCE, CASE))
    if not walk.looks and acceptance is not None and acceptance.open and acceptance.held:
        walk.go_on(acceptance, mark, at)


def filed(walk: Walk, mark: Mark, at: int) -> None:
    """It is a case: accepted; closure begins, and dispatch where nobody works yet."""
    walk.condition = mark.words
    walk.stop(Kind.ACCEPTANCE, CASE, mark, at)
    if (Kind.CLOSURE, CASE) not in walk.latest:
        walk.open(Kind.CLOSURE, CASE, mark, at)
    if not walk.roles:
        walk.open(Kind.DISPATCH, CASE, mark, at)


def answered(walk: Walk, mark: Mark, at: int) -> None:
    """The reporter has the first answer."""
    walk.stop(Kind.FIRST_ANSWER, CASE, mark, at)


def checked(walk: Walk, mark: Mark, at: int) -> None:
    """The disposal was checked."""
    walk.stop(Kind.CHECK, CASE, mark, at)


def closed(walk: Walk, mark: Mark, at: int) -> None:
    """Closed: what clocks waited for has come, or will not be waited for."""
    forced = mark.words[0] == ClosingKind.FORCED
    for run in walk.runs:
        unmet = run.kind in NOT_MET_BY_CLOSING or (forced and run.kind in (Kind.DISPOSAL, Kind.CHECK))
        run.stop(at, mark.seq, withdrawn=unmet)
    walk.end_suspension(at, mark.seq)


def ended(walk: Walk, mark: Mark, at: int) -> None:
    """Ended otherwise: only a refusal to file answers, and only acceptance."""
    for run in walk.runs:
        answered = run.kind is Kind.ACCEPTANCE and mark.words[0] == "FilingRefused"
        run.stop(at, mark.seq, withdrawn=not answered)
    walk.end_suspension(at, mark.seq)


def reopened(walk: Walk, mark: Mark, at: int) -> None:
    """Open again: the closure goes on, and so does the work of its parties."""
    closure = walk.latest.get((Kind.CLOSURE, CASE))
    if closure is not None:
        walk.go_on(closure, mark, at)
    for party in list(walk.roles):
        walk.send(party, mark, at)
    dispatch = walk.latest.get((Kind.DISPATCH, CASE))
    if not walk.roles and dispatch is not None:
        walk.go_on(dispatch, mark, at)


def exempted(walk: Walk, mark: Mark, _at: int) -> None:
    """The party is exempt; what was overdue stays visible."""
    for run in walk.runs:
        if run.party == mark.words[0]:
            run.exempt = True


def _told(walk: Walk, mark: Mark) -> Run | None:
    return walk.latest.get((Kind(mark.words[0]), mark.words[1])) if mark.words[0] in _KINDS else None


def warned(walk: Walk, mark: Mark, _at: int) -> None:
    """A warning has been told."""
    if (run := _told(walk, mark)) is not None:
        run.told_warnings += 1
        run.told_until = max(run.told_until, mark.occurred_at + 1)


def ran_out(walk: Walk, mark: Mark, _at: int) -> None:
    """A run-out has been told."""
    if (run := _told(walk, mark)) is not None:
        run.told_out = mark.number
        run.told_until = max(run.told_until, mark.number + 1)


def taken_back(walk: Walk, mark: Mark, _at: int) -> None:
    """A run-out has been taken back."""
    if (run := _told(walk, mark)) is not None:
        run.told_out = None


def recomputed(walk: Walk, mark: Mark, _at: int) -> None:
    """A due time that was not known has been told."""
    if (run := _told(walk, mark)) is not None:
        run.told_recomputed += 1
