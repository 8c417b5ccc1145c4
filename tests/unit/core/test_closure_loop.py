"""The closure loop: report, file, dispatch, acknowledge, hand back, check, close, and the ways around it."""

import pytest

from schemas.events import (
    Acknowledge,
    Acknowledged,
    AddAlias,
    AliasAdded,
    Assignment,
    Check,
    Checked,
    Close,
    Closed,
    Commit,
    Committed,
    File,
    Filed,
    FilingRefused,
    HandBack,
    HandedBack,
    RefuseFiling,
    ReworkOrdered,
    SelfHandle,
    SelfHandled,
)
from streams.core import case as cases
from streams.core.authority import Stage
from tests.before import BEFORE
from tests.builders import (
    AT,
    CLAIMS,
    CLOSED,
    DISPATCHED,
    FACTS,
    FILED,
    HANDED_BACK,
    INSPECTOR,
    NOT_FILED,
    NUMBER,
    PARTIES,
    PASSED,
    PERSON,
    PHOTO,
    POWER,
    REPORTED,
    SOON,
    SOURCE,
    STREET,
    T0,
    TEXT,
    WORKED,
    dispatch,
    dispatched,
    fact,
    given,
    report,
    reported,
    whole_loop,
)


def test_a_report_opens_a_case() -> None:
    opened = given().when(report(text=TEXT, evidence=(PHOTO,), reporter=PERSON, upstream_status="new"))
    after = opened.then(reported(text=TEXT, evidence=(PHOTO,), reporter=PERSON, upstream_status="new"))
    assert after.case.stage is Stage.REPORTED


def test_a_report_becomes_a_case_with_a_number() -> None:
    assert given(*REPORTED).when(File()).then(Filed(NUMBER)).case.stage is Stage.FILED


def test_a_report_is_refused_filing_and_that_ends_it() -> None:
    after = given(*REPORTED).when(RefuseFiling("not-ours", TEXT)).then(FilingRefused("not-ours", TEXT))
    assert after.case.stage is Stage.NOT_FILED
    after.when(File()).then_refused("File.stage")


def test_a_case_is_dispatched_to_one_lead_and_others() -> None:
    after = given(*FILED).when(dispatch()).then(dispatched())
    assert [(p.org, p.role) for p in after.case.parties] == [(a.org, a.role) for a in PARTIES]


def test_each_party_acknowledges_for_itself() -> None:
    after = given(*DISPATCHED).when(Acknowledge("telecom")).then(Acknowledged("telecom"))
    assert [p.status for p in after.case.parties] == ["dispatched", "acknowledged", "dispatched"]


def test_a_promise_is_recorded_with_its_basis() -> None:
    promise = Commit(T0 + 1, "shed in 10 days", "power")
    given(*WORKED).when(promise, by=POWER).then(Committed(T0 + 1, "shed in 10 days", "power"))


def test_the_case_is_handed_back_when_the_last_party_that_works_has_handed_back() -> None:
    first = given(*WORKED).when(HandBack("telecom", TEXT, (PHOTO,))).then(HandedBack("telecom", TEXT, (PHOTO,)))
    assert first.case.stage is Stage.DISPATCHED
    assert first.when(HandBack("power")).then(HandedBack("power")).case.stage is Stage.HANDED_BACK


def test_a_party_may_hand_back_without_having_acknowledged() -> None:
    given(*DISPATCHED).when(HandBack("telecom")).then(HandedBack("telecom"))


def test_a_check_on_site_passes_and_the_case_is_closed() -> None:
    passed = given(*HANDED_BACK).when(Check("passed", TEXT, (PHOTO,))).then(Checked("passed", TEXT, (PHOTO,)))
    assert passed.case.stage is Stage.PASSED
    closed = passed.when(Close("checked", "done")).then(Closed("checked", "done"))
    assert closed.case.stage is Stage.CLOSED


def test_a_failed_check_sends_the_work_back_to_the_parties_that_work() -> None:
    after = given(*HANDED_BACK).when(Check("failed")).then(Checked("failed"), ReworkOrdered(("power", "telecom")))
    assert after.case.stage is Stage.DISPATCHED
    assert [p.status for p in after.case.parties] == ["rework", "rework", "dispatched"]


def test_reworked_the_case_is_handed_back_checked_and_closed() -> None:
    again = given(*HANDED_BACK, Checked("failed"), ReworkOrdered(("power", "telecom")))
    again.when(HandBack("power")).then_refused("HandBack.lead-last")
    handed = (
        again.when(HandBack("telecom")).then(HandedBack("telecom")).when(HandBack("power")).then(HandedBack("power"))
    )
    handed.when(Check("passed")).then(Checked("passed")).when(Close("checked")).then(Closed("checked"))


def test_the_reporting_side_settles_it_on_the_spot_with_evidence() -> None:
    settled = given(*REPORTED).when(SelfHandle(TEXT, (PHOTO,)))
    after = settled.then(SelfHandled(TEXT, (PHOTO,)), Closed("self_handled"))
    assert (after.case.stage, after.case.seq) == (Stage.CLOSED, 3)


@pytest.mark.parametrize("history", [FILED, DISPATCHED, HANDED_BACK, PASSED])
def test_a_source_records_a_closing_that_has_happened(history: tuple[object, ...]) -> None:
    recorded = given(*history).when(Close("recorded", upstream_status="Closed"), by=SOURCE, already_done=True)
    recorded.then(Closed("recorded", None, "Closed"))


@pytest.mark.parametrize("history", [REPORTED, FILED, DISPATCHED, HANDED_BACK, PASSED, CLOSED, NOT_FILED])
def test_an_alias_can_be_added_in_every_stage(history: tuple[object, ...]) -> None:
    given(*history).when(AddAlias("crm", "77")).then(AliasAdded("crm", "77"))


def test_an_inspector_of_the_centre_may_check_and_close() -> None:
    passed = given(*HANDED_BACK).when(Check("passed"), by=INSPECTOR).then(Checked("passed"))
    passed.when(Close("checked"), by=INSPECTOR).then(Closed("checked"))


def test_a_lead_alone_hands_back_and_the_case_is_handed_back() -> None:
    alone = given(*FILED, dispatched(Assignment("power", "lead")))
    assert alone.when(HandBack("power")).then(HandedBack("power")).case.stage is Stage.HANDED_BACK


def test_the_sample_of_a_whole_loop_is_accepted_claim_by_claim() -> None:
    now = given()
    for said in whole_loop():
        when = now.when(said)
        now = when.then(*when.decision.facts)
        assert when.decision.irregular == ()
    assert (now.case.stage, now.case.seq) == (Stage.CLOSED, 9)


@pytest.mark.parametrize("body", CLAIMS, ids=lambda body: type(body).__name__)
def test_every_claim_is_accepted_where_it_has_its_place(body: object) -> None:
    decision = given(*BEFORE.get(type(body), DISPATCHED)).when(body, at=SOON).decision
    assert "Refused" not in [type(fact).__name__ for fact in decision.facts]
    assert decision.facts or decision.due


@pytest.mark.parametrize("body", FACTS, ids=lambda body: type(body).__name__)
def test_every_fact_is_folded_onto_any_case_without_an_error(body: object) -> None:
    for history in AT.values():
        case = given(*history).case
        assert cases.evolve(case, *fact(body, case.seq + 1)).seq == case.seq + 1


def test_who_reported_and_where_stay_known() -> None:
    case = given(*CLOSED).case
    assert (case.reporting_org, case.division, case.reported_at) == (STREET.org, "411702", T0 + 60_000_000)
