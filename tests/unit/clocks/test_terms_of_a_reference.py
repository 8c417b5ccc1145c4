"""What reference data says to clocks, by the version that a fact cites."""

from __future__ import annotations

from typing import Any

from schemas.events import (
    Calendar,
    CalendarYear,
    Policy,
    Regime,
    RegimeDeclaration,
    StageClock,
    Standard,
    Window,
)
from streams.core.clocks.from_reference import ReferenceTerms, terms_of
from streams.core.clocks.terms import JUSTIFICATION, Hours, Kind, Limit, Unreadable
from streams.core.reference import EMPTY, Reference
from tests.builders import T0
from tests.clock_samples import DAY, HOUR, MINUTE
from tests.reference_samples import load

OFFICE = (Window(480, 720), Window(840, 1080))
NONE: tuple[str, ...] = ()
CONDITION = ("gb", "2026", "7")


def policy(**changes: Any) -> Policy:
    values: dict[str, Any] = {
        "division": "4117",
        "whistle_names_targets": False,
        "returns_before_adjudication": 3,
        "report_in_minutes": 30,
        "audit_percent": 10,
        "first_answer_minutes": 1440,
        "stage_clocks": (StageClock("acceptance", 15),),
        "back_dating_minutes": 60,
        "at_once": False,
    }
    return Policy(**values | changes)


def calendar(*years: int, name: str = "china", version: str = "1") -> Calendar:
    known = tuple(CalendarYear(year, (), ()) for year in years)
    return Calendar(name, version, "Asia/Shanghai", OFFICE, (6, 7), known)


def standard(amount: int, unit: Any = "working_day", version: str = "2026", **changes: Any) -> Standard:
    return Standard("gb", version, "0105", "pole", "7", "leans", amount, unit, **changes)


def reference(*documents: tuple[str, list[Any]], **changes: Any) -> Reference:
    return EMPTY.after(load(n, kind, items, **changes) for n, (kind, items) in enumerate(documents, 1))


def limit(terms: ReferenceTerms, kind: Kind, condition: tuple[str, ...] = CONDITION, regime: str = "") -> Any:
    return terms.limit(kind, "411702", condition, terms.reference.version, T0, regime)


CITY = (("policies", [policy()]), ("calendars", [calendar(2025, 2026)]), ("standards", [standard(2)]))


def test_stages_have_the_minutes_of_the_policy_of_the_place() -> None:
    terms = ReferenceTerms(reference(*CITY))
    stated = {kind: limit(terms, kind) for kind in (Kind.ACCEPTANCE, Kind.REPORT_IN, Kind.FIRST_ANSWER)}
    assert {kind: found.in_clock_time(0) // MINUTE for kind, found in stated.items()} == {
        Kind.ACCEPTANCE: 15,
        Kind.REPORT_IN: 30,
        Kind.FIRST_ANSWER: 1440,
    }
    assert terms.back_dating("411702", 3, T0) == HOUR


def test_another_place_has_no_clock_of_a_stage() -> None:
    terms = ReferenceTerms(reference(*CITY))
    assert terms.limit(Kind.ACCEPTANCE, "350125", NONE, 3, T0, "") is None
    assert terms.back_dating("350125", 3, T0) is None


def test_disposal_and_closure_have_the_limit_of_the_filing_condition() -> None:
    terms = ReferenceTerms(reference(*CITY))
    for kind in (Kind.DISPOSAL, Kind.CLOSURE):
        assert limit(terms, kind) == Limit(2, "working_days", "condition gb 2026 7", condition=("gb", "2026", "7"))
        assert limit(terms, kind, NONE) is None
        assert limit(terms, kind, ("gb", "2026", "unknown")) is None


def test_a_limit_that_nobody_could_read_says_why() -> None:
    why = "15 working days in the planting season"
    terms = ReferenceTerms(reference(("standards", [standard(0, unreadable=why)])))
    assert limit(terms, Kind.DISPOSAL) == Unreadable("condition gb 2026 7", why, ("gb", "2026", "7"))


def test_a_later_policy_does_not_judge_what_was_begun_before_it() -> None:
    grown = reference(*CITY, ("policies", [policy(stage_clocks=(StageClock("acceptance", 5),))]))
    terms = ReferenceTerms(grown)
    found = [terms.limit(Kind.ACCEPTANCE, "411702", NONE, version, T0, "") for version in (3, 4)]
    assert [one.amount for one in found if isinstance(one, Limit)] == [15, 5]


def test_a_new_standards_table_leaves_the_old_one_where_it_is() -> None:
    terms = ReferenceTerms(reference(*CITY, ("standards", [standard(9, version="2027")])))
    assert limit(terms, Kind.DISPOSAL) == Limit(2, "working_days", "condition gb 2026 7", condition=("gb", "2026", "7"))
    assert limit(terms, Kind.DISPOSAL, ("gb", "2027", "7")).amount == 9


