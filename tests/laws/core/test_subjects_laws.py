"""Laws of groups, workers, households and accounts: whatever is claimed by whomever, what they promise holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas import events
from schemas.events import (
    Actor,
    AddMember,
    AddTargets,
    CloseGroup,
    ClosePlan,
    CompleteStep,
    Earn,
    LogWork,
    NoteTime,
    OpenAccount,
    OpenGroup,
    OpenPlan,
    PlanVisits,
    PointsEarned,
    PointsRedeemed,
    PointsRevoked,
    Redeem,
    RemoveMember,
    ReviewPlan,
    Revoke,
    SolveGroup,
    Step,
    Target,
    Team,
    Visit,
    Visited,
    VisitMissed,
    VisitsPlanned,
    VisitTarget,
)
from streams.core import accounts, households
from streams.core.kind import Kind
from streams.core.reference import EMPTY
from streams.core.subjects import KINDS
from tests.builders import T0
from tests.subjects import DAY, HOUR, PERSON, TARIFF, Subjects, fold, loaded

X, Y, Z = (f"00000000-0000-5000-8000-00000000000{n}" for n in "abc")
ITEMS = (*(line.item for line in TARIFF), "singing")
STEPS = tuple(Step(code, org) for code, org in (("ramp", "power"), ("alarm", "street")))
BODIES: dict[str, tuple[Any, ...]] = {
    "account": (
        OpenAccount(PERSON, "bank"),
        *(Earn(item, fact) for item in ITEMS for fact in (X, Y, Z)),
        *(Redeem(item, voucher) for item in ITEMS for voucher in ("v1", "v2", "v3")),
        *(Revoke(fact, "audit-failed") for fact in (X, Y, Z)),
    ),
    "household": (
        *(OpenPlan("street", T0 + days * DAY, STEPS) for days in (0, 99)),
        *(CompleteStep(code) for code in ("ramp", "alarm", "hoist")),
        *(ReviewPlan(T0 + days * DAY, (Step("hoist", "street"),)) for days in (0, 99)),
        ClosePlan("moved"),
        *(PlanVisits(tuple(T0 + n * HOUR for n in due), PERSON) for due in ((1,), (2, 3), (3, 8), ())),
        *(Visit(kind) for kind in ("visit", "service")),
        *(NoteTime(T0 + n * HOUR) for n in (1, 3, 9)),
    ),
    "group": (
        OpenGroup("together", "centre"),
        OpenGroup("campaign", "street", teams=(Team("t1", (PERSON,)),), targets=(Target("h1", "t1"), Target("h2"))),
        *(body(case) for case in (X, Y) for body in (AddMember, lambda case: RemoveMember(case, "odd"))),
        *(SolveGroup(org) for org in ("power", "water")),
        CloseGroup("done"),
        *(AddTargets((Target(code),)) for code in ("h1", "h3")),
        *(VisitTarget(code, outcome) for code in ("h1", "h2", "h9") for outcome in events.TargetOutcome.ALL),
    ),
    "worker": tuple(LogWork(kind, of_fact=fact) for kind in events.WorkKind.ALL for fact in (None, X)),
}
ACTORS = tuple(
    Actor(org, role, person)
    for org, role in (
        ("street", "grid_worker"),
        ("centre", "dispatcher"),
        ("power", "handler"),
        ("hub", "links"),
        ("hub", "clocks"),
        ("bank", "source"),
        ("x", "reporter"),
        ("centre", "auditor"),
    )
    for person in (None, PERSON)
)
REFERENCE = EMPTY.after(
    [
        loaded(1, "tariffs", "bank", TARIFF),
        loaded(
            2, "tariffs", "bank", [replace(line, points=2 * line.points) for line in TARIFF], valid_from=T0 + 5 * HOUR
        ),
    ]
)
Script = list[tuple[Any, Actor, int, bool]]


def scripts(kind: str) -> st.SearchStrategy[Script]:
    """Claims about one subject: body, actor, hours behind T0, already done."""
    one = st.tuples(st.sampled_from(BODIES[kind]), st.sampled_from(ACTORS), st.integers(0, 10), st.booleans())
    return st.lists(one, max_size=25)


def played(kind: Kind, script: Script, repeat: Sequence[int] = ()) -> Subjects:
    """The subject after these claims; those whose place stands in `repeat` come once more at the end."""
    one = Subjects(kind, kind.new)
    order = [*range(len(script)), *(place for place in repeat if place < len(script))]
    for place in order:
        body, by, hours, done = script[place]
        said = one.when(body, by, at=T0 + hours * HOUR, occurrence=str(place), already_done=done, reference=REFERENCE)
        one = said.after()
    return one


def assert_the_bank_holds(one: Subjects) -> None:
    """Never negative, the sum of the facts, nothing twice."""
    balance, earned, vouchers, revoked = 0, set[str](), set[str](), set[str]()
    for _, fact in one.facts:
        match fact:
            case PointsEarned():
                assert fact.contribution not in earned, "a contribution earned twice"
                assert fact.points > 0
                earned.add(fact.contribution)
                balance += fact.points
            case PointsRedeemed():
                assert fact.voucher not in vouchers, "a voucher redeemed twice"
                assert fact.points > 0
                vouchers.add(fact.voucher)
                balance -= fact.points
            case PointsRevoked():
                assert fact.contribution in earned - revoked, "points taken back that nothing earned"
                revoked.add(fact.contribution)
                balance -= fact.points
            case _:
                continue
        assert fact.balance == balance, "the balance is not the sum of the facts"
        assert balance >= 0, "the balance is negative"
    assert one.state.balance == balance


@given(scripts("account"))
def test_a_balance_is_never_negative_and_nothing_counts_twice(script: Script) -> None:
    opening: Script = [(OpenAccount(PERSON, "bank"), ACTORS[0], 0, False)]
    assert_the_bank_holds(played(accounts.KIND, opening + script))


def _no_longer(claim: type) -> Kind:
    return replace(accounts.KIND, rules={c: rules for c, rules in accounts.RULES.items() if c is not claim})


EARN, REDEEM, REVOKE = (
    (Earn("clean-up", X), ACTORS[6], 0, False),
    (Redeem("lamp", "v1"), ACTORS[0], 0, False),
    (Revoke(X, "audit-failed"), ACTORS[2], 0, False),
)


@pytest.mark.parametrize(
    ("twin", "script"),
    [
        (_no_longer(Earn), [EARN, EARN]),
        (_no_longer(Redeem), [REDEEM]),
        (
            _no_longer(Redeem),
            [EARN, (Redeem("soap", "v1"), ACTORS[0], 0, False), (Redeem("soap", "v1"), ACTORS[0], 1, False)],
        ),
        (_no_longer(Revoke), [REVOKE]),
        (_no_longer(Revoke), [EARN, REVOKE, REVOKE]),
    ],
)
def test_a_bank_without_one_of_its_rules_is_caught(twin: Kind, script: Script) -> None:
    opening: Script = [(OpenAccount(PERSON, "bank"), ACTORS[0], 0, False)]
    assert_the_bank_holds(played(accounts.KIND, opening + script))
    with pytest.raises(AssertionError):
        assert_the_bank_holds(played(twin, opening + script))


def assert_each_visit_ends_once(one: Subjects) -> None:
    """A planned visit is missed at most once, made at most once; what is counted is what the facts say."""
    missed = [fact.due_at for _, fact in one.facts if type(fact) is VisitMissed]
    planned = {due for _, fact in one.facts if type(fact) is VisitsPlanned for due in fact.due_at}
    paid = sum(type(fact) is Visited for _, fact in one.facts)
    visits = one.state.visits
    assert set(missed) <= planned
    assert visits.paid == paid
    assert 0 <= visits.made <= paid
    assert 0 <= visits.overdue == len(visits.missed)
    assert visits.ahead == tuple(sorted(visits.ahead, key=lambda visit: visit.due_at))


@given(scripts("household"))
def test_every_planned_visit_ends_as_made_or_missed(script: Script) -> None:
    assert_each_visit_ends_once(played(households.KIND, script))


def test_a_household_that_forgets_what_it_has_called_missed_is_caught() -> None:
    def evolve(home: Any, meta: Any, fact: Any) -> Any:
        return households.evolve(home, meta, Visited("visit") if type(fact) is VisitMissed else fact)

    forgetful = replace(households.KIND, evolve=evolve)
    script: Script = [(PlanVisits((T0 + HOUR,), PERSON), ACTORS[0], 0, False), (Visit("visit"), ACTORS[0], 3, False)]
    assert_each_visit_ends_once(played(households.KIND, script))
    with pytest.raises(AssertionError):
        assert_each_visit_ends_once(played(forgetful, script))


any_script = st.sampled_from(sorted(BODIES)).flatmap(lambda kind: st.tuples(st.just(KINDS[kind]), scripts(kind)))


@given(any_script, st.lists(st.integers(0, 24)))
def test_redelivery_changes_nothing(drawn: tuple[Kind, Script], again: list[int]) -> None:
    kind, script = drawn
    repeat = [place for place in again if place < len(script) and type(script[place][0]) is not NoteTime]
    assert played(kind, script, repeat) == played(kind, script)


@given(any_script)
def test_the_facts_folded_again_are_the_state_and_are_numbered_without_gaps(drawn: tuple[Kind, Script]) -> None:
    one = played(*drawn)
    assert fold(one.kind, one.facts) == one.state
    assert [meta.seq for meta, _ in one.facts] == list(range(1, len(one.facts) + 1))


@given(scripts("account"), scripts("group"), st.randoms(use_true_random=False))
def test_the_interleaving_of_subjects_does_not_matter(bank: Script, group: Script, dice: Any) -> None:
    apart = played(KINDS["account"], bank), played(KINDS["group"], group)
    one, other = Subjects(KINDS["account"], KINDS["account"].new), Subjects(KINDS["group"], KINDS["group"].new)
    left = [list(enumerate(bank)), list(enumerate(group))]
    while left[0] or left[1]:
        which = dice.choice([n for n in (0, 1) if left[n]])
        place, (body, by, hours, done) = left[which].pop(0)
        subject = (one, other)[which]
        said = subject.when(
            body, by, at=T0 + hours * HOUR, occurrence=str(place), already_done=done, reference=REFERENCE
        ).after()
        one, other = (said, other) if which == 0 else (one, said)
    assert (one.state, other.state) == (apart[0].state, apart[1].state)
