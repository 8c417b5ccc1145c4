"""Every rule of content of a case refuses what it forbids; without it (the bad twin) it does not."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from schemas import events as e
from schemas.events import Actor, Assignment
from streams.core.case import KIND, RULES
from streams.core.kind import Kind
from tests.before import APPEALED, EXTENSION_APPROVED, EXTENSION_ASKED, FORCING, HANDED_OVER, RETURNED, SELF_HANDLED
from tests.builders import (
    APPROVER,
    CENTRE,
    CLOSED,
    DAY,
    DEPUTY,
    DISPATCHED,
    FILED,
    HANDED_BACK,
    LATER,
    OTHER,
    PASSED,
    POWER,
    REPORTED,
    REVIEWER,
    SOON,
    SOURCE,
    STREET,
    TEXT,
    WORKED,
    Given,
    Told,
    actor_of,
    claim,
    given,
)
from tests.samples import GROUP, LINKS, POLICE, report

SELF = claim(report()).meta.subject.id
ASSIST, LEAD = Assignment("telecom", "assist"), Assignment("power", "lead")
SUMMONED = (*FILED, e.Summoned(("power", "telecom"), 30))
CALLED = (*DISPATCHED, *(e.Returned(org, "not-ours") for org in ("power", "telecom")), e.AdjudicationCalled(3))
TWICE = (*DISPATCHED, e.ExtensionAsked("power", "x"), e.ExtensionGranted("power", 2))
ONE_REVIEW = (*APPEALED, Told(e.AppealReviewed("power", True, "x", 1), by=REVIEWER))
GROUPED = (*DISPATCHED, e.GroupJoined(GROUP))


class Forbidden(NamedTuple):
    """The rule, the facts before, the claim, and who makes it unless it is who may."""

    rule: str
    history: tuple[Any, ...]
    body: Any
    by: Actor | None = None

    def __str__(self) -> str:
        return f"{self.rule} {self.body}"


FORBIDDEN = [
    Forbidden(
        "File.confirmed", (*REPORTED, e.LeadVerificationAsked("street"), e.LeadVerified("street", False)), e.File()
    ),
    Forbidden("Dispatch.one-lead", FILED, e.Dispatch((ASSIST,))),
    Forbidden("Dispatch.one-lead", FILED, e.Dispatch((LEAD, replace(ASSIST, role="lead")))),
    Forbidden("Dispatch.one-lead", FILED, e.Dispatch((LEAD, replace(LEAD, role="assist")))),
    Forbidden("Dispatch.reported-in", SUMMONED, e.Dispatch((LEAD, ASSIST))),
    Forbidden("Commit.own-promise", DISPATCHED, e.Commit(SOON, "x", "telecom"), POWER),
    Forbidden("HandBack.lead-last", WORKED, e.HandBack("power")),
    Forbidden("Check.rework", HANDED_BACK, e.Check("passed", rework=("power",))),
    Forbidden("Check.rework", HANDED_BACK, e.Check("failed", rework=("water",))),
    Forbidden(
        "AskLeadVerification.one", (*REPORTED, e.LeadVerificationAsked("street")), e.AskLeadVerification("village")
    ),
    Forbidden("VerifyLead.asked", REPORTED, e.VerifyLead("street", True)),
    Forbidden("Amend.something", REPORTED, e.Amend("typo")),
    Forbidden("Amend.by-centre", FILED, e.Amend("type", asset="pole-7"), STREET),
    Forbidden("Supplement.something", FILED, e.Supplement()),
    Forbidden("Withdraw.acknowledged", WORKED, e.Withdraw("settled")),
    Forbidden("Withdraw.handed-over", HANDED_OVER, e.Withdraw("settled")),
    Forbidden("AddParties.no-lead", DISPATCHED, e.AddParties((Assignment("gas", "lead"),))),
    Forbidden("AddParties.no-lead", DISPATCHED, e.AddParties()),
    Forbidden("AddParties.new", DISPATCHED, e.AddParties((ASSIST,))),
    Forbidden("AddParties.new", DISPATCHED, e.AddParties((Assignment("gas", "assist"), Assignment("gas", "inform")))),
    Forbidden("ReleaseParty.party", DISPATCHED, e.ReleaseParty("gas", "x")),
    Forbidden("ReleaseParty.lead", DISPATCHED, e.ReleaseParty("power", "x")),
    Forbidden("AppointLead.party", DISPATCHED, e.AppointLead("gas", "x")),
    Forbidden("AppointLead.party", DISPATCHED, e.AppointLead("power", "x")),
    Forbidden("AppointLead.party", (*DISPATCHED, e.HandedBack("telecom")), e.AppointLead("telecom", "x")),
    Forbidden("AppointLead.reported-in", (*DISPATCHED, e.Summoned(("telecom",), 30)), e.AppointLead("telecom", "x")),
    Forbidden("AppointLead.returned", RETURNED, e.AppointLead("telecom", "x")),
    Forbidden("Return.reason", DISPATCHED, e.Return("power", "")),
    Forbidden("Return.adjudicate-first", (*CALLED[:-2], CALLED[-1]), e.Return("telecom", "x")),
    Forbidden("Return.adjudicated", (*DISPATCHED, e.Adjudicated("x", (LEAD, ASSIST))), e.Return("power", "x")),
    Forbidden("SendAgain.returned", DISPATCHED, e.SendAgain("power", "x")),
    Forbidden("SendAgain.adjudicate-first", CALLED, e.SendAgain("power", "x")),
    Forbidden("Transfer.party", DISPATCHED, e.Transfer("gas", "heat", "x")),
    Forbidden("Transfer.party", (*DISPATCHED, e.HandedBack("telecom")), e.Transfer("telecom", "gas", "x")),
    Forbidden("Transfer.to", DISPATCHED, e.Transfer("power", "telecom", "x")),
    Forbidden("Transfer.adjudicate-first", CALLED, e.Transfer("power", "gas", "x")),
    Forbidden("Adjudicate.one-lead", DISPATCHED, e.Adjudicate("x", (ASSIST,))),
    Forbidden("Adjudicate.basis", DISPATCHED, e.Adjudicate("", (LEAD,))),
    Forbidden("Whistle.targets", REPORTED, e.Whistle("x", ("power",))),
    Forbidden("Summon.orgs", FILED, e.Summon()),
    Forbidden("Summon.orgs", FILED, e.Summon(("power", "power"))),
    Forbidden("Summon.again", SUMMONED, e.Summon(("power",))),
    Forbidden("Summon.minutes", FILED, e.Summon(("power",), 0)),
    Forbidden("ReportIn.summoned", FILED, e.ReportIn("power")),
    Forbidden("ReportIn.summoned", (*SUMMONED, e.ReportedIn("power")), e.ReportIn("power")),
    Forbidden("Escalate.up", (*FILED, e.Escalated("district", "d", "x")), e.Escalate("street", "s", "x")),
    Forbidden("Escalate.up", FILED, e.Escalate("unknown", "s", "x")),
    Forbidden("Escalate.skips", (*FILED, e.Escalated("community", "d", "x")), e.Escalate("city", "c", "x")),
    Forbidden("Urge.party", DISPATCHED, e.Urge("gas")),
    Forbidden("Deliberate.participants", REPORTED, e.Deliberate(1, False)),
    Forbidden("Deliberate.consent", REPORTED, e.Deliberate(9, True)),
    Forbidden("AskExtension.over", (*DISPATCHED, e.Committed(SOON, "x", "power")), e.AskExtension("power", "x")),
    Forbidden("AskExtension.pending", EXTENSION_ASKED, e.AskExtension("power", "x")),
    Forbidden("AskExtension.twice", TWICE, e.AskExtension("power", "x")),
    Forbidden("ApproveExtension.asked", DISPATCHED, e.ApproveExtension("power")),
    Forbidden("ApproveExtension.own", EXTENSION_ASKED, e.ApproveExtension("power"), Actor("power", "approver")),
    Forbidden("ApproveExtension.two-people", EXTENSION_APPROVED, e.ApproveExtension("power"), APPROVER),
    Forbidden("RefuseExtension.asked", DISPATCHED, e.RefuseExtension("power", "x")),
    Forbidden("RefuseExtension.own", EXTENSION_ASKED, e.RefuseExtension("power", "x"), Actor("power", "approver")),
    Forbidden("Suspend.until", DISPATCHED, e.Suspend("season", LATER)),
    Forbidden("Suspend.until", DISPATCHED, e.Suspend("season", LATER + 366 * DAY)),
    Forbidden("Suspend.reason", DISPATCHED, e.Suspend("", LATER + DAY)),
    Forbidden("Resume.not-suspended", DISPATCHED, e.Resume("x")),
    Forbidden("AskCheck.disposes", HANDED_BACK, e.AskCheck("telecom")),
    Forbidden("CallBack.answered", DISPATCHED, e.CallBack(True)),
    Forbidden("CallBack.contacted", CLOSED, e.CallBack(False, True)),
    Forbidden("Audit.sampled", SELF_HANDLED, e.Audit("passed")),
    Forbidden("Audit.sampled", (*SELF_HANDLED, e.AuditSampled(0.1), e.Audited("passed")), e.Audit("passed")),
    Forbidden("Audit.own", (*SELF_HANDLED, e.AuditSampled(0.1)), e.Audit("passed"), Actor("street", "auditor")),
    Forbidden("Appeal.once", APPEALED, e.Appeal("power", "x")),
    Forbidden("ReviewAppeal.appealed", CLOSED, e.ReviewAppeal("power", True, "x")),
    Forbidden("ReviewAppeal.own", APPEALED, e.ReviewAppeal("power", True, "x"), Actor("power", "reviewer")),
    Forbidden("ReviewAppeal.two-people", ONE_REVIEW, e.ReviewAppeal("power", True, "x"), REVIEWER),
    Forbidden("SelfHandle.evidence", REPORTED, e.SelfHandle(TEXT)),
    Forbidden("Close.already-done", PASSED, e.Close("recorded"), SOURCE),
    Forbidden("Close.justified", (*HANDED_OVER, e.Checked("passed")), e.Close("checked")),
    Forbidden("Close.open-parties", (*DISPATCHED, e.Checked("passed")), e.Close("checked")),
    Forbidden("Close.two-people", DISPATCHED, e.Close("forced", "x"), DEPUTY),
    Forbidden("Close.two-people", FORCING, e.Close("forced", "x"), CENTRE),
    Forbidden("Close.reason", FORCING, e.Close("forced"), DEPUTY),
    Forbidden("Reopen.reason", CLOSED, e.Reopen("")),
    Forbidden("HandOver.service", REPORTED, e.HandOver("911", "police", "x")),
    Forbidden("HandOver.again", HANDED_OVER, e.HandOver("110", "police", "x")),
    Forbidden("AnswerHandOver.asked", DISPATCHED, e.AnswerHandOver("police", True)),
    Forbidden("AnswerHandOver.reason", HANDED_OVER, e.AnswerHandOver("police", False)),
    Forbidden(
        "AnswerHandOver.handed-back", (*HANDED_OVER, e.HandedBack("police")), e.AnswerHandOver("police", False, "x")
    ),
    Forbidden("JustifyHandOver.unjustified", DISPATCHED, e.JustifyHandOver("x")),
    Forbidden("SuspectDuplicate.itself", FILED, e.SuspectDuplicate(SELF, 1.0, 1, "x")),
    Forbidden(
        "SuspectDuplicate.again", (*FILED, e.DuplicateDismissed(OTHER, "x")), e.SuspectDuplicate(OTHER, 1.0, 1, "x")
    ),
    Forbidden("DismissDuplicate.suspected", FILED, e.DismissDuplicate(OTHER, "x")),
    Forbidden("Merge.itself", FILED, e.Merge(SELF, "x")),
    Forbidden("Merge.justified", HANDED_OVER, e.Merge(OTHER, "x")),
    Forbidden("Absorb.itself", FILED, e.Absorb(SELF)),
    Forbidden("Absorb.again", (*FILED, e.Absorbed(OTHER)), e.Absorb(OTHER)),
    Forbidden("Divide.parts", FILED, e.Divide("x")),
    Forbidden("Link.itself", FILED, e.Link(SELF, "related")),
    Forbidden("Link.again", (*FILED, e.Linked(OTHER, "related")), e.Link(OTHER, "related")),
    Forbidden("Unlink.linked", FILED, e.Unlink(OTHER, "x")),
    Forbidden("JoinGroup.again", GROUPED, e.JoinGroup(GROUP)),
    Forbidden("LeaveGroup.member", FILED, e.LeaveGroup(GROUP, "x")),
    Forbidden("ChangeRegime.again", (*FILED, e.RegimeChanged("typhoon", 0)), e.ChangeRegime("typhoon", 0), LINKS),
    Forbidden("ChangeRegime.reference", FILED, e.ChangeRegime("typhoon", 9), LINKS),
    Forbidden("Restrict.reason", FILED, e.Restrict("")),
    Forbidden(
        "AskReference.again", (*FILED, Told(e.ReferenceAsked("police", "who"), CENTRE)), e.AskReference("police", "who")
    ),
    Forbidden("AskReference.unseen", (*FILED, e.Restricted("mediation", ("court",))), e.AskReference("police", "who")),
    Forbidden("AskReference.itself", FILED, e.AskReference("police", "who"), POLICE),
    Forbidden("AnswerReference.asked", FILED, e.AnswerReference("police", "unknown")),
]
by_rule = pytest.mark.parametrize("one", FORBIDDEN, ids=str)


def refusals(one: Forbidden, kind: Kind = KIND) -> tuple[str, ...]:
    """The rules that the claim breaks: all of them where it is recorded as a source's, else the first."""
    case = Given(given(*one.history).case, kind)
    decision = case.when(one.body, by=one.by or actor_of(one.body), at=LATER).decision
    return tuple(fact.rule for fact in decision.facts if isinstance(fact, e.Refused))


def test_every_rule_of_content_has_its_example() -> None:
    assert {one.rule for one in FORBIDDEN} == {rule.name for rules in RULES.values() for rule in rules}


@by_rule
def test_the_rule_refuses_it(one: Forbidden) -> None:
    assert refusals(one) == (one.rule,)


@by_rule
def test_without_the_rule_it_is_not_refused_by_it(one: Forbidden) -> None:
    claimed = type(one.body)
    fewer = tuple(rule for rule in RULES[claimed] if rule.name != one.rule)
    assert one.rule not in refusals(one, replace(KIND, rules={**RULES, claimed: fewer}))
