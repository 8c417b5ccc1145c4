"""The logs of workers, and points for verified contributions."""

from __future__ import annotations

import itertools

import pytest

from schemas import ids
from schemas.events import (
    AccountOpened,
    Actor,
    Audited,
    Checked,
    Closed,
    Deliberated,
    Earn,
    LeadVerified,
    LogWork,
    Revoke,
    SelfHandled,
    Visited,
)
from streams.links.points import VERIFIED_REPORT
from tests.builders import MINUTE, PHOTO, T0
from tests.linking import Fact, Linked, at, case, story, told
from tests.subjects import OTHER_PERSON, PERSON, REFERENCE

WORKER = Actor("street", "grid_worker", PERSON)
LOG = ids.subject_id("worker", "person", PERSON)
ACCOUNT = ids.subject_id("account", "hotline", "7")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (Checked("passed"), "check"),
        (LeadVerified("street", True), "check"),
        (SelfHandled(None, (PHOTO,)), "self_handle"),
        (Deliberated(7, True), "deliberation"),
        (Audited("passed"), "check"),
    ],
)
def test_what_a_worker_does_in_a_case_stands_in_the_log(body: object, kind: str) -> None:
    links = Linked()
    links.see(story("1", at()))
    (fact,) = story("1", body, by=WORKER, first=2)
    said = links.see([fact])
    assert told(said) == [(LOG, LogWork(kind, "g1", case("1"), fact[0].fact_id))]  # type: ignore[arg-type]


def test_a_report_and_a_visit_stand_in_the_log() -> None:
    links = Linked()
    assert links.see(story("1", at(), by=WORKER))[0].body.kind == "report"
    home = story("5", Visited("service"), kind="household", by=WORKER)
    assert links.see(home)[0].body == LogWork("service", None, home[0][0].subject.id, home[0][0].fact_id)


@pytest.mark.parametrize(
    "actor", [Actor("x", "reporter", PERSON), Actor("x", "source", PERSON), Actor("street", "grid_worker")]
)
def test_residents_systems_and_nobody_have_no_log(actor: Actor) -> None:
    assert Linked().see(story("1", at(), by=actor)) == []


def account(opened_at: int = T0 - MINUTE) -> list[Fact]:
    return story("7", AccountOpened(OTHER_PERSON, "bank"), kind="account", start=opened_at)


def settled(kind: str = "checked", number: str = "1", start: int = T0, reference: int = 1) -> list[Fact]:
    report = at(reporter=OTHER_PERSON)
    return story(number, report, Closed(kind), start=start, reference=reference)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["checked", "self_handled"])
def test_a_settled_report_earns_in_whatever_order(kind: str) -> None:
    facts = settled(kind)
    values = set()
    for order in itertools.permutations([account(), facts]):
        links = Linked(REFERENCE)
        links.see(*order)
        ((subject, body),) = told(links.said)
        assert (subject, body) == (ACCOUNT, Earn(VERIFIED_REPORT, facts[1][0].fact_id))
        values.add(links.said[0].value)
    assert len(values) == 1


@pytest.mark.parametrize("kind", ["forced", "recorded"])
def test_what_was_not_verified_earns_nothing(kind: str) -> None:
    links = Linked(REFERENCE)
    links.see(account(), settled(kind))
    assert links.said == []


def test_nothing_is_earned_before_the_account_was_open_or_without_an_item() -> None:
    for links, facts in (
        (Linked(REFERENCE), [account(T0 + 10 * MINUTE), settled()]),
        (Linked(REFERENCE), [account(), settled(reference=0)]),
    ):
        links.see(*facts)
        assert links.said == []


def test_a_failed_audit_takes_back_in_whatever_order() -> None:
    facts = settled("self_handled")
    audit = story("1", Audited("failed"), first=3, reference=1)
    for order in ([account(), facts, audit], [facts, account(), audit], [facts, audit, account()]):
        links = Linked(REFERENCE)
        links.see(*order)
        earned = facts[1][0].fact_id
        assert told(links.said) == [(ACCOUNT, Earn(VERIFIED_REPORT, earned)), (ACCOUNT, Revoke(earned, "audit-failed"))]
