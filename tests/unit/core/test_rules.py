"""Every rule refuses what it forbids, names itself, and lets it pass where it is taken away (its bad twin)."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from schemas.events import (
    Acknowledge,
    Acknowledged,
    Actor,
    AddAlias,
    Assignment,
    Check,
    CheckAsked,
    Close,
    Commit,
    File,
    Filed,
    HandBack,
    HandedBack,
    RefuseFiling,
    Reported,
    SelfHandle,
)
from streams.core import case as cases
from streams.core.authority import Authority, Relation, Role, Stage
from tests.builders import (
    AUTHORITY,
    CENTRE,
    CLOSED,
    DISPATCHED,
    FILED,
    HANDED_BACK,
    INSPECTOR,
    NUMBER,
    PARTIES,
    PASSED,
    PHOTO,
    POWER,
    REPORTED,
    SOURCE,
    STREET,
    T0,
    TEXT,
    WATER,
    WORKED,
    Given,
    claim,
    dispatch,
    given,
    report,
    reported,
)

NOBODY = Actor("street", "clocks")
SETTLED = SelfHandle(TEXT, (PHOTO,))


class Refusal(NamedTuple):
    """A claim that a rule forbids: the facts before it, the claim, who makes it, the rule."""

    history: tuple[Any, ...]
    body: Any
    by: Actor
    rule: str

    def __str__(self) -> str:
        return self.rule


WRONG_STAGE = [
    Refusal(REPORTED, report(), STREET, "Report.stage"),
    Refusal(FILED, File(), CENTRE, "File.stage"),
    Refusal(FILED, RefuseFiling("x"), CENTRE, "RefuseFiling.stage"),
    Refusal(FILED, SETTLED, STREET, "SelfHandle.stage"),
    Refusal(REPORTED, dispatch(), CENTRE, "Dispatch.stage"),
    Refusal(DISPATCHED, dispatch(), CENTRE, "Dispatch.stage"),
    Refusal((*WORKED, HandedBack("telecom"), HandedBack("power")), Acknowledge("power"), POWER, "Acknowledge.stage"),
    Refusal(CLOSED, Commit(T0, "x"), CENTRE, "Commit.stage"),
    Refusal(HANDED_BACK, HandBack("power"), POWER, "HandBack.stage"),
    Refusal(WORKED, Check("passed"), STREET, "Check.stage"),
    Refusal(HANDED_BACK, Close("checked"), CENTRE, "Close.checked.stage"),
    Refusal(CLOSED, Close("recorded"), SOURCE, "Close.recorded.stage"),
]
WRONG_ROLE = [
    Refusal((), report(), NOBODY, "Report.role"),
    Refusal(REPORTED, AddAlias("crm", "7"), NOBODY, "AddAlias.role"),
    Refusal(REPORTED, File(), STREET, "File.role"),
    Refusal(REPORTED, RefuseFiling("x"), STREET, "RefuseFiling.role"),
    Refusal(REPORTED, SETTLED, Actor("street", "dispatcher"), "SelfHandle.role"),
    Refusal(FILED, dispatch(), STREET, "Dispatch.role"),
    Refusal(DISPATCHED, Acknowledge("power"), Actor("power", "dispatcher"), "Acknowledge.role"),
    Refusal(FILED, Commit(T0 + 1, "x"), STREET, "Commit.role"),
    Refusal(WORKED, HandBack("telecom"), Actor("telecom", "grid_worker"), "HandBack.role"),
    Refusal(HANDED_BACK, Check("passed"), CENTRE, "Check.role"),
    Refusal(PASSED, Close("checked"), Actor("street", "reporter"), "Close.checked.role"),
    Refusal(PASSED, Close("recorded"), CENTRE, "Close.recorded.role"),
]
WRONG_RELATION = [
    Refusal(REPORTED, SETTLED, Actor("village", "grid_worker"), "SelfHandle.relation"),
    Refusal(DISPATCHED, Acknowledge("power"), Actor("telecom", "handler"), "Acknowledge.relation"),
    Refusal(DISPATCHED, Acknowledge("gas"), Actor("gas", "handler"), "Acknowledge.relation"),
    Refusal(DISPATCHED, Acknowledge("water"), WATER, "Acknowledge.relation"),
    Refusal(WORKED, HandBack("telecom"), Actor("power", "handler"), "HandBack.relation"),
    Refusal((*WORKED, HandedBack("telecom")), HandBack("telecom"), Actor("telecom", "handler"), "HandBack.relation"),
    Refusal(HANDED_BACK, Check("passed"), Actor("power", "inspector"), "Check.relation"),
    Refusal(HANDED_BACK, Check("passed"), Actor("telecom", "inspector"), "Check.relation"),
    Refusal(PASSED, Close("checked"), Actor("power", "dispatcher"), "Close.checked.relation"),
]
LEAD, ASSIST = Assignment("power", "lead"), Assignment("telecom", "assist")
WRONG_CONTENT = [
    Refusal(FILED, dispatch(ASSIST), CENTRE, "Dispatch.one-lead"),
    Refusal(FILED, dispatch(LEAD, Assignment("gas", "lead")), CENTRE, "Dispatch.one-lead"),
    Refusal(FILED, dispatch(LEAD, Assignment("power", "assist")), CENTRE, "Dispatch.one-lead"),
    Refusal(FILED, replace(dispatch(), parties=()), CENTRE, "Dispatch.one-lead"),
    Refusal(WORKED, HandBack("power"), POWER, "HandBack.lead-last"),
    Refusal(REPORTED, SelfHandle(TEXT), STREET, "SelfHandle.evidence"),
    Refusal(PASSED, Close("recorded"), SOURCE, "Close.already-done"),
]
EVERY = [*WRONG_STAGE, *WRONG_ROLE, *WRONG_RELATION, *WRONG_CONTENT]
by_rule = pytest.mark.parametrize("case", EVERY, ids=str)


def relaxed(rule: str, by: Actor) -> Authority:
    """The table without this rule: every stage, also this role, every relation."""
    key, _, what = rule.rpartition(".")
    row = AUTHORITY[key]
    changes: dict[str, dict[str, Any]] = {
        "stage": {"stages": frozenset(Stage)},
        "role": {"roles": row.roles | {Role(by.role)}},
        "relation": {"relation": Relation.ANY},
    }
    return AUTHORITY | {key: replace(row, **changes[what])}


def refusing(case: Refusal, authority: Authority = AUTHORITY) -> str | None:
    """The rule by which the claim is refused, None when it is not."""
    said = claim(case.body, by=case.by, at=T0 + 10**12, already_done=False)
    decision = given(*case.history).when(said, authority).decision
    return getattr(decision.facts[0], "rule", None)


@by_rule
def test_a_forbidden_claim_is_refused_by_its_rule(case: Refusal) -> None:
    said = claim(case.body, by=case.by, at=T0 + 10**12)
    given(*case.history).when(said).then_refused(case.rule)


@pytest.mark.parametrize("case", [*WRONG_STAGE, *WRONG_ROLE, *WRONG_RELATION], ids=str)
def test_a_table_without_the_rule_does_not_refuse_by_it(case: Refusal) -> None:
    assert refusing(case) == case.rule
    assert refusing(case, relaxed(case.rule, case.by)) != case.rule


@pytest.mark.parametrize("case", WRONG_CONTENT, ids=str)
def test_a_rule_set_without_the_rule_does_not_refuse_by_it(case: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(cases.RULES, type(case.body))
    assert refusing(case) != case.rule


@pytest.mark.parametrize(
    "body", [File(), AddAlias("crm", "7"), dispatch(), HandBack("power"), Close("recorded"), SETTLED], ids=type
)
@pytest.mark.parametrize("already_done", [False, True])
def test_without_a_report_there_is_no_case(body: Any, already_done: bool) -> None:
    given().when(body, by=SOURCE, already_done=already_done).then_refused("case.unknown")


@pytest.mark.parametrize("kind", ["self_handled", "unknown"])
def test_a_kind_of_closing_without_a_row_is_refused(kind: Any) -> None:
    given(*PASSED).when(Close(kind)).then_refused("authority.unknown")


def test_a_claim_that_has_no_row_is_refused() -> None:
    without = {key: row for key, row in AUTHORITY.items() if key != "File"}
    given(*REPORTED).when(File(), without).then_refused("authority.unknown")


def test_nothing_happens_before_the_report() -> None:
    opened = given(*REPORTED)
    opened.when(File(), at=opened.case.reported_at - 1).then_refused("time.before-report")
    opened.when(File(), at=opened.case.reported_at).then(Filed(NUMBER))


def test_a_claim_about_cases_is_not_for_another_kind() -> None:
    given().when(claim(report(), kind="household")).then_refused("subject.kind")
    given().when(claim(report(), kind="case")).then(reported())


def test_a_refusal_names_the_stage_in_which_it_met_the_case() -> None:
    (refused,) = given(*CLOSED).when(File()).decision.facts
    assert refused.detail == "the case is closed"


# ------------------------------------------------------------ already done


BROKEN = [*WRONG_STAGE, *WRONG_RELATION, *WRONG_CONTENT]


def breaks_it_as_a_source(case: Refusal) -> bool:
    said = claim(case.body, by=Actor(case.by.org, "source"), at=T0 + 10**12)
    return getattr(given(*case.history).when(said).decision.facts[0], "rule", None) == case.rule


RECORDABLE = [case for case in BROKEN if breaks_it_as_a_source(case) and type(case.body) is not File]


@pytest.mark.parametrize("case", RECORDABLE, ids=str)
def test_what_a_source_reports_to_have_happened_against_a_rule_is_recorded_and_flagged(case: Refusal) -> None:
    said = claim(case.body, by=Actor(case.by.org, "source"), at=T0 + 10**12, already_done=True)
    decision = given(*case.history).when(said).decision
    assert type(decision.facts[0]).__name__ != "Refused"
    assert case.rule in decision.irregular or case.rule == "Close.already-done"


@pytest.mark.parametrize("case", [case for case in BROKEN if case.by.role != "source"], ids=str)
def test_nobody_but_a_source_can_report_what_the_rules_forbid(case: Refusal) -> None:
    said = claim(case.body, by=case.by, at=T0 + 10**12, already_done=True)
    given(*case.history).when(said).then_refused(case.rule)


def test_no_case_is_filed_and_numbered_twice_even_by_its_source() -> None:
    given(*FILED).when(File(), by=SOURCE, already_done=True).then_refused("File.stage")


@pytest.mark.parametrize("case", WRONG_ROLE, ids=str)
def test_who_has_no_authority_cannot_report_it_as_done_either(case: Refusal) -> None:
    said = claim(case.body, by=case.by, at=T0 + 10**12, already_done=True)
    given(*case.history).when(said).then_refused(case.rule)


def test_a_closing_before_the_report_is_recorded_as_irregular() -> None:
    opened: Given = given(*DISPATCHED)
    closed = opened.when(Close("recorded"), by=SOURCE, already_done=True, at=T0)
    assert closed.decision.irregular == ("time.before-report",)


def test_all_broken_rules_are_named_in_order() -> None:
    early = given(*REPORTED).when(HandBack("gas"), by=SOURCE, already_done=True, at=T0)
    early.then(HandedBack("gas"), irregular=("HandBack.stage", "HandBack.relation", "time.before-report"))


def test_what_happened_regularly_is_not_flagged() -> None:
    given(*DISPATCHED).when(Acknowledge("power"), by=SOURCE, already_done=True).then(Acknowledged("power"))


# ------------------------------------------------------------ claim ids


def test_a_claim_decided_before_gives_nothing() -> None:
    said = claim(report())
    opened = given().when(said).then(reported())
    opened.when(said).then_nothing()


def test_a_refused_claim_that_comes_again_gives_nothing() -> None:
    said = claim(File())
    refused = given(*FILED).when(said).then_refused("File.stage")
    refused.when(said).then_nothing()


def test_a_claim_id_with_other_content_is_refused_once() -> None:
    said = claim(report())
    other = said._replace(body=report(inlet="chat"))
    opened = given().when(said).then(reported())
    reused = opened.when(other).then_refused("claim.id-reused")
    reused.when(other).then_nothing()
    reused.when(said).then_nothing()
    reused.when(said._replace(body=report(inlet="phone"))).then_refused("claim.id-reused")


def test_another_claim_id_with_the_same_content_is_another_claim() -> None:
    opened = given().when(claim(report())).then(Reported(*_fields(reported())))
    opened.when(claim(report(), occurrence="2")).then_refused("Report.stage")


def _fields(body: Any) -> tuple[Any, ...]:
    return tuple(getattr(body, name) for name in body.__struct_fields__)


def test_two_inspectors_differ_by_their_organisation_only() -> None:
    assert refusing(Refusal(HANDED_BACK, Check("passed"), INSPECTOR, "")) is None


def test_the_informed_party_is_nobodys_disposer() -> None:
    assert {a.role for a in PARTIES} == {"lead", "assist", "inform"}
    asked = (*HANDED_BACK, CheckAsked("water"))
    assert refusing(Refusal(asked, Check("passed"), Actor("water", "inspector"), "")) is None
