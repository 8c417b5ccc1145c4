"""For each claim about a case a history in which its sample is accepted; DISPATCHED for claims that are not here."""

from __future__ import annotations

from typing import Any

from schemas import events as e
from tests.builders import CLOSED, DISPATCHED, FILED, HANDED_BACK, PASSED, REPORTED, Told
from tests.samples import APPROVER, CENTRE, DAY, OTHER, PHOTO, SOON, TEXT
from tests.samples import GROUP as LIKE_ONES

SELF_HANDLED = (*REPORTED, e.SelfHandled(TEXT, (PHOTO,)), e.Closed("self_handled"))
HANDED_OVER = (*DISPATCHED, e.HandedOver("110", "police", "danger"))
RETURNED = (*DISPATCHED, e.Returned("power", "not-ours"))
EXTENSION_ASKED = (*DISPATCHED, e.ExtensionAsked("power", "parts"))
EXTENSION_APPROVED = (*EXTENSION_ASKED, Told(e.ExtensionApproved("power"), by=APPROVER))
FORCING = (*DISPATCHED, Told(e.ForcingProposed("owner unknown"), by=CENTRE))
APPEALED = (*CLOSED, e.Appealed("power", "weather"))
SUSPENDED = (*DISPATCHED, e.Suspended("planting season", SOON + DAY))

BEFORE: dict[type, tuple[Any, ...]] = {
    e.Report: (),
    e.File: REPORTED,
    e.RefuseFiling: REPORTED,
    e.SelfHandle: REPORTED,
    e.Dispatch: FILED,
    e.HandBack: (*DISPATCHED, e.HandedBack("telecom")),
    e.Check: HANDED_BACK,
    e.Close: PASSED,
    e.AskLeadVerification: REPORTED,
    e.VerifyLead: (*REPORTED, e.LeadVerificationAsked("street")),
    e.ReportIn: (*DISPATCHED, e.Summoned(("power", "telecom"), 30)),
    e.SendAgain: RETURNED,
    e.AnswerHandOver: HANDED_OVER,
    e.JustifyHandOver: HANDED_OVER,
    e.ApproveExtension: EXTENSION_ASKED,
    e.RefuseExtension: EXTENSION_ASKED,
    e.Resume: SUSPENDED,
    e.AskCheck: HANDED_BACK,
    e.Reopen: CLOSED,
    e.CallBack: CLOSED,
    e.Audit: (*SELF_HANDLED, e.AuditSampled(0.1)),
    e.Appeal: CLOSED,
    e.ReviewAppeal: APPEALED,
    e.DismissDuplicate: (*DISPATCHED, e.DuplicateSuspected(OTHER, 1.0, 60, "near-1")),
    e.Divide: REPORTED,
    e.Unlink: (*DISPATCHED, e.Linked(OTHER, "related")),
    e.LeaveGroup: (*DISPATCHED, e.GroupJoined(LIKE_ONES)),
    e.AnswerReference: (*DISPATCHED, e.ReferenceAsked("police", "identity")),
    e.NoteTime: (*DISPATCHED, e.Suspended("planting season", SOON)),
}
