"""Which cases are three-cross cases, in which part, and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.events import OrganisationRelation
from streams.core import threecross
from streams.core.reference import EMPTY, InForce
from streams.core.threecross import Matter, Part, ThreeCross, Worker, three_cross
from tests.builders import T0
from tests.cities import ORGANISATIONS, VIEW, city
from tests.reference_samples import org

HERE = Matter("411702001001", 1, centre="centre", centre_seq=2)
"""A place in 驿城, filed by its centre."""


def matter(*working: str, inform: tuple[str, ...] = (), **changes: Any) -> Matter:
    """The case with a lead, then assists, then informed; each made a party by a fact of its own from 3 on."""
    roles = ["lead", *["assist"] * (len(working) - 1)][: len(working)] + ["inform"] * len(inform)
    named = zip((*working, *inform), roles, strict=True)
    parties = tuple(Worker(name, role, seq) for seq, (name, role) in enumerate(named, 3))  # type: ignore[arg-type]
    return replace(HERE, parties=parties, **changes)


def says(one: Matter, view: InForce = VIEW) -> tuple[str, str, str]:
    parts = three_cross(one, view)
    return parts.region.says, parts.department.says, parts.authority.says


CASES: dict[str, tuple[Matter, tuple[str, str, str]]] = {
    "nobody works yet": (matter(), ("no", "no", "no")),
    "the street alone": (matter("street"), ("no", "no", "no")),
    "two departments of one bureau": (matter("squad-1", "squad-2"), ("no", "no", "no")),
    "a bureau and its own squad": (matter("urban", "squad-1"), ("no", "no", "no")),
    "a street and its own community": (matter("street", "community"), ("no", "no", "no")),
    "others are only informed": (matter("street", inform=("housing", "power", "far-street")), ("no", "no", "no")),
    "two streets of one district": (matter("street", "street-2"), ("no", "yes", "no")),
    "two bureaux of one district": (matter("urban", "housing"), ("no", "yes", "no")),
    "a street of another district": (matter("far-street"), ("yes", "no", "no")),
    "a bureau of another district": (matter("street", "far-bureau"), ("yes", "yes", "no")),
    "power brings what only it may do": (matter("power"), ("no", "no", "yes")),
    "water has no power of its own": (matter("water"), ("no", "no", "no")),
    "the pole of a telecom operator": (matter("street", asset="pole-1", asset_seq=1), ("no", "no", "yes")),
    "the lamp of a bureau": (matter("street", asset="lamp-1", asset_seq=1), ("no", "no", "no")),
    "a cable without owner": (matter("street", asset="cable-1", asset_seq=1), ("no", "no", "no")),
    "a cable nobody knows": (matter("street", asset="cable-9", asset_seq=1), ("no", "no", "unknown")),
    "a whistle for the police": (matter("street", needs=(("identify", 9),)), ("no", "no", "yes")),
    "a whistle for 城管": (matter("street", needs=(("penalty", 9),)), ("no", "no", "no")),
    "a whistle for what nobody holds": (matter("street", needs=(("fly", 9),)), ("no", "no", "unknown")),
    "the leaning pole": (matter("power", "telecom", "squad-1"), ("no", "yes", "yes")),
    "all three": (matter("far-street", "power"), ("yes", "yes", "yes")),
    "nobody knows who works": (matter("stranger"), ("unknown", "no", "unknown")),
    "one of two is not known": (matter("street", "stranger"), ("unknown", "unknown", "unknown")),
    "one of three is not known": (matter("street", "housing", "stranger"), ("unknown", "yes", "unknown")),
    "the place is not known": (matter("street", division=None), ("unknown", "no", "no")),
    "only the city is known": (matter("street", division="4117"), ("unknown", "no", "no")),
    "only the district is known": (matter("street", division="411702"), ("no", "no", "no")),
}


@pytest.mark.parametrize("name", CASES)
def test_each_part_says(name: str) -> None:
    one, expected = CASES[name]
    assert says(one) == expected


def _by_number(one: Matter, _view: InForce) -> ThreeCross:
    part = Part("yes" if len(one.parties) > 1 else "no", "")
    return ThreeCross(part, part, part)


def _informed_work(one: Matter, view: InForce) -> ThreeCross:
    working = tuple(Worker(p.org, "assist", p.seq) for p in one.parties)
    return three_cross(replace(one, parties=working), view)


def _each_is_an_organisation(one: Matter, view: InForce) -> ThreeCross:
    orgs = {worker.org for worker in one.workers}
    return ThreeCross(three_cross(one, view).region, Part("yes" if len(orgs) > 1 else "no", ""), Part("no", ""))


def _another_division_is_another_region(one: Matter, view: InForce) -> ThreeCross:
    divisions = {(o.division or "")[:9] for w in one.workers for o in ORGANISATIONS if o.code == w.org}
    found = three_cross(one, view)
    return replace(found, region=Part("yes" if len(divisions) > 1 else "no", ""))


def _coordinated_is_commanded(one: Matter, view: InForce) -> ThreeCross:
    asked = [OrganisationRelation(o.code, "centre", "subordinate") for o in ORGANISATIONS]
    return three_cross(one, city(relations=asked).in_force(T0))


def _unknown_is_no(one: Matter, view: InForce) -> ThreeCross:
    found = three_cross(one, view)
    parts = (found.region, found.department, found.authority)
    return ThreeCross(*(replace(p, says="no") if p.says == "unknown" else p for p in parts))


TWINS: dict[str, Callable[[Matter, InForce], ThreeCross]] = {
    "counting the parties": _by_number,
    "taking the informed for workers": _informed_work,
    "taking each department for an organisation": _each_is_an_organisation,
    "taking each division for a region": _another_division_is_another_region,
    "commanding who is only asked": _coordinated_is_commanded,
    "taking what is not known for no": _unknown_is_no,
}


@pytest.mark.parametrize("name", TWINS)
def test_a_rule_that_is_wrong_fails_some_case(name: str) -> None:
    rule = TWINS[name]
    wrong = [case for case, (one, expected) in CASES.items() if _says(rule(one, VIEW)) != expected]
    assert wrong, f"{name} gives the right answer in every case"


def _says(parts: ThreeCross) -> tuple[str, str, str]:
    return parts.region.says, parts.department.says, parts.authority.says


def test_each_part_cites_the_facts_it_rests_on() -> None:
    parts = three_cross(matter("far-street", "power", asset="pole-1", asset_seq=7, needs=(("identify", 8),)), VIEW)
    assert parts.region.facts == (1, 3)
    assert parts.department.facts == (3, 4)
    assert parts.authority.facts == (2, 4, 7, 8)


@pytest.mark.parametrize("name", CASES)
def test_every_part_says_why_in_words_and_cites_only_facts_of_the_matter(name: str) -> None:
    one, _ = CASES[name]
    known = {one.place_seq, one.asset_seq, one.centre_seq, *(s for _, s in one.needs), *(p.seq for p in one.parties)}
    parts = three_cross(one, VIEW)
    for part in (parts.region, parts.department, parts.authority):
        assert re.fullmatch(r"[^.\n]+", part.why)
        assert set(part.facts) <= known


def test_an_organisation_under_two_roles_is_one() -> None:
    twice = (Worker("urban", "lead", 3), Worker("urban", "assist", 4))
    assert says(replace(HERE, parties=twice))[1] == "no"


def test_a_unit_stationed_at_the_street_is_at_the_hand_of_the_streets_own_centre() -> None:
    there = org("street-centre", "street", "centre", division="411702001")
    view = city(organisations=(*ORGANISATIONS, there)).in_force(T0)
    own: dict[str, Any] = {"centre": "street-centre", "needs": (("penalty", 9),)}
    assert says(matter("squad-1", **own), view)[2] == "yes", "the bureau holds the power, and stands above the street"
    squads = [replace(o, powers=("penalty",)) if o.code == "squad-1" else replace(o, powers=()) for o in ORGANISATIONS]
    view = city(organisations=(*squads, there)).in_force(T0)
    assert says(matter("squad-1", **own), view)[2] == "no"


def test_a_centre_that_no_fact_names_is_that_of_the_division() -> None:
    assert says(matter("street", centre=None, asset="pole-1"))[2] == "yes"
    assert says(matter("far-street", centre=None, division="410102001", asset="pole-1"))[2] == "unknown"


def test_without_a_reference_nothing_about_others_is_known() -> None:
    assert says(matter("street", "power"), EMPTY.in_force(T0)) == ("unknown", "unknown", "unknown")


def test_commands_that_run_in_a_circle_end() -> None:
    odd = (org("a", "b"), org("b", "a"), org("centre", "a", "centre"))
    view = city(organisations=odd).in_force(T0)
    assert len(says(matter("a", "b"), view)) == 3


def test_the_rule_is_named_with_its_version() -> None:
    assert re.fullmatch(r"three-cross \d+", threecross.RULE)
