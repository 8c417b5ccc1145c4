"""What goes wrong in real cities, and how a case goes on all the same."""

from __future__ import annotations

from schemas import events as e
from schemas.events import Actor, Assignment, Category
from streams.core import blocking
from streams.core.authority import Stage
from streams.core.case.moretime import END_DATE_CAME
from streams.core.kind import Due
from tests.before import EXTENSION_ASKED, HANDED_OVER, RETURNED
from tests.builders import (
    APPROVER,
    CENTRE,
    CLOSED,
    CONDITION,
    DAY,
    DEPUTY,
    DISPATCHED,
    FILED,
    HANDED_BACK,
    LATER,
    MINUTE,
    NUMBER,
    PASSED,
    PHOTO,
    POLICE,
    REPORTED,
    REVIEWER,
    SOON,
    SOURCE,
    STREET,
    T0,
    TEXT,
    WORKED,
    Given,
    Told,
    given,
)

SUMMONED = (*FILED, e.Whistled("several-owners"), e.Summoned(("power", "telecom", "unicom")), e.ReportedIn("power"))
ALONE = (Assignment("power", "lead"),)
BOTH = (Assignment("power", "lead"), Assignment("telecom", "assist"))


# ------------------------------------------------------------ an operator never reports in


def test_an_operator_that_never_reports_in_does_not_hold_up_the_dispatch() -> None:
    case = given(*SUMMONED)
    assert "telecom, unicom" in blocking.sentence(case.case, LATER)
    case.when(e.Dispatch((Assignment("telecom", "lead"),))).then_refused("Dispatch.reported-in")
    case.when(e.Dispatch(BOTH)).then(e.Dispatched(BOTH))


def test_an_operator_that_never_reports_in_can_be_released_and_the_others_finish() -> None:
    case = given(*SUMMONED, e.Dispatched(BOTH))
    case.when(e.HandBack("power")).then_refused("HandBack.lead-last")
    released = case.when(e.ReleaseParty("telecom", "never came")).then(e.PartyReleased("telecom", "never came"))
    assert released.when(e.HandBack("power")).then(e.HandedBack("power")).case.stage is Stage.HANDED_BACK


def test_an_operator_that_never_reports_in_can_be_replaced_by_adjudication() -> None:
    case = given(*SUMMONED, e.Dispatched(BOTH))
    decided = case.when(e.Adjudicate("list-7", ALONE)).then(e.Adjudicated("list-7", ALONE))
    assert [p.org for p in decided.case.parties if p.works] == ["power"]


def test_that_an_operator_did_not_report_in_in_time_is_a_fact_and_the_case_goes_on() -> None:
    called = T0 + 3 * MINUTE
    case = given(*FILED, e.Summoned(("telecom",), 30))
    told = case.when(e.Dispatch(ALONE))
    warned, over = (called + minutes * MINUTE for minutes in (24, 30))
    due = (Due(warned, e.Warned("report_in", over, "telecom")), Due(over, e.RanOut("report_in", over, "telecom")))
    assert told.then(e.Dispatched(ALONE), due=due).case.stage is Stage.DISPATCHED


def test_the_operator_may_still_report_in_after_the_dispatch() -> None:
    given(*SUMMONED, e.Dispatched(BOTH)).when(e.ReportIn("telecom")).then(e.ReportedIn("telecom"))


# ------------------------------------------------------------ who disposes never verifies


def test_a_street_that_disposes_itself_cannot_check_its_own_disposal() -> None:
    parties = (Assignment("street", "lead"),)
    done = given(*FILED, e.Dispatched(parties), e.HandedBack("street"))
    done.when(e.Check("passed"), by=STREET).then_refused("Check.relation")
    done.when(e.Check("passed"), by=Actor("centre", "inspector")).then(e.Checked("passed"))


def test_a_street_cannot_close_what_it_disposed_of_either() -> None:
    parties = (Assignment("street", "lead"),)
    passed = given(*FILED, e.Dispatched(parties), e.HandedBack("street"), e.Checked("passed"))
    passed.when(e.Close("checked"), by=STREET).then_refused("Close.checked.relation")


