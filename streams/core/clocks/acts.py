"""What each act does to a walk, and the whole walk through the marks of a case."""

from __future__ import annotations

from collections.abc import Callable

from streams.core.clocks import limits, parties, stages
from streams.core.clocks.state import Act, Clocks, Mark
from streams.core.clocks.terms import Terms
from streams.core.clocks.walk import Walk

ACTS: dict[Act, Callable[[Walk, Mark, int], None]] = {
    Act.REPORTED: stages.reported,
    Act.LOOK_ASKED: stages.look_asked,
    Act.LOOKED: stages.looked,
    Act.FILED: stages.filed,
    Act.DISPATCHED: parties.dispatched,
    Act.PARTIES_ADDED: parties.parties_added,
    Act.ADJUDICATED: parties.adjudicated,
    Act.LEAD_APPOINTED: parties.lead_appointed,
    Act.RELEASED: parties.released,
    Act.TRANSFERRED: parties.transferred,
    Act.RETURNED: parties.returned,
    Act.SENT_AGAIN: parties.sent_again,
    Act.HANDED_BACK: parties.handed_back,
    Act.REWORK: parties.rework,
    Act.SUMMONED: parties.summoned,
    Act.REPORTED_IN: parties.reported_in,
    Act.ANSWERED: stages.answered,
    Act.HANDED_OVER: parties.handed_over,
    Act.HAND_OVER_REFUSED: parties.hand_over_refused,
    Act.JUSTIFIED: parties.justified,
    Act.EXTENDED: limits.extended,
    Act.PROMISED: limits.promised,
    Act.SUSPENDED: limits.suspended,
    Act.RESUMED: limits.resumed,
    Act.AMENDED: limits.amended,
    Act.REGIME: limits.regime,
    Act.CHECKED: stages.checked,
    Act.CLOSED: stages.closed,
    Act.ENDED: stages.ended,
    Act.REOPENED: stages.reopened,
    Act.EXEMPTED: stages.exempted,
    Act.WARNED: stages.warned,
    Act.RAN_OUT: stages.ran_out,
    Act.TAKEN_BACK: stages.taken_back,
    Act.RECOMPUTED: stages.recomputed,
}


def walked(clocks: Clocks, terms: Terms) -> Walk:
    """The walk through all marks; an end of a suspension that is told after it ended by itself comes in its place."""
    walk, sooner = Walk(terms), None
    for number, told in enumerate(clocks.marks):
        if told is sooner:
            continue
        mark = told
        if mark.act is Act.RESUMED and mark.number:
            sooner = _ended_sooner(walk, mark, clocks.marks[number + 1 :])
            mark = sooner or mark
        at = walk.counted(mark)
        if mark.act < Act.WARNED:
            walk.pass_suspension(at)
        ACTS[mark.act](walk, mark, at)
    return walk


def _ended_sooner(walk: Walk, by_itself: Mark, later: tuple[Mark, ...]) -> Mark | None:
    """What is told later to have ended the suspension before its end date came; None: nothing is."""
    found = next((one for one in later if one.act in (Act.RESUMED, Act.SUSPENDED)), None)
    if found is None or found.act is Act.SUSPENDED or not walk.suspensions:
        return None
    return found if walk.suspensions[-1].start <= walk.counted(found) < by_itself.occurred_at else None
