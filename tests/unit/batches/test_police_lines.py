"""What facts become for the police, and what their lines become for the hub."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec.structs import replace

from connectors.batches import capsule, codes, lines
from connectors.batches.batch import Capsule, Line
from connectors.batches.capsule import CannotOpen
from connectors.batches.drafts import Theirs, drafts
from connectors.batches.lines import BadLine
from connectors.batches.translate import steps
from connectors.contract import CallerRef, Card, Draft, Item
from schemas import ids
from schemas.events import (
    Acknowledge,
    Actor,
    AnswerHandOver,
    AnswerReference,
    AskReference,
    Assignment,
    Category,
    Dispatched,
    Filed,
    FilingRefused,
    HandBack,
    HandedOver,
    HandOver,
    Place,
    PoliceCode,
    Progress,
    ReferenceAnswered,
    ReferenceAsked,
    Refused,
    Report,
    ReportIn,
    Return,
    Source,
    Subject,
    Summoned,
    TextRef,
    Transferred,
)
from schemas.wire import sealing
from tests.builders import fact

CASE = ids.case_id("hotline", "7")
TEXT = TextRef("11111111-1111-4111-8111-111111111111", b"\x01" * 32)
OTHER_TEXT = TextRef("22222222-2222-4222-8222-222222222222", b"\x02" * 32)
CARD = Card(
    number="150271-261127-003-00017-8",
    stage="dispatched",
    category=Category("xitu", "2026", "0701"),
    place=Place(division="150271001001", address="富强路口"),
    source=Source("hotline", "7"),
    text=TEXT,
)
AT = 1_764_000_000_000_000


def item(body: Any, card: Card = CARD, by: str = "xitu-centre") -> Item:
    """An item of the police's feed."""
    meta, _ = fact(body, 4, at=AT, by=Actor(by, "dispatcher"))
    return Item("police", 0, 1, "fact", Subject("case", CASE), 4, card, AT, meta, body)


def told(body: Any, card: Card = CARD, by: str = "xitu-centre") -> dict[str, Any]:
    (step,) = steps(item(body, card, by), "police", "police-110")
    return step.body


def test_danger_to_life_is_urgent_and_brings_the_caller_along_sealed() -> None:
    line = told(HandedOver("110", "police", "danger", OTHER_TEXT))
    assert (line["lane"], line["kind"], line["case"]) == ("urgent", "hand-over", f"hub:{CASE}")
    assert line["capsule"] == {"text": OTHER_TEXT, "contact": CallerRef()}
    assert line["body"]["card"]["division"] == "150271001001"


def test_what_goes_to_another_service_is_news_without_words() -> None:
    line = told(HandedOver("119", "fire", "fire", TEXT))
    assert (line["lane"], line["kind"], line["capsule"]) == ("regular", "news", {})


@pytest.mark.parametrize(
    ("body", "role"),
    [
        (Dispatched((Assignment("police", "lead"),)), "lead"),
        (Transferred("street", "police", "wrong"), "lead"),
        (Dispatched((Assignment("street", "lead"), Assignment("police", "assist"))), "assist"),
    ],
)
def test_a_matter_that_they_are_asked_to_take_is_a_transfer(body: Any, role: str) -> None:
    line = told(body)
    assert (line["kind"], line["body"]["role"]) == ("transfer", role)
    assert line["capsule"] == {"text": TEXT, "contact": CallerRef()}


@pytest.mark.parametrize(
    "body", [Dispatched((Assignment("street", "lead"), Assignment("police", "inform"))), Summoned(("street",))]
)
def test_what_they_need_not_take_is_news(body: Any) -> None:
    assert told(body)["kind"] == "news"


def test_a_summons_and_a_question_name_no_caller() -> None:
    assert told(Summoned(("police", "fire")))["capsule"] == {"text": TEXT}
    question = told(ReferenceAsked("police", "identity"), by="civil-affairs")
    assert (question["kind"], question["capsule"]) == ("question", {})
    assert (question["body"]["purpose"], question["body"]["by"]) == ("identity", "civil-affairs")


