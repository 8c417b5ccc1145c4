"""What is pushed, what an answer's code means, what a call-back says."""

import msgspec
import pytest

from connectors import department
from connectors.contract import BadData, BadMessage, Busy, Conflict, Down, Undelivered
from connectors.push.settings import Push
from connectors.push.translate import answer, order_body
from connectors.push.transport import opened, refusal
from tests.builders import T0
from tests.link_samples import SHANGHAI

CONFIG: Push = department.example("tianyuan-urban-management").options


def envelope(code: object, data: object = None) -> bytes:
    return msgspec.json.encode({"code": code, "message": "张三", "data": data})


def called(**changed: object) -> bytes:
    told = {"messageId": "M1", "taskId": "key-1", "status": "签收", "time": T0 // 1_000, "remark": "好"}
    return msgspec.json.encode({**told, **changed})


def test_an_order_is_pushed_in_their_names_with_their_times() -> None:
    found = order_body(CONFIG, "key-1", {"word": "dispatch", "number": "7", "due_at": T0, "stage": "filed"}, SHANGHAI)
    assert found == {"taskId": "key-1", "type": "dispatch", "caseNo": "7", "deadline": T0 // 1_000}
    texts = msgspec.structs.replace(CONFIG, time_format="%Y-%m-%d %H:%M:%S")
    assert order_body(texts, "k", {"due_at": T0}, SHANGHAI)["deadline"] == "2025-11-23 08:00:00"


@pytest.mark.parametrize(
    ("code", "kind"),
    [(40000, BadData), ("40900", Conflict), (42900, Busy), (50000, Down), (40100, Down), (123, Conflict)],
)
def test_a_code_means_what_its_row_says_and_an_unknown_one_is_a_conflict(code: object, kind: type[Undelivered]) -> None:
    wrong = refusal("order", opened(CONFIG, "order", envelope(code)))
    assert type(wrong) is kind
    assert "张三" not in str(wrong)


def test_how_long_they_are_busy_stands_in_their_data() -> None:
    wrong = refusal("order", opened(CONFIG, "order", envelope(42900, {"retryAfter": 7})))
    assert isinstance(wrong, Busy)
    assert wrong.retry_after == 7


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b'{"message": "ok"}'])
def test_an_answer_that_is_no_envelope_leaves_doubt(content: bytes) -> None:
    with pytest.raises(Down, match="nobody knows"):
        opened(CONFIG, "order", content)


def test_a_call_back_is_an_answer_told_apart_by_its_message() -> None:
    found = answer(CONFIG, called(attachments=[{"name": "a", "type": "image/png", "content": "cG5n"}]), SHANGHAI)
    assert (found.word, found.number, found.at, found.occurrence, found.text) == ("签收", "key-1", T0, "M1", "好")
    assert found.files[0].content == b"png"
    texts = msgspec.structs.replace(CONFIG, time_format="%Y-%m-%d %H:%M:%S")
    assert answer(texts, called(time="2025-11-23 08:00:00"), SHANGHAI).at == T0


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "no JSON"),
        (b"[]", "no JSON"),
        (called(messageId=""), '"messageId" is missing'),
        (called(status=None), '"status" is missing'),
        (called(remark=["张三"]), '"remark" is no text'),
        (called(time="soon"), '"time" is no time'),
        (called(time=None), '"time" is no time'),
        (called(until="soon"), '"until" is no time'),
        (called(attachments=[{"content": "%%", "type": "x"}]), "attachments"),
        (called(attachments="张三"), "attachments"),
    ],
)
def test_a_call_back_that_is_not_understood_is_refused_without_its_content(body: bytes, why: str) -> None:
    with pytest.raises(BadMessage, match=why) as refused:
        answer(CONFIG, body, SHANGHAI)
    assert "张三" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"fields": {"word": "type"}}, 'no "key"'),
        ({"fields": {"key": "taskId", "wrod": "type"}}, '"wrod"'),
        ({"codes": {"1": "busy"}}, "means taken"),
    ],
)
def test_settings_that_could_never_work_are_refused(changed: dict[str, object], why: str) -> None:
    given = {name: getattr(CONFIG, name) for name in CONFIG.__struct_fields__}
    with pytest.raises(ValueError, match=why):
        Push(**{**given, **changed})
