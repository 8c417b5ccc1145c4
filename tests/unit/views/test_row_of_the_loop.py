"""What a row shows of the whole closure loop: who was called, who came, who left, what is linked."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.events import (
    Absorbed,
    Acknowledged,
    Actor,
    Adjudicated,
    AdjudicationCalled,
    Amended,
    Appealed,
    AppealReviewed,
    Assignment,
    AuditSampled,
    CalledBack,
    Category,
    CheckAsked,
    Closed,
    Committed,
    Condition,
    Deliberated,
    DispatchProposed,
    DuplicateDismissed,
    DuplicateSuspected,
    Escalated,
    Exempted,
    ExtensionApproved,
    ExtensionAsked,
    ExtensionGranted,
    ExtensionRefused,
    Filed,
    ForcingProposed,
    GroupJoined,
    GroupLeft,
    HandedBack,
    HandedOver,
    HandOverAnswered,
    HandOverJustified,
    LeadAppointed,
    LeadVerified,
    Linked,
    Merged,
    PartiesAdded,
    PartyReleased,
    Place,
    Progressed,
    RanOut,
    ReferenceAnswered,
    ReferenceAsked,
    RegimeChanged,
    Reopened,
    ReportedIn,
    ReporterAnswered,
    ReportWithdrawn,
    Restricted,
    Resumed,
    Returned,
    RunOutWithdrawn,
    SentAgain,
    Source,
    Summoned,
    Supervised,
    Suspended,
    Transferred,
    Unlinked,
    Urged,
    Voided,
    Warned,
    Whistled,
)
from streams.views import row as rows
from streams.views.more import More
from streams.views.row import CaseRow
from tests.builders import CLOSED, DISPATCHED, FILED, HANDED_BACK, MINUTE, REPORTED, STREET, T0, WORKED, fact, reported

OTHER = "00000000-0000-4000-8000-00000000000a"
GROUP = "00000000-0000-4000-8000-00000000000b"


def row_after(*bodies: Any) -> CaseRow:
    """The row of these facts; one in a pair has another actor."""
    row = rows.NEW
    for seq, said in enumerate(bodies, 1):
        body, by = said if isinstance(said, tuple) else (said, STREET)
        row = rows.evolve(row, *fact(body, seq, by=by))
    return row


def more_after(*bodies: Any) -> More:
    more = row_after(*bodies).more
    assert more is not None
    return more


def parties(row: CaseRow) -> dict[str, tuple[str, str]]:
    return {p.org: (p.role, p.status) for p in row.parties}


def at(seq: int) -> int:
    return T0 + seq * MINUTE


def test_a_plain_case_has_nothing_that_only_some_cases_have() -> None:
    assert row_after(*CLOSED).more is None


# ------------------------------------------------------------ whistle, summons, report-in


def test_who_whistled_for_what() -> None:
    (blown,) = more_after(*FILED, Whistled("dig")).whistles
    assert (blown.by, blown.need, blown.targets, blown.seq, blown.at) == ("street", "dig", (), 3, at(3))


def test_who_was_summoned_until_when_and_when_each_came() -> None:
    power, telecom = more_after(*FILED, Summoned(("power", "telecom"), 30), ReportedIn("telecom")).summons
    assert (power.org, power.at, power.due_at, power.reported_in_at) == ("power", at(3), at(33), None)
    assert (telecom.reported_in_at, telecom.reported_in_seq, telecom.called) == (at(4), 4, True)


def test_a_summons_by_the_citys_rule_has_no_time_of_its_own() -> None:
    (power,) = more_after(*FILED, Summoned(("power",))).summons
    assert power.due_at is None


def test_who_comes_uncalled_is_there_all_the_same() -> None:
    (gas,) = more_after(*FILED, ReportedIn("gas")).summons
    assert (gas.org, gas.called, gas.reported_in_at) == ("gas", False, at(3))


def test_who_is_summoned_again_has_to_report_in_again() -> None:
    (power,) = more_after(*FILED, Summoned(("power",), 30), ReportedIn("power"), Summoned(("power",), 10)).summons
    assert (power.reported_in_at, power.due_at) == (None, at(15))


# ------------------------------------------------------------ parties


def test_a_transfer_puts_another_in_its_place_and_keeps_who_has_gone() -> None:
    row = row_after(*WORKED, Transferred("power", "gas", "wrong"))
    assert parties(row)["power"] == ("lead", "transferred")
    assert (parties(row)["gas"], row.lead) == (("lead", "dispatched"), "gas")
    power, gas = row.parties[0], row.parties[-1]
    assert (power.gone_at, gas.dispatched_at, gas.seq) == (at(6), at(6), 6)


def test_who_was_transferred_does_not_hold_up_the_hand_back() -> None:
    row = row_after(*WORKED, Transferred("telecom", "gas", "wrong"), HandedBack("gas"), HandedBack("power"))
    assert (row.stage, row.handed_back_at) == ("handed_back", at(8))


def test_who_has_gone_and_comes_back_begins_anew() -> None:
    gone = (*WORKED, Transferred("telecom", "gas", "wrong"))
    back = row_after(*gone, PartiesAdded((Assignment("telecom", "assist"),)))
    (telecom,) = [p for p in back.parties if p.org == "telecom"]
    assert (telecom.status, telecom.seq, telecom.acknowledged_at, telecom.gone_at) == ("dispatched", 7, None, None)


def test_a_released_party_is_none_any_more() -> None:
    assert parties(row_after(*DISPATCHED, PartyReleased("telecom", "done")))["telecom"] == ("assist", "released")


def test_an_appointed_lead_turns_the_old_one_into_an_assist() -> None:
    row = row_after(*DISPATCHED, LeadAppointed("telecom", "owner"))
    assert (parties(row)["telecom"][0], parties(row)["power"][0], row.lead) == ("lead", "assist", "telecom")


def test_a_return_stays_on_record_when_the_party_works_again() -> None:
    row = row_after(*DISPATCHED, Returned("power", "not-ours"), SentAgain("power", "is-yours"))
    assert parties(row)["power"] == ("lead", "dispatched")
    assert (row.parties[0].returned_at, row.more and row.more.returns[0].reason) == (at(4), "not-ours")


def test_after_adjudication_only_those_named_are_parties() -> None:
    called = (*DISPATCHED, Returned("power", "not-ours"), AdjudicationCalled(3))
    row = row_after(*called, Adjudicated("rule-9", (Assignment("power", "assist"), Assignment("gas", "lead"))))
    assert parties(row) == {
        "power": ("assist", "dispatched"),
        "telecom": ("assist", "released"),
        "water": ("inform", "released"),
        "gas": ("lead", "dispatched"),
    }
    assert row.more is not None
    assert (row.lead, row.more.adjudication_called_at, row.more.adjudicated_at) == ("gas", at(5), at(6))


def test_a_hand_over_makes_the_service_lead_where_there_is_none_and_assist_where_there_is() -> None:
    over = HandedOver("110", "police", "lost-child")
    alone, beside = row_after(*FILED, over), row_after(*DISPATCHED, over)
    assert (alone.stage, parties(alone)) == ("dispatched", {"police": ("lead", "dispatched")})
    assert (beside.lead, parties(beside)["police"]) == ("power", ("assist", "dispatched"))


def test_a_refused_hand_over_leaves_the_case_to_be_dispatched() -> None:
    row = row_after(*FILED, HandedOver("110", "police", "x"), HandOverAnswered("police", False, "not-ours"))
    assert (row.stage, row.lead, parties(row)) == ("filed", None, {"police": ("lead", "released")})


def test_an_accepted_hand_over_has_the_services_number_and_its_justification() -> None:
    answered = HandOverAnswered("police", True, None, "jq-7")
    row = row_after(*FILED, HandedOver("110", "police", "x"), answered, HandOverJustified("life"))
    assert row.more is not None
    (over,) = row.more.hand_overs
    assert (over.service, over.accepted, over.reference, over.justified_at) == ("110", True, "jq-7", at(5))
    assert parties(row)["police"] == ("lead", "acknowledged")


def test_a_promise_of_one_party_is_its_own_due_date() -> None:
    power, telecom, _water = row_after(*DISPATCHED, Committed(at(103), "basis", "telecom")).parties
    assert (power.due_at, telecom.due_at, telecom.yellow_at) == (None, at(103), at(83))


# ------------------------------------------------------------ what it is about


def test_an_amendment_changes_what_it_names_and_stays_on_record() -> None:
    amended = Amended(
        "wrong", Category("gb", "2021", "0203"), Place("410102001"), Condition("y", "1", "7"), None, "p-1"
    )
    row = row_after(*FILED, amended)
    assert (row.category_code, row.division, row.grid, row.longitude) == ("0203", "410102001", None, None)
    assert row.more is not None
    assert (row.condition, row.more.asset, row.more.asset_seq) == ("y 1 7", "p-1", 3)
    assert row.more.amendments[0].what == ("category", "place", "condition", "asset")


def test_the_filing_condition_stands_in_the_row() -> None:
    assert row_after(reported(), Filed("n", Condition("y", "1", "42"))).condition == "y 1 42"


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        (ReportWithdrawn("mistake"), "withdrawn"),
        (Voided("twice"), "void"),
        (Merged(OTHER, "same"), "merged"),
    ],
)
def test_a_case_that_ends_otherwise_says_so(body: Any, stage: str) -> None:
    row = row_after(*FILED, body)
    assert (row.stage, row.more and row.more.ended_because) == (stage, body.reason)


def test_links_are_kept_once_for_each_kind_and_cut_by_unlinking() -> None:
    linked = (*FILED, Linked(OTHER, "related"), Linked(OTHER, "related"), DuplicateSuspected(OTHER, 7.0, 60, "d-1"))
    assert [k.kind for k in more_after(*linked).links] == ["related", "suspected"]
    assert [k.kind for k in more_after(*linked, Unlinked(OTHER, "no")).links] == ["suspected"]
    assert [k.kind for k in more_after(*linked, DuplicateDismissed(OTHER, "no")).links] == ["related", "dismissed"]
    assert [k.kind for k in more_after(*FILED, Absorbed(OTHER)).links] == ["absorbed"]


def test_groups_that_it_belongs_to() -> None:
    assert more_after(*FILED, GroupJoined(GROUP), GroupJoined(GROUP)).groups == (GROUP,)
    assert more_after(*FILED, GroupJoined(GROUP), GroupLeft(GROUP, "other")).groups == ()


def test_a_restricted_case_names_who_may_see_it() -> None:
    row = row_after(*FILED, Restricted("mediation", ("court",)), Restricted("mediation", ("legal-aid", "court")))
    assert (row.restricted, row.more and row.more.visible_to) == (True, ("court", "legal-aid"))
    assert row_after(reported(restricted=True)).restricted


def test_a_question_by_reference_knows_who_asked_and_who_answered() -> None:
    asked = (ReferenceAsked("police", "identity"), Actor("centre", "dispatcher"))
    answered = (ReferenceAnswered("police", "known", "jq-7"), Actor("police", "handler"))
    (question,) = more_after(*FILED, asked, answered).questions
    assert (question.by, question.party, question.outcome, question.reference) == ("centre", "police", "known", "jq-7")


def test_each_sides_own_word_is_kept_apart() -> None:
    row = rows.evolve(row_after(*DISPATCHED, Acknowledged("power", "taken")), *_said(Acknowledged("power", "受理"), 5))
    assert row.upstream_status == "taken"
    assert row.more is not None
    assert [(w.system, w.org, w.status) for w in row.more.words] == [("power-crm", "street", "受理")]


def _said(body: Any, seq: int) -> Any:
    from msgspec.structs import replace

    meta, _ = fact(body, seq)
    return replace(meta, source=Source("power-crm", "9")), body


# ------------------------------------------------------------ time and work


def test_extensions_are_counted_by_their_approvals_and_their_end() -> None:
    first = (ExtensionAsked("power", "rain"), ExtensionApproved("power"), ExtensionGranted("power", 1))
    granted, refused = more_after(
        *DISPATCHED, *first, ExtensionAsked("power", "snow"), ExtensionRefused("power", "no")
    ).extensions
    assert (granted.outcome, granted.approvals, refused.outcome, refused.reason) == ("granted", 1, "refused", "snow")


def test_a_suspension_lasts_until_it_is_resumed() -> None:
    suspended = (*DISPATCHED, Suspended("season", at(9_000)))
    resting = more_after(*suspended).suspension
    assert resting is not None
    assert (resting.reason, resting.until) == ("season", at(9_000))
    resumed = more_after(*suspended, Resumed("season", True))
    assert (resumed.suspension, resumed.suspended) == (None, 1)


def test_clocks_that_spoke_up_say_the_last_they_said() -> None:
    spoken = (Warned("disposal", at(9), "power"), RanOut("disposal", at(9), "power"), Warned("closure", at(99)))
    assert [(c.clock, c.state) for c in more_after(*DISPATCHED, *spoken).clocks] == [
        ("disposal", "ran out"),
        ("closure", "warned"),
    ]
    last = more_after(*DISPATCHED, *spoken, RunOutWithdrawn("disposal", at(9), "power")).clocks[-1]
    assert (last.party, last.state) == ("power", "in time after all")


def test_steps_of_work_are_kept_once_for_each_side() -> None:
    steps = (Progressed("power"), Progressed("power"), Deliberated(12, True), LeadVerified("street", False))
    assert [(w.what, w.outcome) for w in more_after(*DISPATCHED, *steps).work] == [
        ("progress", None),
        ("deliberated", "agreed, 12 took part"),
        ("lead verified", "not confirmed"),
    ]


# ------------------------------------------------------------ looked at again


def test_an_appeal_has_its_reviews_and_its_exemption() -> None:
    appealed = (*CLOSED, Appealed("power", "storm"), AppealReviewed("power", True, "yes", 1))
    more = more_after(*appealed, AppealReviewed("power", True, "yes", 2), Exempted("power", "storm"))
    assert (more.appeals[0].reviews, more.exempted) == ((True, True), ("power",))


def test_a_reopened_case_is_open_and_its_parties_work_again() -> None:
    row = row_after(*CLOSED, Reopened("not-done"))
    assert (row.stage, row.closed_at, row.closing_kind) == ("dispatched", None, None)
    assert parties(row) == {
        "power": ("lead", "rework"),
        "telecom": ("assist", "rework"),
        "water": ("inform", "dispatched"),
    }
    assert row_after(*REPORTED, Filed("n"), Closed("recorded"), Reopened("x")).stage == "filed"


def test_flags_beside_the_stage() -> None:
    more = more_after(
        *HANDED_BACK,
        Supervised("yellow"),
        Urged("power"),
        Urged("power"),
        RegimeChanged("emergency", 3),
        Escalated("district", "centre", "hard"),
        CheckAsked("street"),
        ForcingProposed("moved"),
        AuditSampled(0.1),
        ReporterAnswered("phone"),
        ReporterAnswered("phone"),
        CalledBack(True, True, False),
    )
    assert (more.supervision, more.urged, more.regime, more.level, more.level_org) == (
        "yellow", 2, "emergency", "district", "centre",
    )  # fmt: skip
    assert (more.check_asked, more.forcing_proposed_by, more.audit) == ("street", "street", "sampled")
    assert (more.first_answer_at, more.call_backs[0].satisfied) == (at(16), False)


def test_what_routing_proposed_is_shown() -> None:
    proposed = DispatchProposed("street", "item-7", False, (Assignment("power", "lead"),))
    assert more_after(*FILED, proposed).proposed == ("lead power",)


def test_the_three_cross_rule_goes_by_the_newest_fact_that_bears_on_it() -> None:
    bearing = row_after(*DISPATCHED, Acknowledged("power")).bearing
    assert (bearing.seq, bearing.at, bearing.place_seq) == (3, at(3), 1)
    assert row_after(*DISPATCHED, Transferred("power", "gas", "x")).bearing.seq == 4
    by_centre = row_after(*REPORTED, (Filed("n"), Actor("centre", "dispatcher"))).bearing
    assert (by_centre.centre, by_centre.centre_seq) == ("centre", 2)