def test_they_hear_what_they_asked_others_by_reference_and_nothing_of_their_own_answer() -> None:
    line = told(ReferenceAnswered("civil-affairs", "identified", "MZ-1"))
    assert (line["kind"], line["body"]["reference"]) == ("reference", "MZ-1")
    assert told(ReferenceAnswered("police", "identified", "GA-1"))["kind"] == "news"


THEIRS_CARD = Card(number="N-1", source=Source("police-110", "JJ-1"))


def test_they_hear_whether_the_hotline_takes_what_they_handed_over() -> None:
    taken, refused = told(Filed("N-1"), THEIRS_CARD), told(FilingRefused("not-ours"), THEIRS_CARD)
    assert (taken["kind"], taken["case"]) == ("transfer-answer", "110:JJ-1")
    assert (taken["body"]["accepted"], taken["body"]["number"]) == (True, "N-1")
    assert (refused["body"]["accepted"], refused["body"]["reason"]) == (False, "not-ours")
    assert told(Filed("N-1"))["kind"] == "news"


def test_they_hear_which_rule_forbade_what_they_said() -> None:
    line = told(Refused("threecross.claim.dispatch.Acknowledge", "Acknowledge.stage", "…"), by="police")
    assert (line["kind"], line["body"]["claim"], line["body"]["rule"]) == (
        "refused",
        "Acknowledge",
        "Acknowledge.stage",
    )


def test_the_same_item_leads_to_the_same_step_and_subjects_that_are_no_cases_to_none() -> None:
    one = item(Filed("N-1"))
    assert steps(one, "police", "x") == steps(one, "police", "x")
    assert steps(replace(one, subject=Subject("worker", CASE)), "police", "x") == []


# ------------------------------------------------------------ what they say


def division(code: str | None, at: int) -> str | None:
    return codes.division(CROSS_WALK, code, at)


CROSS_WALK = [
    PoliceCode("150271001001", "150271001001001", 0, AT),
    PoliceCode("150271001001", "150271001001101", AT),
    PoliceCode("150271001001", "150271001001102", AT),
]
THEIRS = Theirs("police", "handler", "operator", "police-110", {"0301": Category("xitu", "2026", "0701")}, division)


def said(kind: str, body: dict[str, Any], case: str = f"hub:{CASE}", words: dict[str, str] | None = None) -> Draft:
    line = Line("key", case, 1, kind, {"at": AT, **body})
    (draft,) = drafts(line, words or {}, THEIRS, lambda number: number if number == CASE else None)
    return draft


ANSWERS = [
    ("hand-over-answer", {"accepted": True, "number": "JJ-9"}, AnswerHandOver("police", True, None, "JJ-9")),
    ("hand-over-answer", {"accepted": False, "reason": "no-danger"}, AnswerHandOver("police", False, "no-danger")),
    ("transfer-answer", {"accepted": True}, Acknowledge("police")),
    ("transfer-answer", {"accepted": False, "reason": "not-police"}, Return("police", "not-police")),
    ("reference", {"outcome": "identified", "reference": "GA-1"}, AnswerReference("police", "identified", "GA-1")),
    ("question", {"party": "civil-affairs", "purpose": "kin"}, AskReference("civil-affairs", "kin")),
    ("hand-on", {"service": "120", "org": "medical", "reason": "injured"}, HandOver("120", "medical", "injured")),
    ("report-in", {}, ReportIn("police")),
    ("progress", {}, Progress("police")),
    ("hand-back", {}, HandBack("police")),
]


@pytest.mark.parametrize(("kind", "body", "claim"), ANSWERS)
def test_each_of_their_lines_is_one_claim_of_theirs(kind: str, body: dict[str, Any], claim: Any) -> None:
    draft = said(kind, body)
    assert draft.body == claim
    assert (draft.meta.actor.org, draft.meta.actor.role, draft.meta.subject.id) == ("police", "handler", CASE)
    assert said(kind, body) == draft


def test_words_of_a_capsule_go_to_the_vault() -> None:
    assert said("hand-back", {}, words={"text": "送回家了"}).personal.text == "送回家了"


