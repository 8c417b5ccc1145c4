"""What robots are sent, how it is signed, what their answers mean, how fast they take it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import BadData, Busy, Down
from connectors.notices import shapes
from connectors.notices.pace import SECOND, free_at, remembered
from connectors.notices.settings import Shape
from connectors.notices.shapes import Answer
from tests.builders import T0

SHAPES: tuple[Shape, ...] = ("wecom", "dingtalk", "feishu")


def test_signatures_are_those_of_the_published_rules() -> None:
    """Computed with openssl: `printf '1700000000000\\nSECagreed' | openssl dgst -sha256 -hmac SECagreed -binary`, and
    the same over nothing with the key `1700000000\\nSECagreed`."""
    assert shapes.dingtalk_signature("SECagreed", 1_700_000_000_000)["sign"] == DINGTALK
    assert shapes.feishu_signature("SECagreed", 1_700_000_000)["sign"] == FEISHU


DINGTALK = "wak8uKCm6bwjnowkcFJwmceBR8wGVzPzexLuTdou1a0="
FEISHU = "Bl//3E6elOfF6o8WMFGbZN5Dcpcr24Hrm+HsClyOHfw="


@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_text_is_cut_between_characters(shape: Shape) -> None:
    body = shapes.posted(shape, "水" * 3_000, None, T0).body
    text = body["content"]["text"] if shape == "feishu" else body["text"]["content"]
    assert text == "水" * 666


def test_an_address_calls_up_nobody_in_feishu() -> None:
    body = shapes.posted("feishu", '<at user_id="all"></at>', None, T0, "ou_1").body
    assert body["content"]["text"] == '<at user_id="ou_1"></at> ‹at user_id="all">‹/at>'


def test_whoever_is_on_duty_is_called_up() -> None:
    assert shapes.posted("wecom", "x", None, T0, "139").body["text"]["mentioned_mobile_list"] == ["139"]
    posted = shapes.posted("dingtalk", "x", None, T0, "139").body
    assert (posted["at"], posted["text"]["content"]) == ({"atMobiles": ["139"]}, "@139 x")


@pytest.mark.parametrize(
    ("shape", "status", "code", "failure", "seconds"),
    [
        ("wecom", 200, 45009, Busy, 60),
        ("dingtalk", 200, 130101, Busy, 600),
        ("feishu", 200, 11232, Busy, 60),
        ("feishu", 400, 99991400, Busy, 60),
        ("feishu", 429, 0, Busy, 7),
        ("dingtalk", 200, 310000, Down, None),
        ("dingtalk", 200, 300005, Down, None),
        ("feishu", 200, 19021, Down, None),
        ("wecom", 200, 93000, Down, None),
        ("wecom", 200, -1, Down, None),
        ("wecom", 500, 0, Down, None),
        ("wecom", 403, 0, Down, None),
        ("wecom", 200, 40008, BadData, None),
        ("feishu", 400, 9499, BadData, None),
    ],
)
def test_an_error_in_an_answer_is_a_failure_whatever_its_status(
    shape: Shape, status: int, code: int, failure: type[Exception], seconds: float | None
) -> None:
    found = shapes.failure(shape, Answer(status, {"errcode": code, "code": code}, 7 if status == 429 else None))
    assert type(found) is failure
    assert not isinstance(found, Busy) or found.retry_after == seconds


@pytest.mark.parametrize("said", [None, [], {}, {"errcode": "0"}])
def test_an_answer_without_a_code_is_not_taken_for_yes(said: Any) -> None:
    assert isinstance(shapes.failure("wecom", Answer(200, said)), Down)


def test_zero_is_yes() -> None:
    assert shapes.failure("wecom", Answer(200, {"errcode": 0})) is None


@pytest.mark.parametrize(("shape", "many", "span"), [("wecom", 20, 60), ("dingtalk", 20, 60), ("feishu", 5, 1)])
def test_one_more_than_a_robot_takes_waits_until_the_first_is_old_enough(shape: Shape, many: int, span: int) -> None:
    sent = list(range(T0, T0 + many))
    assert free_at(shape, sent[1:], T0 + many) == T0 + many
    assert free_at(shape, sent, T0 + many) == T0 + span * SECOND
    assert free_at(shape, sent, T0 + span * SECOND) == T0 + span * SECOND
    assert free_at(shape, remembered(shape, [0, *sent]), T0 + many) == T0 + span * SECOND


def test_feishu_has_said_yes_under_another_name_before() -> None:
    assert shapes.failure("feishu", Answer(200, {"StatusCode": 0, "StatusMessage": "success"})) is None
    assert isinstance(shapes.failure("feishu", Answer(200, {"StatusCode": 19021})), Down)
