"""A household: one plan 一户一策 with steps, owner and review date, and the visits that are due 走访.

Promise: `evolve` folds any facts of a household and never raises. `due_facts(household, until)` gives a visit as missed
once, at the moment when it was due; a visit that happened in time and was told late counts as made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from schemas.events import (
    ClaimMeta,
    ClosePlan,
    CompleteStep,
    FactMeta,
    NoteTime,
    OpenPlan,
    PlanClosed,
    PlanOpened,
    PlanReviewed,
    PlanVisits,
    Refused,
    ReviewPlan,
    Step,
    StepCompleted,
    Visit,
    Visited,
    VisitMissed,
    VisitsPlanned,
)
from streams.core import visits
from streams.core.authority import Stage
from streams.core.decided import remember
from streams.core.kind import Context, Decisions, Due, FactBody, Kind, Rule, Rules
from streams.core.visits import Visits


class StepState(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One step of the plan; `done_at` is UTC µs."""

    code: str
    owner: str
    due_at: int | None = None
    done_at: int | None = None


class Household(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=4):
    """What must be known of a household to decide the next claim."""

    seq: int = 0
    stage: Stage = Stage.NONE
    owner: str = ""
    review_at: int | None = None
    steps: tuple[StepState, ...] = ()
    visits: Visits = Visits()
    claims: bytes = b""

    @property
    def ended(self) -> bool:
        """True when neither a plan is open nor a visit due."""
        return self.stage == Stage.CLOSED and not self.visits.ahead

    @property
    def open_steps(self) -> tuple[str, ...]:
        """Codes of the steps that are not done."""
        return tuple(step.code for step in self.steps if step.done_at is None)


NEW = Household()

# ------------------------------------------------------------ fold


def _opened(home: Household, _meta: FactMeta, fact: PlanOpened) -> Household:
    return replace(home, stage=Stage.OPEN, owner=fact.owner, review_at=fact.review_at, steps=_steps((), fact.steps))


def _steps(before: tuple[StepState, ...], more: tuple[Step, ...]) -> tuple[StepState, ...]:
    return (*before, *(StepState(step.code, step.owner, step.due_at) for step in more))


def _step_completed(home: Household, meta: FactMeta, fact: StepCompleted) -> Household:
    steps = tuple(replace(s, done_at=meta.occurred_at) if s.code == fact.step else s for s in home.steps)
    return replace(home, steps=steps)


def _reviewed(home: Household, _meta: FactMeta, fact: PlanReviewed) -> Household:
    return replace(home, review_at=fact.review_at, steps=_steps(home.steps, fact.steps))


def _closed(home: Household, _meta: FactMeta, _fact: PlanClosed) -> Household:
    return replace(home, stage=Stage.CLOSED, review_at=None)


def _visits_planned(home: Household, _meta: FactMeta, fact: VisitsPlanned) -> Household:
    return replace(_known(home), visits=visits.planned(home.visits, fact.due_at, fact.worker))


def _visited(home: Household, meta: FactMeta, _fact: Visited) -> Household:
    return replace(_known(home), visits=visits.paid(home.visits, meta.occurred_at))


def _known(home: Household) -> Household:
    """A household is visited before it has a plan, and after."""
    return replace(home, stage=Stage.OPEN) if home.stage is Stage.NONE else home


def _visit_missed(home: Household, _meta: FactMeta, fact: VisitMissed) -> Household:
    return replace(home, visits=visits.missed(home.visits, fact.due_at, fact.worker))


def _unchanged(home: Household, _meta: FactMeta, _fact: FactBody) -> Household:
    return home


EVOLVE: dict[type, Callable[[Household, FactMeta, Any], Household]] = {
    PlanOpened: _opened,
    StepCompleted: _step_completed,
    PlanReviewed: _reviewed,
    PlanClosed: _closed,
    VisitsPlanned: _visits_planned,
    Visited: _visited,
    VisitMissed: _visit_missed,
    Refused: _unchanged,
}


def evolve(home: Household, meta: FactMeta, fact: FactBody) -> Household:
    """The household after one more fact."""
    home = EVOLVE[type(fact)](home, meta, fact)
    return replace(home, seq=meta.seq, claims=remember(home.claims, meta.claim_id, meta.claim_digest))


# ------------------------------------------------------------ time


def next_due(home: Household) -> int | None:
    """When the next planned visit is due, UTC µs."""
    return home.visits.ahead[0].due_at if home.visits.ahead else None


def due_facts(home: Household, _context: Context, until: int) -> tuple[Due, ...]:
    """Visits that are over by `until` and have not been called missed."""
    return tuple(Due(v.due_at, VisitMissed(v.due_at, v.worker)) for v in visits.overdue(home.visits, until))


# ------------------------------------------------------------ rules


