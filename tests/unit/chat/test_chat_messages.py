"""Messages of groups: whom the hub believes, what becomes a report, and what is answered at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.chat import message as messages
from connectors.chat.message import More, NewReport, StatusAsked, group_of, spellings
from connectors.chat.settings import Words
from connectors.contract import Refused
from connectors.intake.translate import Shown
from schemas import codec, ids
from schemas.events import Category, Report, Supplement
from tests.builders import DAY, T0
from tests.chat_samples import CONFIG, DIGEST, GROUP, NOW, OTHER_GROUP, PHOTO, Speaking, message, written_at

NONSENSE = [
    json.dumps(message(**changes)).encode()
    for changes in (
        {"extra": 1},
        {"at": "2025-11-23 08:00"},
        {"text": "zero \0"},
        {"place": {"address": "\0"}},
        {"place": {"point": {"x": 181, "y": 1, "system": "WGS-84"}}},
        {"group": "a group"},
    )
]
HUB_NUMBER = "411702-251123-000-00001-3"


@pytest.fixture
def chat(tmp_path: Path) -> Speaking:
    made = Speaking(tmp_path)
    assert made.put().status_code == 201
    return made


# ------------------------------------------------------------ a report


def test_a_message_with_place_and_photo_is_a_report_in_the_grid_of_its_group(chat: Speaking) -> None:
    answer = chat.tell(message())
    assert (answer.status_code, answer.json()["outcome"]) == (202, "taken")
    (draft,) = chat.take.drafts
    assert isinstance(draft.body, Report)
    assert draft.body.inlet == "chat"
    assert (draft.body.place.grid, draft.body.place.division) == ("411702007003001", "411702007003")
    assert draft.body.place.position is not None
    assert draft.body.place.position.original_system == "GCJ-02"
    assert draft.body.category == Category("yicheng", "2026", "0105"), "the keyword says what it is about"
    assert [file.size for file in draft.body.evidence] == [len(PHOTO)]
    assert draft.meta.occurred_at == T0, "when it was written, not when it came"
    assert (draft.meta.actor.org, draft.meta.actor.role) == ("yicheng-chat", "reporter")
    number = answer.json()["number"]
    assert draft.meta.source.number == number
    assert draft.meta.subject.id == ids.case_id("chat", number)
    assert group_of(number) == GROUP


def test_what_a_person_wrote_and_who_it_was_goes_to_the_vault_and_nowhere_else(chat: Speaking) -> None:
    answer = chat.tell(message())
    (draft,) = chat.take.drafts
    sent = codec.encode(draft.meta, draft.body) + answer.content + (draft.told or b"")
    for personal in ("王春晓", "13900000000", "u-7", "电线杆斜了", "12 号旁"):
        assert personal.encode() not in sent
        assert json.dumps(personal).strip('"').encode() not in sent
    assert draft.personal.text == "电线杆斜了\n地点：春晓街 12 号旁"
    assert draft.personal.person == "name: 王春晓\nphone: 13900000000\naccount: u-7"


def test_the_same_message_again_has_the_same_number_and_is_taken_once(chat: Speaking) -> None:
    answers = [chat.tell(message()) for _ in range(3)]
    assert [answer.json()["outcome"] for answer in answers] == ["taken", "repeated", "repeated"]
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert len(chat.take.drafts) == 1


def test_two_messages_are_two_reports_in_whatever_order_they_come(chat: Speaking, tmp_path: Path) -> None:
    one, other = (chat.tell(message(name)).json()["number"] for name in ("m-1", "m-2"))
    turned = Speaking(tmp_path)
    turned.put()
    assert [turned.tell(message(name)).json()["number"] for name in ("m-2", "m-1")] == [other, one]
    assert one != other


def test_nothing_is_said_to_be_taken_that_kafka_has_not(chat: Speaking) -> None:
    chat.take.refuses = True
    answer = chat.tell(message())
    assert (answer.status_code, answer.json()["outcome"]) == (503, "not_now")
    assert "Retry-After" in answer.headers
    chat.take.refuses = False
    assert chat.tell(message()).json()["outcome"] == "taken"


# ------------------------------------------------------------ bad twins


def test_a_group_that_is_not_registered_is_told_so_and_nothing_is_filed(chat: Speaking) -> None:
    answer = chat.tell(message(group="yc-9999"))
    assert (answer.status_code, answer.json()["outcome"]) == (403, "unknown_group")
    assert "yc-9999" in answer.json()["reply"]
    assert (chat.take.drafts, chat.take.letters) == ([], [])
    assert chat.counted("unknown_group") == 1


def test_nobody_is_told_that_his_group_is_none_while_the_list_cannot_be_read(tmp_path: Path) -> None:
    def unread(_system: str, _group: str) -> None:
        raise Refused("the list of chat groups cannot be read now")

    chat = Speaking(tmp_path, groups=unread)
    answer = chat.tell(message())
    assert (answer.status_code, answer.json()["outcome"]) == (503, "not_now")
    assert "reply" not in answer.json()


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"place": None}, "no_place"),
        ({"place": {}}, "no_place"),
        ({"photos": []}, "no_photo"),
        ({"photos": [f"{n:064}" for n in range(10)]}, "too_many"),
    ],
)
def test_a_message_that_lacks_something_is_answered_and_nothing_is_filed(
    chat: Speaking, changes: dict[str, Any], outcome: str
) -> None:
    answer = chat.tell(message(**changes))
    assert (answer.status_code, answer.json()["outcome"]) == (422, outcome)
    assert answer.json()["reply"]
    assert (chat.take.drafts, chat.take.letters) == ([], [])


def test_a_forged_message_is_refused_and_leaves_no_trace(chat: Speaking) -> None:
    assert chat.tell(message(), secret="guessed").status_code == 401
    assert (chat.take.drafts, chat.take.letters) == ([], [])
    assert chat.counted("forged") == 1


def test_an_old_message_sent_again_as_it_was_is_refused(chat: Speaking) -> None:
    signed_at = chat.clock()
    chat.clock.pass_seconds(301)
    answer = chat.tell(message(), signed_at=signed_at)
    assert (answer.status_code, answer.json()["outcome"]) == (401, "late")
    assert chat.take.drafts == []


def test_an_id_that_came_before_with_other_content_is_refused(chat: Speaking) -> None:
    chat.tell(message())
    answer = chat.tell(message(text="another matter"))
    assert (answer.status_code, answer.json()["outcome"]) == (409, "reused")
    assert len(chat.take.drafts) == 1


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (written_at(NOW + 301_000_000), "ahead"),
        (written_at(NOW - 31 * DAY), "too_old"),
        ("0001-01-01T00:00:00+14:00", "too_old"),
        ("9999-12-31T23:59:59-12:00", "ahead"),
    ],
)
def test_a_message_of_another_time_is_refused(chat: Speaking, at: str, outcome: str) -> None:
    answer = chat.tell(message(at=at))
    assert (answer.status_code, answer.json()["outcome"]) == (422, outcome)
    assert (chat.take.drafts, chat.take.letters) == ([], [])


@pytest.mark.parametrize("at", [NOW + 299_000_000, NOW - 29 * DAY])
def test_a_message_that_was_told_late_or_by_a_clock_ahead_is_taken(chat: Speaking, at: int) -> None:
    assert chat.tell(message(at=written_at(at))).json()["outcome"] == "taken"


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"id": 1}', b"\xff", *NONSENSE])
def test_what_is_believed_and_not_understood_is_a_dead_letter(chat: Speaking, body: bytes) -> None:
    answer = chat.tell(body)
    assert (answer.status_code, answer.json()["outcome"]) == (422, "unreadable")
    assert [letter.raw for letter in chat.take.letters] == [body]


def test_a_message_that_is_too_long_is_refused(chat: Speaking) -> None:
    assert chat.tell(b" " * (CONFIG.largest_bytes + 1)).status_code == 413


def test_a_group_that_speaks_too_often_is_asked_to_wait_and_others_are_not(tmp_path: Path) -> None:
    chat = Speaking(tmp_path, replace(CONFIG, per_minute=60, burst=2))
    chat.put()
    answers = [chat.tell(message(f"m-{n}")) for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert chat.tell(message("m-4", group=OTHER_GROUP)).status_code == 202
    chat.clock.pass_seconds(1)
    assert chat.tell(message("m-2")).status_code == 202


# ------------------------------------------------------------ photos


@pytest.mark.parametrize(("content", "kind"), [(b"GIF89a", "image/gif"), (b"MZ a program", "image/png"), (PHOTO, "")])
def test_a_photo_of_a_wrong_type_is_refused_whatever_it_calls_itself(chat: Speaking, content: bytes, kind: str) -> None:
    answer = chat.put(content, kind)
    assert (answer.status_code, answer.json()["outcome"]) == (415, "wrong_type")
    assert answer.json()["reply"]
    assert list(chat.rows.kept) == [DIGEST]


def test_a_photo_that_is_too_large_or_not_what_its_address_says_is_refused(chat: Speaking) -> None:
    assert chat.put(PHOTO + bytes(CONFIG.photos.largest_bytes)).status_code == 413
    assert chat.put(PHOTO + b"!", digest=DIGEST).status_code == 422


def test_a_photo_is_kept_once(chat: Speaking) -> None:
    assert chat.put().status_code == 200
    assert list(chat.rows.kept) == [DIGEST]


def test_a_message_that_overtakes_its_photo_is_to_be_sent_again(tmp_path: Path) -> None:
    chat = Speaking(tmp_path)
    answer = chat.tell(message())
    assert (answer.status_code, answer.json()["outcome"]) == (425, "early")
    chat.put()
    assert chat.tell(message()).json()["outcome"] == "taken"


# ------------------------------------------------------------ how does it stand?


def asked(chat: Speaking, text: str, group: str = GROUP) -> dict[str, Any]:
    found: dict[str, Any] = chat.tell(message(f"ask {text}", group=group, text=text, place=None, photos=[])).json()
    return found


def test_who_has_the_number_is_told_how_it_stands_without_personal_data(chat: Speaking) -> None:
    number = chat.tell(message()).json()["number"]
    case = ids.case_id("chat", number)
    assert asked(chat, f"状态 {number}")["reply"] == f"{number}：已收到，正在登记。"
    chat.rows.show(Shown(case, 4, False, HUB_NUMBER, "dispatched", "power", T0 + 3_600_000_000))
    reply = f"已派遣，正在处置。案卷号 {HUB_NUMBER}，主办 供电公司，期限 2025-11-23 09:00。"
    for text in (f"状态 {number}", f"进度：{number.lower()}", f"状态 {number.upper()}", number):
        assert asked(chat, text)["reply"] == f"{number}：{reply}"
    assert asked(chat, f"查询{HUB_NUMBER}")["reply"] == f"{HUB_NUMBER}：{reply}"
    assert len(chat.take.drafts) == 1, "asking is no report"


def test_who_has_another_number_is_told_that_there_is_none(chat: Speaking) -> None:
    answer = chat.tell(message("m-2", text="状态 yc-0001-00000000"))
    assert (answer.status_code, answer.json()["outcome"]) == (404, "unknown_number")


def test_nothing_is_told_of_a_case_that_has_become_hidden(chat: Speaking) -> None:
    number = chat.tell(message()).json()["number"]
    chat.rows.show(Shown(ids.case_id("chat", number), 2, hidden=True))
    assert asked(chat, f"状态 {number}")["outcome"] == "unknown_number"


# ------------------------------------------------------------ more about a report


def test_more_about_a_report_is_a_supplement_of_its_case(chat: Speaking) -> None:
    number = chat.tell(message()).json()["number"]
    told = message("m-2", text=f"补充 {number} 线也垂下来了")
    answers = [chat.tell(told) for _ in range(2)]
    assert [answer.json()["outcome"] for answer in answers] == ["taken", "repeated"]
    _, draft = chat.take.drafts
    assert isinstance(draft.body, Supplement)
    assert len(draft.body.evidence) == 1
    assert draft.personal.text == "线也垂下来了"
    assert draft.meta.subject.id == ids.case_id("chat", number)


def test_nobody_adds_to_the_report_of_another_group(chat: Speaking) -> None:
    number = chat.tell(message()).json()["number"]
    answer = chat.tell(message("m-2", group=OTHER_GROUP, text=f"补充 {number} 什么"))
    assert (answer.status_code, answer.json()["outcome"]) == (404, "unknown_number")
    assert len(chat.take.drafts) == 1


# ------------------------------------------------------------ words and numbers


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("状态 yc-0001-AB12CD34", StatusAsked("yc-0001-AB12CD34")),
        ("STATUS: yc-0001-AB12CD34 please", StatusAsked("yc-0001-AB12CD34")),
        ("补充：yc-0001-AB12CD34 还有一根", More("yc-0001-AB12CD34", "还有一根")),
        ("状态很差的路灯", NewReport()),
        ("电线杆斜了", NewReport()),
        ("", NewReport()),
    ],
)
def test_words_at_the_beginning_say_what_is_wanted(text: str, means: Any) -> None:
    told = messages.parse(json.dumps(message(text=text)).encode())
    assert messages.wanted(told, Words()) == means


@given(st.text("ab中1-", min_size=1, max_size=60), st.text("yc-0OIl_.", min_size=1, max_size=64))
def test_a_number_names_its_group_and_survives_being_typed(identity: str, group: str) -> None:
    told = messages.parse(json.dumps(message(identity, group=group)).encode())
    number = messages.number("chat", told)
    assert group_of(number) == group
    assert messages.number("chat", replace(told, text="other words")) == number
    letters = number[-8:]
    for typed in (number, f" {group}-{letters.lower()} ", f"{group}-{letters.replace('0', 'o').replace('1', 'L')}"):
        assert number in spellings(typed)
