"""Households: one plan, and visits by plan."""

from __future__ import annotations

import pytest

from schemas.events import (
    Actor,
    ClosePlan,
    CompleteStep,
    NoteTime,
    OpenPlan,
    PlanClosed,
    PlanOpened,
    PlanReviewed,
    PlanVisits,
    ReviewPlan,
    Step,
    StepCompleted,
    Visit,
    Visited,
    VisitMissed,
    VisitsPlanned,
)
from streams.core.households import next_due
from tests.builders import T0
from tests.subjects import DAY, HOUR, LATER, PERSON, POWER, STREET, given

STEPS = (Step("ramp", "power", LATER), Step("alarm", "street"))
PLAN = PlanOpened("street", LATER + 90 * DAY, STEPS)
CLOCKS = Actor("hub", "clocks")
DUE = (T0 + 10 * DAY, T0 + 20 * DAY)
PLANNED = VisitsPlanned(DUE, PERSON)


def test_a_household_has_one_plan() -> None:
    claim = OpenPlan("street", LATER + 90 * DAY, STEPS)
    opened = given("household").when(claim, STREET).then(PLAN)
    opened.when(claim, STREET).then_refused("OpenPlan.one-plan")
    closed = opened.when(ClosePlan("moved"), STREET).then(PlanClosed("moved"))
    assert closed.state.ended
    closed.when(claim, STREET).then(PLAN)


def test_steps_are_done_once_by_their_owner_or_the_plans() -> None:
    plan = given("household", PLAN)
    assert plan.state.open_steps == ("ramp", "alarm")
    plan.when(CompleteStep("alarm"), POWER).then_refused("CompleteStep.step")
    done = plan.when(CompleteStep("ramp"), POWER).then(StepCompleted("ramp"))
    assert done.state.open_steps == ("alarm",)
    done.when(CompleteStep("ramp"), STREET).then_refused("CompleteStep.step")
    done.when(CompleteStep("alarm"), STREET).then(StepCompleted("alarm"))


def test_a_plan_is_reviewed_by_its_owner_and_grows() -> None:
    plan = given("household", PLAN)
    more = (Step("hoist", "street"),)
    claim = ReviewPlan(LATER + 180 * DAY, more)
    plan.when(claim, POWER).then_refused("ReviewPlan.owner")
    assert plan.when(claim, STREET).then(PlanReviewed(LATER + 180 * DAY, more)).state.open_steps[-1] == "hoist"
    plan.when(ReviewPlan(LATER + DAY, (Step("ramp", "street"),)), STREET).then_refused("ReviewPlan.steps")
    plan.when(ReviewPlan(T0), STREET).then_refused("ReviewPlan.review")
    given("household", Visited("visit")).when(claim, STREET).then_refused("ReviewPlan.plan")


def test_a_plan_contradicts_neither_itself_nor_time() -> None:
    twice = OpenPlan("street", LATER + DAY, (*STEPS, STEPS[0]))
    given("household").when(twice, STREET).then_refused("OpenPlan.steps")
    given("household").when(OpenPlan("street", T0), STREET).then_refused("OpenPlan.review")


def test_a_household_is_visited_before_it_has_a_plan() -> None:
    visited = given("household").when(Visit("service"), STREET).then(Visited("service"))
    assert (visited.state.visits.paid, visited.state.visits.made) == (1, 0)
    visited.when(OpenPlan("street", LATER + 90 * DAY, STEPS), STREET).then(PLAN)


def test_a_visit_in_time_is_made_and_the_next_one_is_due() -> None:
    home = given("household", PLAN, PLANNED).when(Visit("visit"), STREET, at=DUE[0]).after()
    visits = home.state.visits
    assert (visits.made, visits.overdue, next_due(home.state)) == (1, 0, DUE[1])


def test_a_visit_that_nobody_made_is_missed_at_its_time() -> None:
    home = given("household", PLAN, PLANNED)
    silent = home.when(NoteTime(DUE[0]), CLOCKS, at=DUE[0] + HOUR).then(VisitMissed(DUE[0], PERSON))
    assert silent.facts[-1][0].occurred_at == DUE[0]
    late = silent.when(Visit("visit"), STREET, at=DUE[1] + HOUR)
    both = late.then(VisitMissed(DUE[1], PERSON), Visited("visit"))
    assert (both.state.visits.made, both.state.visits.overdue, next_due(both.state)) == (0, 2, None)


def test_time_says_nothing_twice() -> None:
    home = given("household", PLAN, PLANNED).when(NoteTime(DUE[0]), CLOCKS, at=DUE[0]).after()
    home.when(NoteTime(DUE[0]), CLOCKS, at=DUE[0], occurrence="again").then()


def test_a_visit_in_time_that_is_told_late_counts_as_made() -> None:
    home = given("household", PLAN, PLANNED).when(NoteTime(DUE[0]), CLOCKS, at=DUE[0]).after()
    told = home.when(Visit("visit"), STREET, at=DUE[0] - HOUR).then(Visited("visit"))
    visits = told.state.visits
    assert (visits.made, visits.overdue, visits.missed) == (1, 0, ())


@pytest.mark.parametrize("due", [(), (T0,), (LATER + DAY, LATER + DAY), tuple(LATER + n for n in range(1, 402))])
def test_visits_are_planned_ahead_once_and_not_without_end(due: tuple[int, ...]) -> None:
    given("household", PLAN).when(PlanVisits(due, PERSON), STREET).then_refused("PlanVisits.ahead")


def test_a_visit_that_is_planned_is_not_planned_again() -> None:
    home = given("household", PLAN).when(PlanVisits((LATER + DAY,), PERSON), STREET)
    planned = home.then(VisitsPlanned((LATER + DAY,), PERSON))
    planned.when(PlanVisits((LATER + DAY,)), STREET).then_refused("PlanVisits.ahead")