def _review_ahead(_home: Household, meta: ClaimMeta, claim: OpenPlan | ReviewPlan, _x: Context) -> str | None:
    """The next review of a plan lies ahead."""
    return None if claim.review_at > meta.occurred_at else "the next review of a plan lies ahead"


def _one_plan(home: Household, _meta: ClaimMeta, _claim: OpenPlan, _x: Context) -> str | None:
    """One household, one plan."""
    return "the household has a plan already" if home.owner and home.stage is Stage.OPEN else None


def _has_plan(home: Household, _meta: ClaimMeta, _claim: Any, _x: Context) -> str | None:
    """Only a plan that is open goes on."""
    return None if home.owner and home.stage is Stage.OPEN else "the household has no open plan"


def _new_steps(home: Household, _meta: ClaimMeta, claim: OpenPlan | ReviewPlan, _x: Context) -> str | None:
    """A plan names each step once."""
    known = home.steps if type(claim) is ReviewPlan else ()
    codes = [*(step.code for step in known), *(step.code for step in claim.steps)]
    return "a plan names each step once" if len(set(codes)) != len(codes) else None


def _open_step(home: Household, meta: ClaimMeta, claim: CompleteStep, _x: Context) -> str | None:
    """A step is done once, by its owner or the plan's."""
    step = next((s for s in home.steps if s.code == claim.step), None)
    if step is None:
        return "the plan has no such step"
    if step.done_at is not None:
        return "the step is done already"
    return None if meta.actor.org in (step.owner, home.owner) else f"the step belongs to {step.owner}"


def _owner(home: Household, meta: ClaimMeta, _claim: Any, _x: Context) -> str | None:
    """Who answers for the plan changes it."""
    return None if meta.actor.org == home.owner else f"the plan belongs to {home.owner}"


def _visits_ahead(home: Household, meta: ClaimMeta, claim: PlanVisits, _x: Context) -> str | None:
    """Visits are planned ahead, each once."""
    return visits.against_plan(home.visits, meta.occurred_at, claim.due_at)


RULES: Rules = {
    OpenPlan: (
        Rule("OpenPlan.one-plan", _one_plan),
        Rule("OpenPlan.steps", _new_steps),
        Rule("OpenPlan.review", _review_ahead),
    ),
    CompleteStep: (Rule("CompleteStep.plan", _has_plan), Rule("CompleteStep.step", _open_step)),
    ReviewPlan: (
        Rule("ReviewPlan.plan", _has_plan),
        Rule("ReviewPlan.owner", _owner),
        Rule("ReviewPlan.steps", _new_steps),
        Rule("ReviewPlan.review", _review_ahead),
    ),
    ClosePlan: (Rule("ClosePlan.plan", _has_plan), Rule("ClosePlan.owner", _owner)),
    PlanVisits: (Rule("PlanVisits.ahead", _visits_ahead),),
}

# ------------------------------------------------------------ decisions


def _open(_home: Household, _meta: ClaimMeta, c: OpenPlan, _x: Context) -> tuple[FactBody, ...]:
    return (PlanOpened(c.owner, c.review_at, c.steps, c.text),)


def _complete(_home: Household, _meta: ClaimMeta, c: CompleteStep, _x: Context) -> tuple[FactBody, ...]:
    return (StepCompleted(c.step, c.text, c.evidence),)


def _review(_home: Household, _meta: ClaimMeta, c: ReviewPlan, _x: Context) -> tuple[FactBody, ...]:
    return (PlanReviewed(c.review_at, c.steps, c.text),)


def _close(_home: Household, _meta: ClaimMeta, c: ClosePlan, _x: Context) -> tuple[FactBody, ...]:
    return (PlanClosed(c.reason, c.text),)


def _plan_visits(_home: Household, _meta: ClaimMeta, c: PlanVisits, _x: Context) -> tuple[FactBody, ...]:
    return (VisitsPlanned(c.due_at, c.worker),)


def _visit(_home: Household, _meta: ClaimMeta, c: Visit, _x: Context) -> tuple[FactBody, ...]:
    return (Visited(c.kind, c.text),)


def _note(_home: Household, _meta: ClaimMeta, _c: NoteTime, _x: Context) -> tuple[FactBody, ...]:
    """What fell due until then has been written before."""
    return ()


DECIDE: Decisions = {
    NoteTime: _note,
    OpenPlan: _open,
    CompleteStep: _complete,
    ReviewPlan: _review,
    ClosePlan: _close,
    PlanVisits: _plan_visits,
    Visit: _visit,
}


def _timed(household: Household) -> bool:
    return household is not NEW


KIND: Final = Kind(name="household", new=NEW, evolve=evolve, rules=RULES, decide=DECIDE, timed=_timed, due=due_facts)
