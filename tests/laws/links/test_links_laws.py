"""Laws of links: what is suspected depends on the facts alone, not on who came first."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.events import Amended, Category, Closed, DismissDuplicate, Reopened, SuspectDuplicate
from streams.links.known import Known
from streams.links.learning import DAY
from streams.links.near import cell, cells_within, metres
from tests.builders import CATEGORY, MINUTE, T0
from tests.linking import Fact, Linked, at, case, place, story

OTHER = Category("gb", "2021", "0209")
Story = list[Fact]

reports = st.builds(
    lambda east, north, category: at(east, north, category=category),
    st.integers(0, 90),
    st.integers(0, 90),
    st.sampled_from([CATEGORY, CATEGORY, OTHER]),
)
later_facts = st.lists(
    st.sampled_from(
        [
            Closed("checked"),
            Reopened("not-done"),
            Amended("wrong-type", category=OTHER),
            Amended("wrong-place", place=place(20, 20)),
        ]
    ),
    max_size=3,
)


def _stories(drawn: list[tuple[Any, list[Any], int]]) -> list[Story]:
    return [
        story(str(n), report, *more, start=T0 + hours * 60 * MINUTE) for n, (report, more, hours) in enumerate(drawn)
    ]


plain = st.lists(st.tuples(reports, st.just([]), st.integers(0, 30)), max_size=6).map(_stories)
lives = st.lists(st.tuples(reports, later_facts, st.integers(0, 30)), max_size=6).map(_stories)


def interleaved(stories: list[Story], dice: Random) -> Story:
    """All facts, those of one case in their order."""
    left = [list(one) for one in stories if one]
    found = []
    while left:
        one = dice.choice(left)
        found.append(one.pop(0))
        left = [some for some in left if some]
    return found


def linked(facts: Story) -> Linked:
    links = Linked()
    links.see(facts)
    return links


def pairs_by_definition(stories: list[Story]) -> set[tuple[str, str]]:
    """Every pair of these reports, by the rule and nothing else."""
    found = set()
    for one in stories:
        for other in stories:
            (later, what), (earlier, it) = one[0], other[0]
            if (earlier.occurred_at, earlier.subject.id) >= (later.occurred_at, later.subject.id):
                continue
            a, b = ((p.longitude, p.latitude) for p in (what.place.position, it.place.position))
            alike = what.category.code == it.category.code and metres(a, b) <= 50
            if alike and later.occurred_at - earlier.occurred_at <= DAY:
                found.add((later.subject.id, earlier.subject.id))
    return found


def assert_the_order_does_not_matter(see: Callable[[Story], list[bytes]], stories: list[Story], dice: Random) -> None:
    """Whatever the order of arrival, the same claims in the same bytes."""
    assert sorted(see(interleaved(stories, dice))) == sorted(see([fact for one in stories for fact in one]))


def said(facts: Story) -> list[bytes]:
    return [one.value for one in linked(facts).said]


@given(plain, st.randoms(use_true_random=False))
def test_whatever_the_order_of_arrival_the_same_claims_come_out(stories: list[Story], dice: Random) -> None:
    assert_the_order_does_not_matter(said, stories, dice)


@given(plain, st.randoms(use_true_random=False))
def test_exactly_the_pairs_of_the_rule_are_suspected(stories: list[Story], dice: Random) -> None:
    links = linked(interleaved(stories, dice))
    assert links.standing() == pairs_by_definition(stories)
    assert {(one.meta.subject.id, one.body.other) for one in links.said} == links.standing()


def told_to_whoever_comes_last(facts: Story) -> list[bytes]:
    """Bad twin: each report is compared with those that came before it, and told of them."""
    found, seen = [], Story()
    for fact in facts:
        for before in seen:
            for one in linked([before, fact]).said:
                body = replace(one.body, other=before[0].subject.id)
                found.append(replace(one, meta=replace(one.meta, subject=fact[0].subject), body=body).value)
        seen.append(fact)
    return found


def compared_within_a_partition(facts: Story) -> list[bytes]:
    """Bad twin: only cases of one partition are compared."""
    return [
        value
        for partition in (0, 1)
        for value in said([fact for fact in facts if int(fact[0].subject.id[0], 16) % 2 == partition])
    ]


def test_a_links_that_goes_by_arrival_is_caught() -> None:
    stories = [story("1", at()), story("2", at(), start=T0 + MINUTE)]
    for dice in (Random(0), Random(1), Random(2)):
        assert_the_order_does_not_matter(said, stories, dice)
    turned = next(Random(n) for n in range(9) if interleaved(stories, Random(n))[0] == stories[1][0])
    with pytest.raises(AssertionError):
        assert_the_order_does_not_matter(told_to_whoever_comes_last, stories, turned)


def test_a_links_that_compares_within_a_partition_is_caught() -> None:
    even = next(str(n) for n in range(99) if int(case(str(n))[0], 16) % 2 == 0)
    odd = next(str(n) for n in range(99) if int(case(str(n))[0], 16) % 2 == 1)
    facts = [*story(even, at()), *story(odd, at(), start=T0 + MINUTE)]
    assert len(said(facts)) == len(pairs_by_definition([facts[:1], facts[1:]])) == 1
    assert compared_within_a_partition(facts) == []


@given(lives, st.randoms(use_true_random=False))
def test_which_suspicions_stand_in_the_end_depends_on_the_facts_alone(stories: list[Story], dice: Random) -> None:
    one, other = linked(interleaved(stories, dice)), linked([fact for one in stories for fact in one])
    open_cases = {case_id for case_id, known in one.known.cases.items() if known.ended_at is None}
    assert {pair for pair in one.standing() if pair[0] in open_cases and pair[1] in open_cases} == {
        pair for pair in other.standing() if pair[0] in open_cases and pair[1] in open_cases
    }


@given(lives, st.randoms(use_true_random=False))
def test_every_suspicion_that_is_taken_back_was_told_before(stories: list[Story], dice: Random) -> None:
    standing: set[tuple[str, str]] = set()
    for one in linked(interleaved(stories, dice)).said:
        if type(one.body) is SuspectDuplicate:
            assert (one.meta.subject.id, one.body.other) not in standing
            standing.add((one.meta.subject.id, one.body.other))
        elif type(one.body) is DismissDuplicate:
            standing.remove((one.meta.subject.id, one.body.other))


@given(lives, st.randoms(use_true_random=False))
def test_redelivery_changes_nothing(stories: list[Story], dice: Random) -> None:
    facts = interleaved(stories, dice)
    links = linked(facts)
    before = (dict(links.known.cases), dict(links.known.suspicions), list(links.said))
    links.see(facts)
    assert (links.known.cases, links.known.suspicions, links.said) == before


degrees = st.tuples(st.floats(-179.9, 179.9), st.floats(-80, 80))


@given(degrees, st.floats(-70, 70), st.floats(-70, 70))
def test_a_place_within_reach_lies_in_one_of_the_cells(point: tuple[float, float], east: float, north: float) -> None:
    other = (point[0] + east / 111_000, point[1] + north / 111_000)
    assert metres(point, other) == metres(other, point)
    if metres(point, other) <= 50:
        assert cell(other) in set(cells_within(point, 50))


@given(lives)
def test_what_is_known_of_a_case_is_a_fold_of_its_own_facts(stories: list[Story]) -> None:
    together = linked([fact for one in stories for fact in one]).known
    apart: dict[str, Any] = {}
    for one in stories:
        apart |= linked(one).known.cases
    assert together.cases == apart
    assert Known().cases == {}
