"""Questions to what is in force: command, stations, grids, staffing, police codes, regimes."""

from typing import Any

import pytest

from schemas.events import (
    Duty,
    Fallback,
    OrganisationRelation,
    PoliceCode,
    Policy,
    Regime,
    RegimeDeclaration,
    RoleGrant,
)
from streams.core.reference import InForce, city, organisations, places
from tests.builders import CATEGORY, T0
from tests.reference_samples import DAY, grid, org, post, reference

ORGS = (
    org("district", kind="district"),
    org("street", "district", "street"),
    org("community", "street", "community"),
    org("housing", "district"),
    org("bureau", "district", "urban_management"),
    org("squad", "bureau", "squad"),
    org("power", kind="power"),
    org("police", kind="police"),
)
RELATIONS = (
    OrganisationRelation("squad", "street", "stationed"),
    OrganisationRelation("centre", "power", "coordinated"),
)


def view(*documents: tuple[str, Any]) -> InForce:
    return reference(("organisations", ORGS), ("relations", RELATIONS), *documents).in_force(T0)


def test_command_goes_up_step_by_step() -> None:
    assert list(organisations.superiors(view(), "community")) == ["street", "district"]
    assert organisations.commands(view(), "district", "squad")
    assert not organisations.commands(view(), "street", "squad")


def test_nobody_commands_power_and_police() -> None:
    assert organisations.common_superior(view(), "power", "street") is None
    assert organisations.common_superior(view(), "housing", "community") == "district"
    assert organisations.common_superior(view(), "street", "community") == "street"


def test_a_circle_of_superiors_ends() -> None:
    circle = reference(("organisations", [org("a", "b"), org("b", "a")])).in_force(T0)
    assert list(organisations.superiors(circle, "a")) == ["b"]


def test_a_squad_is_stationed_at_a_street_that_does_not_command_it() -> None:
    assert organisations.stationed_at(view(), "street") == ("squad",)
    assert organisations.relation(view(), "squad", "street") == "stationed"
    assert organisations.relation(view(), "street", "squad") is None


def test_coordination_holds_from_either_side_and_command_is_subordination() -> None:
    assert organisations.relation(view(), "power", "centre") == "coordinated"
    assert organisations.relation(view(), "centre", "power") == "coordinated"
    assert organisations.relation(view(), "community", "district") == "subordinate"


def test_a_role_may_be_bound_to_a_person() -> None:
    grants = view(("roles", [RoleGrant("centre", "dispatcher"), RoleGrant("street", "leader", "p1")]))
    assert organisations.may_act(grants, "centre", "dispatcher", "anyone")
    assert organisations.may_act(grants, "street", "leader", "p1")
    assert not organisations.may_act(grants, "street", "leader", "p2")
    assert not organisations.may_act(grants, "power", "dispatcher")


def test_a_duty_ends_when_it_ends() -> None:
    roster = view(("rosters", [Duty("power", "handler", T0, T0 + DAY, ("p1",))]))
    assert organisations.on_duty(roster, "power", T0) is not None
    assert organisations.on_duty(roster, "power", T0 + DAY) is None


def test_a_gap_between_shifts_has_nobody_on_duty_and_before_and_after_no_roster_says() -> None:
    shifts = [Duty("power", "handler", T0 + n * DAY, T0 + (n + 1) * DAY, (f"p{n}", "p9")) for n in (0, 2)]
    roster = view(("rosters", shifts))
    told = [organisations.persons_on_duty(roster, "power", T0 + n * DAY) for n in (-1, 0, 1, 2, 3)]
    assert told == [None, ("p0", "p9"), (), ("p2", "p9"), None]
    assert organisations.persons_on_duty(roster, "water", T0) is None


def test_a_building_lies_in_all_grids_above_it() -> None:
    grids = view(("grids", [grid("s", level="street"), grid("g", "s"), grid("b", "g", level="building")]))
    assert [found.code for found in places.grids_above(grids, "b")] == ["b", "g", "s"]
    assert list(places.grids_above(grids, "unknown")) == []


POSTS = (
    post("g1", "leader", "leader"),
    post("g1", None, deputy="stand-in"),
    post("g1", "part", "part_time", leave_from=T0, leave_until=T0 + DAY),
    post("g2", "leader", "leader"),
)


def test_who_works_on_a_grid_counts_leave_vacancy_and_deputies() -> None:
    staffed = view(("posts", POSTS))
    assert places.workers(staffed, "g1", T0) == ("leader", "stand-in")
    assert places.workers(staffed, "g1", T0 + DAY) == ("leader", "stand-in", "part")
    assert places.grids_of_worker(staffed, "leader", T0) == ("g1", "g2")


def test_a_police_code_is_read_by_its_day() -> None:
    new = T0 + 30 * DAY
    codes = [PoliceCode("411702001001", "4" * 15, T0, new), PoliceCode("411702001001", "5" * 15, new)]
    lines = view(("police-codes", codes))
    assert places.police_codes(lines, "411702001001", new - 1) == ("4" * 15,)
    assert places.police_codes(lines, "411702001001", new) == ("5" * 15,)
    assert places.division_of_police_code(lines, "4" * 15, new) is None


def test_the_smallest_area_governs() -> None:
    regimes = [Regime(code, code, "r", "r", "r") for code in ("normal", "flood", "fire")]
    declared = [
        RegimeDeclaration("flood", ("411702",), T0, "district", "city"),
        RegimeDeclaration("fire", ("411702001",), T0 - DAY, "district", "city", T0 + DAY),
    ]
    area = view(("regimes", regimes), ("declarations", declared))
    at = [city.regime(area, d, T0) for d in ("411702002001", "411702001001", "410102")]
    assert [found.code if found else None for found in at] == ["flood", "fire", None]
    ended = city.regime(area, "411702001001", T0 + DAY)
    assert ended is not None
    assert ended.code == "flood"


@pytest.mark.parametrize(
    ("division", "kind", "unit"),
    [("411702001", "pole", "pole-unit"), ("411702001", "cover", "street-1"), ("411702009", "cover", "housing")],
)
def test_what_has_no_owner_goes_to_the_unit_that_says_most_about_it(division: str, kind: str, unit: str) -> None:
    units = [Fallback("housing"), Fallback("street-1", "411702001"), Fallback("pole-unit", None, "pole")]
    found = city.fallback(view(("fallbacks", units)), division, kind, CATEGORY)
    assert found is not None
    assert found.org == unit


def test_a_citys_policy_is_that_of_the_smallest_area() -> None:
    policies = [Policy(d, False, n, 30, 10, 60, (), 60, False) for n, d in ((3, "411702"), (2, "411702001"))]
    found = city.policy(view(("policies", policies)), "411702001003")
    assert found is not None
    assert found.returns_before_adjudication == 2
    assert city.policy(view(("policies", policies)), "410102") is None