def test_a_hand_over_is_justified_in_24_hours_whatever_is_loaded() -> None:
    assert limit(ReferenceTerms(EMPTY), Kind.JUSTIFICATION) == JUSTIFICATION


# ------------------------------------------------------------ hours


def hours(terms: ReferenceTerms, regime: str = "", version: int | None = None) -> Hours | None:
    return terms.hours("411702", terms.reference.version if version is None else version, T0, regime)


def test_the_only_calendar_holds() -> None:
    found = hours(ReferenceTerms(reference(*CITY)))
    assert found is not None
    assert (found.label, found.day_us, found.further) == ("china 1", 8 * HOUR, None)


def test_without_a_calendar_or_with_several_none_is_guessed() -> None:
    several = ("calendars", [calendar(2026), calendar(2026, name="port")])
    assert hours(ReferenceTerms(EMPTY)) is None
    assert hours(ReferenceTerms(reference(several))) is None


def test_each_district_of_a_hub_has_the_calendar_that_its_policy_names() -> None:
    several = ("calendars", [calendar(2025), calendar(2025, name="port", version="3")])
    policies = ("policies", [policy(calendar="china"), policy(division="3501", calendar="port")])
    terms = ReferenceTerms(reference(several, policies))
    found = [terms.hours(division, 2, T0, "") for division in ("411702", "350125", "110101")]
    assert [one and one.label for one in found] == ["china 1", "port 3", None]


def test_where_a_policy_names_none_the_one_that_nobody_names_holds() -> None:
    several = ("calendars", [calendar(2025), calendar(2025, name="port", version="3")])
    terms = ReferenceTerms(reference(several, ("policies", [policy(), policy(division="3501", calendar="port")])))
    found = [terms.hours(division, 2, T0, "") for division in ("411702", "350125")]
    assert [one and one.label for one in found] == ["china 1", "port 3"]


def test_a_calendar_that_is_named_and_not_there_is_not_replaced_by_another() -> None:
    """The bad twin takes the only one there is, and all due times look right."""
    terms = ReferenceTerms(reference(CITY[1], ("policies", [policy(calendar="harbour")])))
    assert hours(terms) is None


def test_in_a_regime_its_calendar_goes_before_that_of_the_policy() -> None:
    all_day = ("calendars", [calendar(2025), calendar(2025, name="all-day"), calendar(2025, name="port")])
    terms = ReferenceTerms(reference(all_day, ("policies", [policy(calendar="port")]), ("regimes", [EMERGENCY])))
    ordinary, special = hours(terms), hours(terms, "typhoon")
    assert ordinary is not None
    assert special is not None
    assert (ordinary.label, special.label, special.day_us) == ("port 1", "all-day 1", ordinary.day_us)


def test_a_later_version_makes_unknown_years_known_from_the_day_it_was_loaded() -> None:
    loads = [
        load(1, "calendars", [calendar(2025)]),
        load(2, "calendars", [calendar(2025, 2026, version="2")], recorded_at=T0 + DAY),
    ]
    found = hours(ReferenceTerms(EMPTY.after(loads)), version=1)
    assert found is not None
    assert found.further is not None
    assert (found.label, found.further_label, found.further_at) == ("china 1", "china 2", T0 + DAY)
    assert (found.calendar.known_years, found.further.known_years) == (frozenset({2025}), frozenset({2025, 2026}))


EMERGENCY = Regime("typhoon", "typhoon", "centre", "centre", "centre", calendar="all-day", limit_percent=50)


def test_a_regime_has_its_calendar_and_its_share_of_the_limits() -> None:
    both = ("calendars", [calendar(2025), calendar(2025, name="all-day")])
    terms = ReferenceTerms(reference(CITY[0], both, ("standards", [standard(2)]), ("regimes", [EMERGENCY])))
    ordinary, special = hours(terms), hours(terms, "typhoon")
    assert ordinary is not None
    assert special is not None
    assert (ordinary.label, special.label) == ("china 1", "all-day 1")
    assert limit(terms, Kind.DISPOSAL, regime="typhoon").in_clock_time(8 * HOUR) == 8 * HOUR


def test_a_case_that_begins_under_a_regime_is_judged_by_it() -> None:
    declared = RegimeDeclaration("typhoon", ("4117",), T0, "centre", "centre", ends_at=T0 + DAY)
    terms = ReferenceTerms(reference(("regimes", [EMERGENCY]), ("declarations", [declared])))
    assert [terms.regime("411702", 2, when) for when in (T0, T0 + DAY)] == ["typhoon", ""]
    assert terms.regime("350125", 2, T0) == ""


def test_terms_of_one_reference_are_made_once() -> None:
    known = reference(*CITY)
    assert terms_of(known) is terms_of(known)
