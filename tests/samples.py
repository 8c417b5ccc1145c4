"""The cast, and a sample of every event. Tests take them from tests.builders.

The cast: the street reports, the centre files and dispatches, power leads, telecom assists, water is informed, police
takes what is dangerous. Nothing here reads a clock: times are UTC µs behind `T0`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import events as e
from schemas import ids
from schemas.events import Actor, Assignment, Category, FileRef, Part, Place, Position, Step, Target, Team, TextRef

T0 = 1_763_856_000_000_000
"""2025-11-23 00:00 UTC in microseconds."""
MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
SYSTEM = "hotline"
NUMBER = "411702-251123-000-00001-3"
"""The speakable number that the DSL gives to every case."""
SOON = T0 + 600 * MINUTE

STREET = Actor("street", "grid_worker")
CENTRE = Actor("centre", "dispatcher")
POWER = Actor("power", "handler")
TELECOM = Actor("telecom", "handler")
WATER = Actor("water", "handler")
POLICE = Actor("police", "handler")
INSPECTOR = Actor("centre", "inspector")
APPROVER = Actor("centre", "approver")
DEPUTY = Actor("district", "approver")
REVIEWER = Actor("district", "reviewer")
AUDITOR = Actor("centre", "auditor")
MEDIATOR = Actor("street", "mediator")
SOURCE = Actor("upstream", "source")
LINKS = Actor("hub", "links")
CLOCKS = Actor("hub", "clocks")

CATEGORY = Category("gb", "2021", "0105")
PLACE = Place("411702001001", "411702001001001", "春晓街 12", Position(114.02, 32.98, "WGS-84", 114.02, 32.98))
CONDITION = e.Condition("yuncheng", "2021", "0105-1")
PERSON = "00000000-0000-4000-8000-000000000001"
"""A random reference of the vault."""
TEXT = TextRef("00000000-0000-4000-8000-000000000002", bytes(32))
PHOTO = FileRef("00000000-0000-4000-8000-000000000003", bytes(32), "image/jpeg", 1_000)
PARTIES = (Assignment("power", "lead"), Assignment("telecom", "assist"), Assignment("water", "inform"))
OTHER = ids.case_id(SYSTEM, "other")
"""Another case."""
GROUP = ids.subject_id("group", SYSTEM, "like ones")
PART = Part(CATEGORY, PLACE, TEXT)
TEAM = Team("team-1", (PERSON,))
TARGET = Target("house-1", "team-1", PLACE)
STEP = Step("ramp", "street", SOON, TEXT)

# ------------------------------------------------------------ claims


def report(**changes: Any) -> e.Report:
    return msgspec.structs.replace(e.Report(CATEGORY, PLACE, "app"), **changes)


def dispatch(*parties: Assignment) -> e.Dispatch:
    return e.Dispatch(parties or PARTIES, "list-7")


CLAIMS: tuple[Any, ...] = (
    report(),
    e.AddAlias("crm", "77"),
    e.File(),
    e.RefuseFiling("not-ours"),
    e.SelfHandle(TEXT, (PHOTO,)),
    dispatch(),
    e.Acknowledge("power"),
    e.Commit(SOON, "charging shed in 10 days"),
    e.HandBack("power"),
    e.Check("passed"),
    e.Close("checked"),
    # around the report
    e.AskLeadVerification("street"),
    e.VerifyLead("street", True, TEXT, (PHOTO,)),
    e.Void("filed by mistake"),
    e.Withdraw("settled"),
    e.Amend("wrong type", Category("gb", "2021", "0203")),
    e.Supplement(TEXT),
    e.AnswerReporter("phone", TEXT),
    # who acts
    e.Whistle("several-owners"),
    e.Summon(("power", "telecom"), 30, "list-7"),
    e.ReportIn("power"),
    e.Escalate("district", "district", "too large"),
    e.AddParties((Assignment("gas", "assist"),), "list-8"),
    e.ReleaseParty("telecom", "not needed"),
    e.AppointLead("telecom", "it owns the pole"),
    e.Return("power", "not-ours"),
    e.SendAgain("power", "it is"),
    e.Transfer("power", "gas", "wrong owner", "list-9"),
    e.Adjudicate("list-7", PARTIES),
    e.Urge("power"),
    e.Supervise("yellow"),
    e.HandOver("110", "police", "danger"),
    e.AnswerHandOver("police", True, None, "110-4711"),
    e.JustifyHandOver("a lost child"),
    # the work
    e.Progress("power", TEXT),
    e.Deliberate(12, True, PHOTO),
    e.Mediate(True, TEXT),
    e.Refer("court", "no agreement"),
    e.AskExtension("power", "parts"),
    e.ApproveExtension("power"),
    e.RefuseExtension("power", "no need"),
    e.Suspend("planting season", T0 + 30 * DAY, "list-7"),
    e.Resume("funded"),
    # checking, closing, and after
    e.AskCheck("village"),
    e.ProposeForcing("owner unknown"),
    e.Reopen("it leans again"),
    e.CallBack(True, True, True),
    e.Audit("passed"),
    e.Appeal("power", "weather"),
    e.ReviewAppeal("power", True, "typhoon"),
    # among others
    e.SuspectDuplicate(OTHER, 12.5, 3_600, "near-1"),
    e.DismissDuplicate(OTHER, "another pole"),
    e.Merge(OTHER, "the same pole"),
    e.Absorb(OTHER),
    e.Divide("two matters", (PART,)),
    e.Link(OTHER, "same_cause"),
    e.Unlink(OTHER, "another cause"),
    e.JoinGroup(GROUP),
    e.LeaveGroup(GROUP, "solved alone"),
    e.ChangeRegime("typhoon", 0),
    e.Restrict("a minor", ("police",)),
    e.AskReference("police", "identity"),
    e.AnswerReference("police", "identified", "P-1"),
    e.NoteTime(SOON),
)
"""One sample of every claim about a case."""

CLAIMS_OF: dict[str, tuple[Any, ...]] = {
    "group": (
        e.OpenGroup("campaign", "street", TEXT, CATEGORY, "plan-3", (TEAM,), (TARGET,)),
        e.AddMember(OTHER),
        e.RemoveMember(OTHER, "solved alone"),
        e.SolveGroup("power", TEXT, (PHOTO,)),
        e.AddTargets((TARGET,)),
        e.VisitTarget("house-1", "done", PART),
        e.CloseGroup("done"),
    ),
    "account": (
        e.OpenAccount(PERSON, "bank"),
        e.Earn("patrol", "00000000-0000-5000-8000-000000000009"),
        e.Redeem("soap", "V-1"),
        e.Revoke("00000000-0000-5000-8000-000000000009", "it did not hold"),
    ),
    "worker": (e.LogWork("patrol", "411702001001001", OTHER),),
    "household": (
        e.OpenPlan("street", SOON, (STEP,)),
        e.ReviewPlan(SOON + DAY, (STEP,)),
        e.CompleteStep("ramp", TEXT),
        e.PlanVisits((SOON,), PERSON),
        e.Visit("visit", TEXT),
        e.ClosePlan("moved away"),
    ),
}
"""One sample of every claim about another kind of subject."""

KIND_OF: dict[type, e.SubjectKindSymbol] = {
    type(body): kind  # type: ignore[misc]  # the keys are symbols
    for kind, bodies in CLAIMS_OF.items()
    for body in bodies
}
"""Kind of subject that a claim is about, where it is no case."""

BY: dict[type, Actor] = {
    e.Report: STREET,
    e.SelfHandle: STREET,
    e.Withdraw: STREET,
    e.Whistle: STREET,
    e.Check: STREET,
    e.VerifyLead: STREET,
    e.Deliberate: STREET,
    e.HandOver: STREET,
    e.Mediate: MEDIATOR,
    e.ApproveExtension: APPROVER,
    e.Suspend: APPROVER,
    e.Audit: AUDITOR,
    e.ReviewAppeal: REVIEWER,
    e.Absorb: LINKS,
    e.ChangeRegime: LINKS,
    e.NoteTime: CLOCKS,
}
"""Who makes a claim unless a test says otherwise; parties speak for themselves, the centre makes the others."""

OWN = (e.Acknowledge, e.HandBack, e.ReportIn, e.Return, e.Progress, e.AskExtension, e.Appeal, e.AnswerReference)

# ------------------------------------------------------------ facts


def reported(**changes: Any) -> e.Reported:
    return msgspec.structs.replace(e.Reported(CATEGORY, PLACE, "app"), **changes)


def dispatched(*parties: Assignment) -> e.Dispatched:
    return e.Dispatched(parties or PARTIES, "list-7")


def filed(number: str = NUMBER) -> e.Filed:
    return e.Filed(number)


FACTS: tuple[Any, ...] = (
    reported(),
    e.AliasAdded("crm", "77"),
    filed(),
    e.FilingRefused("not-ours"),
    e.Refused("threecross.claim.report.File", "File.stage", "the case is closed"),
    e.SelfHandled(TEXT, (PHOTO,)),
    dispatched(),
    e.Acknowledged("power"),
    e.Committed(SOON, "charging shed in 10 days"),
    e.HandedBack("power"),
    e.ReworkOrdered(("power", "telecom")),
    e.Checked("passed"),
    e.Closed("checked"),
    # around the report
    e.LeadVerificationAsked("street"),
    e.LeadVerified("street", True, TEXT, (PHOTO,)),
    e.Voided("filed by mistake"),
    e.ReportWithdrawn("settled"),
    e.Amended("wrong type", Category("gb", "2021", "0203")),
    e.Supplemented(TEXT),
    e.ReporterAnswered("phone", TEXT),
    # who acts
    e.DispatchProposed("street", "list-7", True, PARTIES),
    e.Whistled("several-owners"),
    e.Summoned(("power", "telecom"), 30, "list-7"),
    e.ReportedIn("power"),
    e.Escalated("district", "district", "too large"),
    e.PartiesAdded((Assignment("gas", "assist"),), "list-8"),
    e.PartyReleased("telecom", "not needed"),
    e.LeadAppointed("telecom", "it owns the pole"),
    e.Returned("power", "not-ours"),
    e.AdjudicationCalled(3),
    e.SentAgain("power", "it is"),
    e.Transferred("power", "gas", "wrong owner", "list-9"),
    e.Adjudicated("list-7", PARTIES),
    e.Urged("power"),
    e.Supervised("yellow"),
    e.HandedOver("110", "police", "danger"),
    e.HandOverAnswered("police", True, None, "110-4711"),
    e.HandOverJustified("a lost child"),
    # the work
    e.Progressed("power", TEXT),
    e.Deliberated(12, True, PHOTO),
    e.Mediated(True, TEXT),
    e.Referred("court", "no agreement"),
    e.ExtensionAsked("power", "parts"),
    e.ExtensionApproved("power"),
    e.ExtensionGranted("power", 1),
    e.ExtensionRefused("power", "no need"),
    e.Suspended("planting season", T0 + 30 * DAY, "list-7"),
    e.Resumed("funded"),
    # checking, closing, and after
    e.CheckAsked("village"),
    e.ForcingProposed("owner unknown"),
    e.Reopened("it leans again"),
    e.CalledBack(True, True, True),
    e.AuditSampled(0.1),
    e.Audited("passed"),
    e.Appealed("power", "weather"),
    e.AppealReviewed("power", True, "typhoon", 1),
    e.Exempted("power", "typhoon"),
    # among others
    e.DuplicateSuspected(OTHER, 12.5, 3_600, "near-1"),
    e.DuplicateDismissed(OTHER, "another pole"),
    e.Merged(OTHER, "the same pole"),
    e.Absorbed(OTHER),
    e.Divided("two matters", (PART,)),
    e.Linked(OTHER, "same_cause"),
    e.Unlinked(OTHER, "another cause"),
    e.GroupJoined(GROUP),
    e.GroupLeft(GROUP, "solved alone"),
    e.RegimeChanged("typhoon", 0),
    e.Restricted("a minor", ("police",)),
    e.ReferenceAsked("police", "identity"),
    e.ReferenceAnswered("police", "identified", "P-1"),
    # time
    e.Warned("disposal", SOON, "power"),
    e.RanOut("disposal", SOON, "power"),
    e.RunOutWithdrawn("disposal", SOON, "power"),
    e.DueRecomputed("disposal", SOON, "2026-v1", "power"),
)
"""One sample of every fact about a case."""

FACTS_OF: dict[str, tuple[Any, ...]] = {
    "group": (
        e.GroupOpened("campaign", "street", TEXT, CATEGORY, "plan-3", (TEAM,), (TARGET,)),
        e.MemberAdded(OTHER),
        e.MemberRemoved(OTHER, "solved alone"),
        e.GroupSolved("power", TEXT, (PHOTO,)),
        e.TargetsAdded((TARGET,)),
        e.TargetVisited("house-1", "done", PART),
        e.GroupClosed("done"),
    ),
    "account": (
        e.AccountOpened(PERSON, "bank"),
        e.PointsEarned("patrol", "00000000-0000-5000-8000-000000000009", 5, 5),
        e.PointsRedeemed("soap", "V-1", 2, 3),
        e.PointsRevoked("00000000-0000-5000-8000-000000000009", "it did not hold", 3, 0),
    ),
    "worker": (e.WorkLogged("patrol", "411702001001001", OTHER),),
    "household": (
        e.PlanOpened("street", SOON, (STEP,)),
        e.PlanReviewed(SOON + DAY, (STEP,)),
        e.StepCompleted("ramp", TEXT),
        e.VisitsPlanned((SOON,), PERSON),
        e.Visited("visit", TEXT),
        e.VisitMissed(SOON, PERSON),
        e.PlanClosed("moved away"),
    ),
}
"""One sample of every fact about another kind of subject."""
