"""What groups are told, and what they are not; how the robot is spoken to."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from connectors import department
from connectors.chat.robot import failure
from connectors.chat.translate import gaps, saying, steps
from connectors.contract import BadData, Busy, Conflict, Down, Item
from connectors.department import BadDepartment
from connectors.intake.translate import Shown
from schemas.events import (
    Closed,
    Filed,
    FilingRefused,
    Reported,
    ReporterAnswered,
    Source,
    Supplemented,
    Urged,
)
from tests.builders import CATEGORY, NUMBER, PLACE, T0, TEXT
from tests.chat_samples import CONFIG
from tests.link_samples import CARD, SHANGHAI, item, other_item

MINE = "yc-0001-7K3P9QXM"
OURS = replace(CARD, source=Source("chat", MINE), opened_at=T0)


def telling(one: Item) -> dict[str, Any] | None:
    (step,) = steps(CONFIG, SHANGHAI, one)
    found: dict[str, Any] | None = step.body["telling"]
    return found


def said(one: Item, text: str | None = None) -> str:
    found = telling(one)
    assert found is not None
    return saying({**found, "text": text}).text


def test_the_number_comes_back_into_the_group_of_the_message() -> None:
    one = item(Reported(CATEGORY, PLACE, "chat"), 1, card=OURS)
    found = telling(one)
    assert found is not None
    assert (found["group"], found["number"]) == ("yc-0001", MINE)
    assert MINE in said(one)


def test_what_was_answered_to_the_reporter_stays_a_reference_until_it_is_said() -> None:
    found = telling(item(ReporterAnswered("chat", TEXT), 2, card=OURS))
    assert found is not None
    assert (found["text"], found["answers"], found["opened_at"]) == (TEXT, True, T0)
    assert saying({**found, "text": "已收到，正在核实。"}).text == f"{MINE} 答复：已收到，正在核实。"
    assert saying({**found, "text": None}).text == f"{MINE} 答复：", "what was erased is left out"


def test_what_was_answered_on_the_phone_is_not_told_to_the_group() -> None:
    assert telling(item(ReporterAnswered("phone", TEXT), 2, card=OURS)) is None


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Filed(NUMBER), NUMBER),
        (Closed("checked"), "结案"),
        (FilingRefused("not-ours"), "不属于受理范围"),
        (FilingRefused("duplicate"), "重复上报"),
        (FilingRefused("unheard-of"), "unheard-of"),
    ],
)
def test_what_becomes_of_a_report_is_told_in_the_words_of_the_file(fact: Any, words: str) -> None:
    assert words in said(item(fact, 5, card=OURS))


@pytest.mark.parametrize("fact", [Urged("power"), Supplemented()])
def test_what_departments_do_among_themselves_is_not_told(fact: Any) -> None:
    assert telling(item(fact, 5, card=OURS)) is None


def test_every_item_of_ours_says_how_the_case_stands() -> None:
    (step,) = steps(CONFIG, SHANGHAI, item(Urged("power"), 7, card=OURS))
    assert (step.name, step.body["shown"]["stage"], step.body["shown"]["seq"]) == ("fact-7", "dispatched", 7)
    (met,) = steps(CONFIG, SHANGHAI, other_item("introduced", OURS))
    assert met.body["telling"] is None, "a case that is met half-way is told from then on"


def test_reports_of_others_are_none_of_the_groups_business() -> None:
    other = replace(CARD, source=Source("hotline", "yc-0001-7K3P9QXM"))
    assert steps(CONFIG, SHANGHAI, item(Closed("checked"), 5, card=other)) == []


@pytest.mark.parametrize("hidden", ["restricted", "gone"])
def test_nothing_is_told_of_a_case_that_is_restricted_or_gone(hidden: str) -> None:
    card = replace(OURS, restricted=True)
    one = item(Closed("checked"), 5, card=card) if hidden == "restricted" else other_item("gone", OURS)
    (step,) = steps(CONFIG, SHANGHAI, one)
    assert step.body["telling"] is None
    assert Shown(**step.body["shown"]) == Shown(one.subject.id, one.seq, hidden=True)


def test_a_code_without_words_is_shown_as_it_is_and_nothing_stands_for_nobody() -> None:
    (step,) = steps(CONFIG, SHANGHAI, item(Urged("power"), 7, card=replace(OURS, stage="new-one", lead=None)))
    found = gaps(CONFIG, SHANGHAI, MINE, Shown(**step.body["shown"]))
    assert (found["stage"], found["lead"], found["due"]) == ("new-one", "未定", "未定")


@pytest.mark.parametrize(
    ("code", "kind"),
    [(409, Conflict), (429, Busy), (503, Busy), (404, BadData), (410, BadData), (500, Down), (401, Down)],
)
def test_each_answer_of_the_robot_is_a_kind_of_failure(code: int, kind: type[Exception]) -> None:
    assert type(failure(httpx.Response(code, text="王春晓 says no"))) is kind
    assert "王春晓" not in str(failure(httpx.Response(code, text="王春晓 says no")))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ('facts = ["Reported"]\nsays = "{reporter}"', "{reporter}"),
        ('facts = ["Reported"]\nsays = "{number"', "no template"),
        ('facts = ["Heard"]\nsays = "{number}"', "no fact Heard"),
        ('facts = []\nsays = "{number}"', "chat.tellings"),
    ],
)
def test_a_telling_that_nobody_could_say_is_refused_when_the_file_is_read(row: str, complaint: str) -> None:
    text = (department._examples() / "yicheng-chat.toml").read_text("utf-8")
    with pytest.raises(BadDepartment, match=complaint.replace("{", r"\{")):
        department.parse("chat", f"{text}\n[[chat.tellings]]\n{row}\n".encode())