def test_a_stranger_checks_only_when_asked() -> None:
    village = Actor("village", "grid_worker")
    done = given(*HANDED_BACK)
    done.when(e.Check("passed"), by=village).then_refused("Check.relation")
    asked = done.when(e.AskCheck("village")).then(e.CheckAsked("village"))
    asked.when(e.Check("passed"), by=village).then(e.Checked("passed"))


# ------------------------------------------------------------ assist still open, rework of one


def test_the_lead_waits_for_the_assist_and_the_sentence_names_it() -> None:
    case = given(*WORKED)
    case.when(e.HandBack("power")).then_refused("HandBack.lead-last")
    assert blocking.sentence(case.case, LATER) == "Still open: power, telecom."
    assert blocking.sentence_zh(case.case, LATER) == "尚未反馈：power、telecom。"


def test_rework_may_be_ordered_from_the_assist_alone() -> None:
    failed = given(*HANDED_BACK).when(e.Check("failed", rework=("telecom",)))
    again = failed.then(e.Checked("failed"), e.ReworkOrdered(("telecom",)))
    assert blocking.sentence(again.case, LATER) == "To be done again by telecom."
    assert again.when(e.HandBack("telecom")).then(e.HandedBack("telecom")).case.stage is Stage.HANDED_BACK


# ------------------------------------------------------------ danger to life


def test_danger_to_life_is_handed_over_at_once_and_files_the_case() -> None:
    handed = given(*REPORTED).when(e.HandOver("110", "police", "lost child"), by=STREET)
    after = handed.then(e.Filed(NUMBER), e.HandedOver("110", "police", "lost child"))
    assert [(p.org, p.role) for p in after.case.parties if p.leads] == [("police", "lead")]


def test_police_that_refuse_leave_the_case_to_be_dispatched() -> None:
    over = given(*FILED, e.HandedOver("110", "police", "danger"))
    over.when(e.AnswerHandOver("police", False)).then_refused("AnswerHandOver.reason")
    refused = over.when(e.AnswerHandOver("police", False, "civil matter"))
    after = refused.then(e.HandOverAnswered("police", False, "civil matter"))
    assert after.case.stage is Stage.FILED
    after.when(e.HandBack("police"), by=POLICE).then_refused("HandBack.stage")
    assert after.when(e.Dispatch(BOTH)).then(e.Dispatched(BOTH)).case.stage is Stage.DISPATCHED


def test_police_that_refuse_to_assist_leave_the_others_at_work() -> None:
    after = (
        given(*HANDED_OVER).when(e.AnswerHandOver("police", False, "x")).then(e.HandOverAnswered("police", False, "x"))
    )
    assert after.case.stage is Stage.DISPATCHED
    assert [p.org for p in after.case.parties if p.works] == ["power", "telecom"]


def test_a_transfer_that_police_refuse_is_given_back_and_sent_elsewhere() -> None:
    case = given(*DISPATCHED, e.Transferred("power", "police", "theft"))
    back = case.when(e.Return("police", "civil matter"), by=POLICE).then(e.Returned("police", "civil matter"))
    back.when(e.Transfer("police", "gas", "owner")).then(e.Transferred("police", "gas", "owner"))


def test_without_a_justification_nothing_is_closed_after_a_check() -> None:
    facts = (*FILED, e.HandedOver("110", "police", "danger"), e.HandedBack("police"), e.Checked("passed"))
    case = given(*facts)
    case.when(e.Close("checked")).then_refused("Close.justified")
    justified = case.when(e.JustifyHandOver("a lost child", TEXT)).then(e.HandOverJustified("a lost child", TEXT))
    justified.when(e.Close("checked")).then(e.Closed("checked"))


# ------------------------------------------------------------ time


def test_an_extension_asked_for_after_the_promised_end_comes_too_late() -> None:
    case = given(*DISPATCHED, e.Committed(SOON, "promise", "power"))
    case.when(e.AskExtension("power", "parts"), at=SOON + 1).then_refused("AskExtension.over")
    in_time = case.when(e.AskExtension("power", "parts"), at=SOON - 1)
    assert in_time.decision.facts == (e.ExtensionAsked("power", "parts"),)


