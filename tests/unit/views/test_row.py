"""A case as people look at it: the row after its facts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schemas import events
from schemas.events import (
    Acknowledged,
    Assignment,
    Checked,
    Closed,
    Committed,
    HandedBack,
    HandedOver,
    HandOverAnswered,
    Place,
    Refused,
    ReworkOrdered,
    SelfHandled,
)
from streams.core import case as cases
from streams.views import row as rows
from streams.views.row import CaseRow
from tests.builders import (
    CLOSED,
    DISPATCHED,
    FACTS,
    FILED,
    HANDED_BACK,
    MINUTE,
    NOT_FILED,
    NUMBER,
    PASSED,
    REPORTED,
    T0,
    WORKED,
    dispatched,
    fact,
    history,
    reported,
)
from tests.every_fact import every_fact


def row_after(*bodies: Any) -> CaseRow:
    row = rows.NEW
    for meta, body in history(bodies):
        row = rows.evolve(row, meta, body)
    return row


def at(seq: int) -> int:
    return T0 + seq * MINUTE


def test_a_report_says_where_what_and_from_whom() -> None:
    row = row_after(*REPORTED)
    assert (row.stage, row.system, row.source_number, row.inlet) == ("reported", "hotline", "1", "app")
    assert (row.category_scheme, row.category_version, row.category_code) == ("gb", "2021", "0105")
    assert (row.division, row.grid) == ("411702001001", "411702001001001")
    assert (row.longitude, row.latitude) == (114.02, 32.98)
    assert (row.opened_at, row.number, row.seq) == (at(1), None, 1)


def test_a_place_without_coordinates_has_none() -> None:
    row = row_after(reported(place=Place()))
    assert (row.division, row.longitude, row.latitude) == (None, None, None)


def test_each_step_has_its_own_time() -> None:
    row = row_after(*CLOSED)
    assert (row.number, row.stage, row.closing_kind, row.lead) == (NUMBER, "closed", "checked", "power")
    times = row.opened_at, row.filed_at, row.dispatched_at, row.handed_back_at, row.checked_at, row.closed_at
    assert times == (at(1), at(2), at(3), at(7), at(8), at(9))
    assert (row.seq, row.last_recorded_at) == (9, at(9) + 1_000_000)


def test_each_party_has_its_own_status_and_times() -> None:
    power, telecom, water = row_after(*WORKED, HandedBack("telecom")).parties
    assert (power.status, power.dispatched_at, power.acknowledged_at, power.handed_back_at) == (
        "acknowledged",
        at(3),
        at(4),
        None,
    )
    assert (telecom.status, telecom.handed_back_at) == ("handed_back", at(6))
    assert (water.role, water.status, water.acknowledged_at) == ("inform", "dispatched", None)


def test_the_case_is_handed_back_with_its_last_working_party() -> None:
    assert row_after(*WORKED, HandedBack("telecom")).stage == "dispatched"
    assert row_after(*HANDED_BACK).stage == "handed_back"


def test_rework_counts_and_sends_it_back() -> None:
    row = row_after(*HANDED_BACK, Checked("failed"), ReworkOrdered(("power", "telecom")))
    assert (row.stage, row.reworks, row.checked_at) == ("dispatched", 1, at(8))
    assert [p.status for p in row.parties] == ["rework", "rework", "dispatched"]


def test_refusals_are_counted_and_change_nothing_else() -> None:
    refused = Refused("threecross.claim.report.File", "File.stage", "the case is filed")
    row = row_after(*FILED, refused, refused)
    assert (row.stage, row.refused, row.seq) == ("filed", 2, 4)


def test_a_case_known_by_a_refusal_only_has_no_opening() -> None:
    row = row_after(Refused("threecross.claim.report.File", "case.unknown", "no report has opened this case"))
    assert (row.stage, row.opened_at, row.refused) == ("none", None, 1)


def test_broken_rules_are_kept_once_each_in_order() -> None:
    row = rows.NEW
    for seq, irregular in enumerate([(), ("File.stage",), ("time.before-report", "File.stage"), ()], 1):
        row = rows.evolve(row, *fact(reported(), seq, irregular=irregular))
    assert row.irregular == ("File.stage", "time.before-report")


@pytest.mark.parametrize(
    ("before", "start"), [(DISPATCHED, at(3)), (FILED, at(2)), (REPORTED, at(1)), ((), T0 + 1 * MINUTE)]
)
def test_a_promise_is_due_and_turns_yellow_at_80_percent(before: tuple[Any, ...], start: int) -> None:
    row = row_after(*before, Committed(start + 1_000, "basis"))
    assert (row.committed_due_at, row.due_at, row.yellow_at) == (start + 1_000, start + 1_000, start + 800)


def test_a_promise_in_the_past_is_yellow_from_the_start() -> None:
    row = row_after(*DISPATCHED, Committed(T0, "basis"))
    assert (row.due_at, row.yellow_at) == (T0, at(3))


def test_the_sources_word_stays_until_it_says_another() -> None:
    opened = reported(upstream_status="Assigned")
    assert row_after(opened, Closed("recorded")).upstream_status == "Assigned"
    assert row_after(opened, Closed("recorded", None, "Closed")).upstream_status == "Closed"
    assert row_after(opened, Acknowledged("power", "In Progress")).upstream_status == "In Progress"
    assert row_after(opened, HandedBack("power", upstream_status="Done")).upstream_status == "Done"


def test_settled_on_the_spot_is_closed_as_such() -> None:
    row = row_after(*REPORTED, SelfHandled(), Closed("self_handled"))
    assert (row.stage, row.closing_kind) == ("closed", "self_handled")


def test_a_dispatch_after_a_refused_hand_over_names_its_own_lead() -> None:
    refused = (*FILED, HandedOver("110", "police", "x"), HandOverAnswered("police", False, "not-ours"))
    row = row_after(*refused, dispatched(Assignment("gas", "lead")))
    assert (row.lead, [(p.org, p.status) for p in row.parties]) == (
        "gas",
        [("police", "released"), ("gas", "dispatched")],
    )


@pytest.mark.parametrize("body", FACTS, ids=lambda body: type(body).__name__)
def test_every_fact_is_folded_onto_any_row(body: Any) -> None:
    for before in ((), REPORTED, DISPATCHED, HANDED_BACK, CLOSED, NOT_FILED):
        row = row_after(*before)
        assert rows.evolve(row, *fact(body, row.seq + 1)).seq == row.seq + 1


def test_the_views_fold_every_fact_of_the_contract_and_so_all_that_casework_folds() -> None:
    assert set(rows.EVOLVE) == set(events.FACTS.values()) >= set(cases.EVOLVE)


@pytest.mark.parametrize("bodies", [(), REPORTED, FILED, DISPATCHED, WORKED, HANDED_BACK, PASSED, CLOSED, NOT_FILED])
def test_casework_and_views_agree_on_stage_and_parties(bodies: tuple[Any, ...]) -> None:
    case = cases.NEW
    for meta, body in history(bodies):
        case = cases.evolve(case, meta, body)
    row = row_after(*bodies)
    assert row.stage == case.stage
    assert [(p.org, p.role, p.status) for p in row.parties] == [(p.org, p.role, p.status) for p in case.parties]


@pytest.mark.parametrize("body", every_fact(), ids=lambda body: type(body).__name__)
def test_every_fact_of_the_contract_is_folded_onto_any_row_also_twice(body: Any) -> None:
    for before in ((), REPORTED, DISPATCHED, HANDED_BACK, CLOSED, NOT_FILED):
        row = row_after(*before, body, body)
        assert row.seq == len(before) + 2
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(row), type=CaseRow) == row
