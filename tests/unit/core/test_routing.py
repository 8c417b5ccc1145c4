"""Who should act: lists, the three roles of an asset, grids, regimes, duty, levels. Each beside its obvious twin."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import (
    Asset,
    Assignment,
    Candidate,
    Category,
    Duty,
    Fallback,
    Organisation,
    OrganisationRelation,
    Policy,
    Regime,
    RegimeDeclaration,
    ResponsibilityItem,
    Standard,
)
from streams.core.reference import EMPTY, InForce
from streams.core.routing import Matter, Proposal, propose, proposed
from tests.builders import CATEGORY, T0
from tests.reference_samples import DAY, grid, load, org, reference

PLACE = "411702001001"
ORGS = (
    org("district", kind="district", level="district", division="411702"),
    org("centre", "district", "centre", level="district", division="411702"),
    org("street", "district", "street", level="street", division="411702001"),
    org("community", "street", "community", level="community", division=PLACE),
    org("market", "street", "enterprise", level="grid"),
    org("bureau", "district", "urban_management", level="district"),
    org("squad", "bureau", "squad", level="street"),
    org("housing", "district"),
    org("water", "district", "water"),
    org("power", kind="power"),
    org("telecom", kind="telecom"),
    org("police", kind="police"),
)
RELATIONS = (
    OrganisationRelation("squad", "street", "stationed"),
    OrganisationRelation("power", "centre", "coordinated"),
    OrganisationRelation("telecom", "centre", "coordinated"),
)
GRIDS = (grid("g1", division=PLACE), grid("m1", "g1", kind="dedicated", division=PLACE, org="market"))
POLE = Asset("P7", "pole", division=PLACE, supervises="bureau", owns="power", maintains="telecom")
ORPHAN = Asset("P8", "pole", division=PLACE, supervises="bureau")
FALLBACKS = (Fallback("housing", "411702"),)


def view(*documents: tuple[str, Any]) -> InForce:
    standing = [("organisations", ORGS), ("relations", RELATIONS), ("grids", GRIDS), ("fallbacks", FALLBACKS)]
    return reference(*standing, ("assets", (POLE, ORPHAN)), *documents).in_force(T0)


def item(lead: str, code: str = "7", **changes: Any) -> ResponsibilityItem:
    values: dict[str, Any] = {"categories": (CATEGORY,), "title": code}
    return ResponsibilityItem(code=code, lead=lead, **values | changes)


def items(*found: ResponsibilityItem) -> tuple[str, Any]:
    return "responsibilities", found


def ask(
    *documents: tuple[str, Any],
    category: Category | None = CATEGORY,
    now: int = T0,
    at: str | None = PLACE,
    **matter: Any,
) -> Proposal:
    return propose(view(*documents), Matter(category=category, division=at, **matter), now)


def standard(*disposers: Candidate) -> Standard:
    return Standard("gb", "2021", "0105", "灯杆", "0105-a1", "倾斜", 2, "urgent_hour", disposers=disposers)


# ------------------------------------------------------------ lists


def test_an_item_names_lead_assists_and_informed_and_is_cited() -> None:
    found = ask(items(item("street", assists=("power", "@owner"), informed=("bureau",))), asset="P7")
    assert (found.lead, found.assists, found.informed) == ("street", ("power",), ("bureau",))
    assert found.basis == "item 7 of yicheng 6"
    assert found.level == "street"


def test_the_edition_of_a_list_is_cited() -> None:
    documents = [load(1, "organisations", ORGS), load(2, "responsibilities", [item("street")], edition="2026")]
    found = propose(EMPTY.after(documents).in_force(T0), Matter(CATEGORY, PLACE), T0)
    assert found.basis == "item 7 of yicheng 2026"


def test_a_list_goes_before_the_roles_of_the_asset() -> None:
    assert ask(items(item("water")), asset="P7").lead == "water"
    assert ask(items(item("water", categories=())), asset="P7").lead == "power"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"divisions": ("411702001",)}, "a smaller division"),
        ({"grids": ("g1",)}, "a named grid"),
        ({"divisions": ("411702",)}, "a division before everywhere"),
    ],
)
def test_the_item_that_says_most_about_the_place_rules(other: dict[str, Any], why: str) -> None:
    assert ask(items(item("water", "1"), item("housing", "2", **other)), grid="m1").lead == "housing", why


def test_the_very_category_goes_before_its_whole_scheme() -> None:
    whole = item("water", "1", categories=(Category("gb", "2021", ""),))
    assert ask(items(whole, item("housing", "2"))).lead == "housing"
    assert ask(items(whole)).lead == "water"


@pytest.mark.parametrize("other", [Category("gb", "2005", "0105"), Category("yc", "2021", "0105")])
def test_the_same_code_of_another_list_is_another_category(other: Category) -> None:
    assert ask(items(item("water")), category=other).lead == "street", "by way of the street to the community"


def test_an_item_of_another_place_does_not_fit() -> None:
    assert ask(items(item("water", divisions=("410102",)))).basis.startswith("community of the place")
    assert ask(items(item("water", grids=("g1",)))).basis.startswith("community of the place")


@pytest.mark.parametrize(
    ("role", "org_"), [("@street", "street"), ("@district", "district"), ("@maintains", "telecom")]
)
def test_an_item_may_name_a_role_of_place_or_asset(role: str, org_: str) -> None:
    assert ask(items(item(role)), asset="P7").lead == org_


def test_an_item_whose_role_is_nobody_leaves_the_matter_to_the_next_rule() -> None:
    found = ask(items(item("@maintains", "1"), item("water", "2")))
    assert (found.lead, found.basis) == ("water", "item 2 of yicheng 6")


# ------------------------------------------------------------ the three roles of an asset


def test_the_owner_leads_who_maintains_assists_who_supervises_is_informed() -> None:
    found = ask(asset="P7", category=None)
    assert (found.lead, found.assists, found.informed) == ("power", ("telecom",), ("bureau",))
    assert found.basis == "asset P7: owner"


def test_a_candidate_that_has_a_role_leads() -> None:
    found = ask(asset="P7", condition=standard(Candidate("water", "named"), Candidate("telecom", "named")))
    assert (found.lead, found.assists) == ("telecom", ("power",))
    assert "water" not in (*found.assists, *found.informed), "a name in the table is a candidate, no party"


def test_each_owner_means_the_owner_of_the_asset_never_a_department_of_that_name() -> None:
    owners = Candidate("各产权单位", "owner")
    named = (
        "organisations",
        [*ORGS, Organisation("trap", "各产权单位", "bureau", division="411702", commanded_by="district")],
    )
    found = ask(named, asset="P7", condition=standard(Candidate("telecom", "named"), owners))
    assert found.lead == "power"
    assert ask(named, condition=standard(owners)).lead == "housing"


def test_what_has_no_owner_goes_to_the_fallback_unit_not_to_who_supervises() -> None:
    found = ask(asset="P8", category=None)
    assert (found.lead, found.informed) == ("housing", ("bureau",))
    assert found.basis == "asset P8: without owner, fallback 兜底"
    assert ask(items(item("@owner")), asset="P8").lead == "housing"


def test_an_owner_nobody_knows_waits_for_a_dispatcher() -> None:
    city = ("policies", [Policy("411702", False, 3, 30, 10, 60, (), 60, True)])
    found = ask(city, condition=standard(Candidate("各产权单位", "owner")))
    assert (found.lead, found.at_once) == ("housing", False)
    assert "owner unknown" in found.basis


# ------------------------------------------------------------ candidates without an asset


def test_the_only_candidate_leads_several_are_no_answer() -> None:
    assert ask(condition=standard(Candidate("water", "named"))).basis == "condition 0105-a1: its only candidate"
    several = ask(condition=standard(Candidate("water", "named"), Candidate("housing", "named")))
    assert several.basis.startswith("community of the place")


def test_who_is_only_described_is_left_to_a_dispatcher() -> None:
    assert ask(condition=standard(Candidate("water", "described"))).lead != "water"


def test_a_department_of_another_district_is_no_candidate() -> None:
    others = ("organisations", [*ORGS, org("water", division="410102", name_en="other")])
    assert ask(others, condition=standard(Candidate("water", "named"))).lead == "water"
    elsewhere = ("organisations", [org("far", kind="water", division="410102")])
    assert ask(elsewhere, condition=standard(Candidate("far", "named"))).lead != "far"


# ------------------------------------------------------------ grids


def test_a_dedicated_grid_goes_before_the_territorial_one() -> None:
    grids = ("grids", [grid("g1", division=PLACE, org="community"), *GRIDS[1:]])
    found = ask(grids, grid="m1", handler="street", category=None)
    assert (found.lead, found.basis) == ("market", "dedicated grid m1")
    assert ask(grids, grid="g1", handler="street").lead == "community"


def test_a_building_in_a_dedicated_grid_belongs_to_it() -> None:
    building = ("grids", [*GRIDS, grid("b1", "m1", level="building", division=PLACE, org="community")])
    assert ask(building, grid="b1", handler="street").lead == "market"


# ------------------------------------------------------------ nobody, and levels


def test_where_no_rule_fits_it_goes_to_the_centre_and_says_so() -> None:
    city = ("policies", [Policy("411702", False, 3, 30, 10, 60, (), 60, True)])
    found = ask(city, at="411702009001")
    assert (found.lead, found.basis, found.at_once) == ("centre", "no rule fits: to the centre", False)


def test_without_any_reference_it_goes_to_a_centre_too() -> None:
    assert propose(EMPTY.in_force(T0), Matter(), T0).lead == "centre"


def test_no_level_is_skipped_unless_a_rule_allows_it() -> None:
    found = ask(items(item("community", at_once=True)))
    assert (found.lead, found.level) == ("street", "street")
    assert found.basis == "item 7 of yicheng 6; by way of street to community, no level is skipped"
    assert ask(items(item("community", skips_levels=True))).lead == "community"
    assert ask(items(item("community")), handler="street").lead == "community"


def test_upwards_goes_step_by_step() -> None:
    assert ask(items(item("bureau")), handler="community").lead == "street"
    assert ask(items(item("bureau")), handler="street").lead == "district"
    assert ask(items(item("bureau")), handler="centre").lead == "bureau", "the centre acts for the district"


def test_for_somebody_whom_the_reference_does_not_know_the_centre_assigns() -> None:
    assert ask(items(item("water")), handler="hotline").lead == "water"


def test_a_stationed_squad_is_reached_by_its_street_though_another_commands_it() -> None:
    found = ask(items(item("squad")), handler="street")
    assert (found.lead, found.level) == ("squad", "street")


def test_power_is_coordinated_by_the_centre_and_commanded_by_nobody() -> None:
    assert ask(items(item("power"))).lead == "power"
    assert ask(items(item("power"))).level == "district", "outside the hierarchy: the level of who assigns"
    assert ask(items(item("power")), handler="street").lead == "district"


def test_who_cannot_be_reached_leaves_it_to_the_centre() -> None:
    found = ask(items(item("police", at_once=True)))
    assert (found.lead, found.at_once) == ("centre", False)
    assert found.basis == "item 7 of yicheng 6; centre cannot reach police: to the centre"


def test_an_assist_out_of_reach_waits_for_a_dispatcher() -> None:
    found = ask(items(item("street", assists=("police", "power"), at_once=True)))
    assert (found.lead, found.assists, found.at_once) == ("street", ("police", "power"), False)
    assert found.basis.endswith("only a dispatcher can ask police")


# ------------------------------------------------------------ regimes, duty, at once

FLOOD = ("regimes", [Regime("flood", "防汛", "centre", "district", "centre", list="flood-list", at_once=True)])
DECLARED = ("declarations", [RegimeDeclaration("flood", ("411702001",), T0, "centre", "district", T0 + DAY)])


@pytest.mark.parametrize(
    ("now", "lead", "code"), [(T0, "water", "flood"), (T0 - 1, "street", None), (T0 + DAY, "street", None)]
)
def test_a_regimes_list_goes_first_while_it_is_declared(now: int, lead: str, code: str | None) -> None:
    loads = [
        load(1, "organisations", ORGS, valid_from=0),
        load(2, "responsibilities", [item("street", grids=())], valid_from=0),
        load(3, "responsibilities", [item("water", divisions=("41",))], name="flood-list", valid_from=0),
        load(4, *FLOOD, valid_from=0),
        load(5, *DECLARED, valid_from=0),
    ]
    plain = [load(6, "responsibilities", [item("street", divisions=(PLACE,))], valid_from=0)]
    found = propose(EMPTY.after([*loads, *plain]).in_force(now), Matter(CATEGORY, PLACE), now)
    assert (found.lead, found.regime, found.at_once) == (lead, code, code is not None)


@pytest.mark.parametrize(
    ("item_", "regime_", "city", "expected"),
    [
        (None, None, None, False),
        (None, None, True, True),
        (None, True, False, True),
        (False, True, True, False),
        (True, None, False, True),
    ],
)
def test_at_once_is_said_by_the_item_else_the_regime_else_the_city(
    item_: bool | None, regime_: bool | None, city: bool | None, expected: bool
) -> None:
    documents = [items(item("street", at_once=item_))]
    if regime_ is not None:
        documents += [("regimes", [Regime("r", "r", "c", "d", "c", at_once=regime_)]), ("declarations", DECLARED[1])]
        documents[-1] = ("declarations", [RegimeDeclaration("r", ("411702",), T0, "centre", "district")])
    if city is not None:
        documents.append(("policies", [Policy("411702", False, 3, 30, 10, 60, (), 60, city)]))
    assert ask(*documents).at_once is expected


ROSTER = ("rosters", [Duty("power", "handler", T0, T0 + DAY, ("p1", "p2"))])


def test_who_is_on_duty_is_named() -> None:
    assert ask(ROSTER, items(item("power", at_once=True))).duty == (("power", "p1"), ("power", "p2"))


LATER_SHIFT = Duty("power", "handler", T0 + 2 * DAY, T0 + 3 * DAY, ("p3",))


def test_a_gap_in_the_roster_waits_for_a_dispatcher() -> None:
    gap = ("rosters", [*ROSTER[1], LATER_SHIFT])
    found = ask(gap, items(item("power", at_once=True)), now=T0 + DAY)
    assert (found.lead, found.at_once) == ("power", False)
    assert found.basis.endswith("nobody of power is on duty")


@pytest.mark.parametrize("now", [T0 - 1, T0 + 3 * DAY])
def test_before_its_first_and_after_its_last_shift_a_roster_says_nothing(now: int) -> None:
    roster = ("rosters", [*ROSTER[1], LATER_SHIFT])
    assert ask(roster, items(item("power", at_once=True)), now=now).at_once


def test_a_proposal_becomes_the_fact_that_tells_it() -> None:
    fact = proposed(ask(items(item("street", assists=("power",), informed=("bureau",)))))
    assert fact.parties == (Assignment("street", "lead"), Assignment("power", "assist"), Assignment("bureau", "inform"))
    assert (fact.level, fact.at_once, fact.basis) == ("street", False, "item 7 of yicheng 6")


# ------------------------------------------------------------ laws

CODES = [one.code for one in ORGS]
ANSWERS = st.sampled_from([*CODES, "@owner", "@maintains", "@grid", "@community", "@street", "nobody"])


@given(
    leads=st.lists(st.tuples(ANSWERS, st.lists(ANSWERS, max_size=3), st.booleans()), max_size=4),
    at=st.sampled_from([None, PLACE, "411702", "999999"]),
    asset=st.sampled_from([None, "P7", "P8", "unknown"]),
    found=st.sampled_from([None, "g1", "m1", "unknown"]),
    handler=st.sampled_from([None, *CODES, "nobody"]),
)
def test_there_is_always_exactly_one_lead_with_a_reason_and_nobody_has_two_roles(
    leads: list[tuple[str, list[str], bool]], at: str | None, asset: str | None, found: str | None, handler: str | None
) -> None:
    listed = [
        item(lead, str(n), assists=tuple(a), informed=tuple(a[:1]), skips_levels=s)
        for n, (lead, a, s) in enumerate(leads)
    ]
    made = ask(items(*listed), at=at, asset=asset, grid=found, handler=handler)
    everybody = [made.lead, *made.assists, *made.informed]
    assert made.lead
    assert made.basis
    assert len(everybody) == len(set(everybody))
    assert not any(org.startswith("@") for org in everybody)
    assert made == ask(items(*listed), at=at, asset=asset, grid=found, handler=handler)