def test_two_people_approve_an_extension() -> None:
    one = given(*EXTENSION_ASKED).when(e.ApproveExtension("power"), by=APPROVER).then(e.ExtensionApproved("power"))
    one.when(e.ApproveExtension("power"), by=APPROVER, occurrence="again").then_refused("ApproveExtension.two-people")
    two = one.when(e.ApproveExtension("power"), by=DEPUTY, occurrence="deputy")
    two.then(e.ExtensionApproved("power"), e.ExtensionGranted("power", 1))


def test_a_refused_extension_uses_none_up() -> None:
    refused = (
        given(*EXTENSION_ASKED).when(e.RefuseExtension("power", "no need")).then(e.ExtensionRefused("power", "no need"))
    )
    refused.when(e.AskExtension("power", "parts")).then(e.ExtensionAsked("power", "parts"))


def test_two_known_people_of_one_office_are_two_and_an_unknown_one_may_be_the_same() -> None:
    first, second = (Actor("centre", "approver", f"00000000-0000-4000-8000-00000000000{n}") for n in "12")
    case = given(*EXTENSION_ASKED, Told(e.ExtensionApproved("power"), by=first))
    case.when(e.ApproveExtension("power"), by=APPROVER).then_refused("ApproveExtension.two-people")
    case.when(e.ApproveExtension("power"), by=second).then(e.ExtensionApproved("power"), e.ExtensionGranted("power", 1))


def test_a_suspension_ends_by_itself_before_the_next_claim_is_decided() -> None:
    end = T0 + 20 * DAY
    suspended = given(*WORKED, e.HandedBack("telecom"), e.Suspended("planting season", end))
    suspended.when(e.HandBack("power"), at=end - 1).then_refused("HandBack.suspended")
    resumed = Due(end, e.Resumed(END_DATE_CAME, by_itself=True))
    after = suspended.when(e.HandBack("power"), at=end).then(e.HandedBack("power"), due=(resumed,))
    assert (after.case.stage, after.case.more.suspended_until) == (Stage.HANDED_BACK, 0)


def test_a_suspension_ends_by_itself_in_silence_too() -> None:
    end = T0 + 20 * DAY
    resumed = Due(end, e.Resumed(END_DATE_CAME, by_itself=True))
    suspended = given(*WORKED, e.Suspended("planting season", end))
    again = suspended.when(e.NoteTime(end)).then(due=(resumed,))
    again.when(e.NoteTime(end), occurrence="again").then_nothing()


def ended_by_itself() -> Given:
    """A case that was suspended until SOON and has been noticed to go on by itself."""
    return given(*WORKED, e.Suspended("planting season", T0 + 20 * DAY)).when(e.NoteTime(T0 + 20 * DAY)).after()


def test_that_it_was_resumed_sooner_may_be_told_after_its_end_date_came() -> None:
    """The bad twin refuses it, because somebody happened to look in between."""
    sooner = ended_by_itself().when(e.Resume("funded"), at=T0 + 10 * DAY).then(e.Resumed("funded"))
    sooner.when(e.Resume("funded"), at=T0 + 9 * DAY, occurrence="2").then_refused("Resume.not-suspended")


def test_what_had_ended_by_itself_by_then_is_not_resumed_again() -> None:
    late = ended_by_itself().when(e.Resume("funded"), at=T0 + 20 * DAY)
    late.then_refused("Resume.not-suspended")
    assert "the suspension had ended by itself by then" in late.decision.facts[0].detail
    from_above = ended_by_itself().when(e.Resume("funded"), by=SOURCE, at=T0 + 20 * DAY, already_done=True)
    from_above.then(e.Resumed("funded"), irregular=("Resume.not-suspended",))


# ------------------------------------------------------------ wrong type, ping-pong


def test_the_wrong_type_is_amended_in_mid_flight_and_the_work_goes_on() -> None:
    right = e.Amend("wrong type", Category("gb", "2021", "0203"), condition=CONDITION)
    given(*WORKED).when(right, by=STREET).then_refused("Amend.by-centre")
    amended = given(*WORKED).when(right).then(e.Amended("wrong type", right.category, condition=CONDITION))
    amended.when(e.HandBack("telecom")).then(e.HandedBack("telecom"))