def test_what_they_hand_over_is_a_report_with_its_caller_for_the_vault() -> None:
    body = {"category": "0301", "police_code": "150271001001101", "place": "富强路口"}
    draft = said("transfer", body, "110:JJ-1", {"text": "有人吵闹", "contact": "13800000000"})
    assert draft.body == Report(Category("xitu", "2026", "0701"), Place("150271001001", None, "富强路口"), "110")
    assert (draft.meta.source, draft.meta.actor.role) == (Source("police-110", "JJ-1"), "operator")
    assert (draft.personal.text, draft.personal.person) == ("有人吵闹", "13800000000")


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "unknown-kind": ("arrest", {}),
    "bad-body": ("reference", {"outcome": "identified", "name": "somebody"}),
    "personal-in-the-open": ("reference", {"outcome": "identified", "reference": "15020119900101001X"}),
    "not-a-code": ("reference", {"outcome": "identified", "reference": "张三"}),
    "no-reason": ("transfer-answer", {"accepted": False}),
    "unknown-category": ("transfer", {"category": "9999"}),
    "unknown-police-code": ("transfer", {"category": "0301", "police_code": "999999999999999"}),
}


@pytest.mark.parametrize("code", BAD)
def test_a_line_that_says_too_much_or_too_little_is_refused(code: str) -> None:
    kind, body = BAD[code]
    with pytest.raises(BadLine) as bad:
        said(kind, body, "110:JJ-1" if kind == "transfer" else f"hub:{CASE}")
    assert bad.value.code == code


def test_a_case_that_they_were_never_told_of_is_refused() -> None:
    with pytest.raises(BadLine) as bad:
        said("progress", {}, f"hub:{ids.case_id('other', '1')}")
    assert bad.value.code == "unknown-case"


@pytest.mark.parametrize("number", ["13800000000", "+86 138 0000 0000", "138-0000-0000", "15020119900101001x"])
def test_phones_and_identity_numbers_are_seen_wherever_they_stand(number: str) -> None:
    with pytest.raises(BadLine):
        lines.check_open({"a": [{"b": f"call {number}, please"}]})


@pytest.mark.parametrize(
    "number", ["150271001001", "150271001001101", CASE, "411702-261123-003-00017-8", "GA-15027-0077"]
)
def test_codes_and_numbers_of_cases_are_no_phones(number: str) -> None:
    lines.check_open({"a": number})


# ------------------------------------------------------------ codes and capsules


def test_a_division_has_the_police_codes_of_its_day() -> None:
    assert codes.police_codes(CROSS_WALK, "150271001001", AT - 1) == ["150271001001001"]
    assert codes.police_codes(CROSS_WALK, "150271001001", AT) == ["150271001001101", "150271001001102"]
    assert codes.police_codes(CROSS_WALK, "150271001002", AT) == []
    assert codes.division(CROSS_WALK, "150271001001001", AT) is None


_KEY = X25519PrivateKey.from_private_bytes(b"\x07" * 32)
PAIR = sealing.KeyPair(_KEY.private_bytes_raw(), _KEY.public_key().public_bytes_raw())


def sealed(case: str = "hub:1", expires_at: int = AT) -> Capsule:
    return capsule.sealed(PAIR.public, "key", case, {"text": "words"}, expires_at)


def test_a_capsule_is_opened_by_its_reader_for_its_case_until_it_expires() -> None:
    assert capsule.opened(PAIR.private, sealed(), "hub:1", AT - 1) == {"text": "words"}
    assert sealed().id == sealed().id != capsule.capsule_id("other key")


def test_a_capsule_is_good_for_no_other_case_date_id_or_key_and_not_when_it_has_expired() -> None:
    one = sealed()
    for bad, key, case, now in (
        (one, PAIR.private, "hub:2", AT - 1),
        (replace(one, expires_at=AT + 1), PAIR.private, "hub:1", AT - 1),
        (replace(one, id=capsule.capsule_id("other")), PAIR.private, "hub:1", AT - 1),
        (one, b"\x08" * 32, "hub:1", AT - 1),
        (one, PAIR.private, "hub:1", AT),
        (replace(one, sealed="?"), PAIR.private, "hub:1", AT - 1),
    ):
        with pytest.raises(CannotOpen):
            capsule.opened(key, bad, case, now)
