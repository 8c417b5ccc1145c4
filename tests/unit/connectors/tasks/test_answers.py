"""What status words of theirs claim, and what is refused rather than guessed."""

from typing import Any

import pytest

from connectors.contract import Attached, BadMessage
from connectors.tasks.answers import Answer, Speaker, drafts
from connectors.tasks.settings import AnswerRule, check_words
from schemas.events import Acknowledge, AskExtension, HandBack, Progress, Return, Suspend
from tests.builders import DAY, T0

WHO = Speaker("xuesong-squad", "handler", "yicheng-cg")
RULES = (
    AnswerRule("签收", ("Acknowledge",)),
    AnswerRule("办结", ("Acknowledge", "HandBack"), needs=("text",)),
    AnswerRule("退回", ("Return",), reasons={"非本部门职责": "not-ours"}, needs=("reason",)),
    AnswerRule("延期申请", ("AskExtension",), reason="other"),
    AnswerRule("挂账申请", ("Progress",), note="申请挂账", needs=("until",)),
    AnswerRule("挂账", ("Suspend",), reason="season"),
    AnswerRule("已阅"),
)
CASE = "6c1a4a8e-0000-5000-8000-000000000001"


def said(word: str, **more: Any) -> Answer:
    return Answer("row 7", word, "411702-1", T0, "digest")._replace(**more)


def claims(answer: Answer) -> list[object]:
    return [draft.body for draft in drafts(RULES, WHO, answer, {"411702-1": CASE}.get)]


def refusal(answer: Answer) -> str:
    with pytest.raises(BadMessage) as refused:
        claims(answer)
    assert "secret" not in str(refused.value)
    return refused.value.reason


def test_a_word_is_the_claim_of_its_row() -> None:
    assert claims(said("签收")) == [Acknowledge("xuesong-squad", "签收")]
    assert claims(said("退回", reason="非本部门职责")) == [Return("xuesong-squad", "not-ours")]
    assert claims(said("延期申请", reason="下雨")) == [AskExtension("xuesong-squad", "other")]
    assert claims(said("挂账", until=T0 + DAY)) == [Suspend("season", T0 + DAY)]


def test_a_word_may_be_several_claims_in_their_order() -> None:
    assert [type(body) for body in claims(said("办结", text="完成"))] == [Acknowledge, HandBack]


def test_a_word_that_means_nothing_to_us_is_known_all_the_same() -> None:
    assert claims(said("已阅", number="of nobody")) == []


def test_text_and_photos_go_to_the_vault_and_a_note_stands_before_the_text() -> None:
    photo = Attached(b"png", "image/png")
    (draft,) = drafts(RULES, WHO, said("挂账申请", text="等冬天过去", until=T0, files=(photo,)), lambda _: CASE)
    assert isinstance(draft.body, Progress)
    assert draft.personal.text == "申请挂账：等冬天过去"
    assert draft.personal.attached == (photo,)


def test_the_same_answer_is_the_same_claim_and_another_is_another() -> None:
    def ids(*answers: Answer) -> set[str]:
        return {d.meta.claim_id for one in answers for d in drafts(RULES, WHO, one, lambda _: CASE)}

    assert len(ids(said("签收"), said("签收", place="row 9"))) == 1
    assert len(ids(said("签收"), said("签收", occurrence="other"))) == 2


def test_what_is_not_understood_is_refused() -> None:
    assert "stands in no row of answers" in refusal(said("secret word"))
    assert "given them a case" in refusal(said("签收", number="secret"))
    assert "no row of its reasons" in refusal(said("退回", reason="secret"))
    assert "needs reason" in refusal(said("退回"))
    assert "needs text" in refusal(said("办结"))
    assert "is no Suspend" in refusal(said("挂账"))


def test_rules_that_can_never_become_a_claim_are_refused() -> None:
    with pytest.raises(ValueError, match="no claim Achknowledge"):
        AnswerRule("签收", ("Achknowledge",))
    with pytest.raises(ValueError, match="needs kind"):
        AnswerRule("结案", ("Close",))
    with pytest.raises(ValueError, match="needs a reason"):
        AnswerRule("退回", ("Return",))
    with pytest.raises(ValueError, match="stands there twice"):
        check_words((), (AnswerRule("签收"), AnswerRule("签收")))