def test_three_returns_in_a_row_call_the_centre_and_nobody_gives_back_any_more() -> None:
    case = given(*RETURNED, e.SentAgain("power", "it is"), e.Returned("power", "no"), e.SentAgain("power", "it is"))
    called = case.when(e.Return("power", "no")).then(e.Returned("power", "no"), e.AdjudicationCalled(3))
    assert blocking.sentence(called.case, LATER).startswith("The centre has to adjudicate; given back by power")
    called.when(e.SendAgain("power", "it is")).then_refused("SendAgain.adjudicate-first")
    called.when(e.Transfer("power", "gas", "owner")).then_refused("Transfer.adjudicate-first")
    called.when(e.Return("telecom", "no")).then_refused("Return.adjudicate-first")
    decided = called.when(e.Adjudicate("list-7", BOTH)).then(e.Adjudicated("list-7", BOTH))
    decided.when(e.Return("power", "no"), occurrence="after").then_refused("Return.adjudicated")
    decided.when(e.HandBack("telecom")).then(e.HandedBack("telecom"))


def test_who_is_sent_it_again_goes_on_where_it_was() -> None:
    given(*RETURNED).when(e.SendAgain("power", "it is")).then(e.SentAgain("power", "it is"))
    given(*RETURNED).when(e.HandBack("power")).then_refused("HandBack.relation")


# ------------------------------------------------------------ closing otherwise


def test_a_case_without_owner_is_forced_shut_by_two_people_over_open_work() -> None:
    proposed = given(*DISPATCHED).when(e.ProposeForcing("no owner"), by=CENTRE).then(e.ForcingProposed("no owner"))
    proposed.when(e.Close("forced", "no owner"), by=CENTRE).then_refused("Close.two-people")
    closed = proposed.when(e.Close("forced", "no owner"), by=DEPUTY).then(e.Closed("forced", "no owner"))
    assert closed.case.stage is Stage.CLOSED


def test_a_source_that_closes_over_open_work_as_checked_is_recorded_not_checked() -> None:
    told = given(*DISPATCHED).when(e.Close("checked"), by=SOURCE, already_done=True)
    rules = ("Close.checked.stage", "Close.checked.relation", "Close.open-parties")
    told.then(e.Closed("recorded"), irregular=rules)


def test_an_appeal_is_reviewed_by_two_and_exempts_only_when_both_approve() -> None:
    appealed = given(*CLOSED).when(e.Appeal("power", "typhoon", TEXT, (PHOTO,)))
    case = appealed.then(e.Appealed("power", "typhoon", TEXT, (PHOTO,)))
    approve, deny = (e.ReviewAppeal("power", approved, "x") for approved in (True, False))
    first = case.when(approve, by=REVIEWER).then(e.AppealReviewed("power", True, "x", 1))
    second = Actor("city", "reviewer")
    first.when(approve, by=second, occurrence="2").then(
        e.AppealReviewed("power", True, "x", 2), e.Exempted("power", "x")
    )
    first.when(deny, by=second, occurrence="2").then(e.AppealReviewed("power", False, "x", 2))


def test_a_reopened_case_goes_to_its_parties_again_and_a_self_handled_one_to_filing() -> None:
    again = given(*CLOSED).when(e.Reopen("it leans again")).then(e.Reopened("it leans again"))
    assert [(p.org, p.status) for p in again.case.parties if p.works] == [("power", "rework"), ("telecom", "rework")]
    settled = given(*REPORTED, e.SelfHandled(TEXT, (PHOTO,)), e.Closed("self_handled"))
    back = settled.when(e.Reopen("it was not")).then(e.Reopened("it was not"))
    assert back.when(e.File()).then(e.Filed(NUMBER)).case.stage is Stage.FILED


def test_nothing_blocks_a_case_that_has_passed_its_check() -> None:
    assert blocking.sentence(given(*PASSED).case, LATER) == blocking.sentence_zh(given(*PASSED).case, LATER) == ""


def test_every_reason_that_blocks_has_both_languages() -> None:
    for english, chinese in blocking.WORDS.values():
        assert english.isascii()
        assert not chinese.isascii()
        assert ("{orgs}" in english) is ("{orgs}" in chinese)
