"""Which notices a fact leads to, when, and what makes them needless."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import CallOff, Step
from connectors.notices.translate import MINUTE, steps
from schemas.events import Acknowledged, Closed, HandedBack, RanOut, Summoned, Urged
from tests.builders import T0
from tests.link_samples import SHANGHAI, item, other_item
from tests.unit.connectors.notices.samples import CONFIG

NEEDLESS = CallOff("answer")


def led(fact: Any, seq: int = 4, org: str = "power") -> list[Step | CallOff]:
    return steps(CONFIG, org, SHANGHAI, item(fact, seq))


def test_whoever_is_named_is_told_at_once_and_again_at_each_minute_unless_there_is_an_answer() -> None:
    first, second, third = led(Summoned(("power",)))
    assert isinstance(first, Step)
    assert isinstance(second, Step)
    assert isinstance(third, Step)
    recorded = item(Summoned(("power",))).recorded_at
    assert [step.name for step in (first, second, third)] == [
        "called-4",
        "called-4-unanswered-1",
        "called-4-unanswered-2",
    ]
    assert [step.not_before for step in (first, second, third)] == [
        None,
        recorded + 10 * MINUTE,
        recorded + 20 * MINUTE,
    ]
    assert {step.unless for step in (first, second, third)} == {"answer"}
    assert [step.body["last"] for step in (first, second, third)] == [False, False, True]
    assert [step.body["apart_seconds"] for step in (first, second, third)] == [0, 300, 300]


def test_others_are_not() -> None:
    assert led(Summoned(("power",)), org="water") == []


def test_a_notice_that_waits_for_no_answer_is_told_once_and_never_called_off() -> None:
    (step,) = led(RanOut("disposal", T0, "power"))
    assert isinstance(step, Step)
    assert (step.unless, step.body["rung"], step.body["last"]) == (None, 0, False)


def test_the_same_limit_is_told_once_and_another_is_another_notice() -> None:
    first, again, moved = (
        led(RanOut("disposal", due, "power"), seq)[0] for due, seq in ((T0, 4), (T0, 9), (T0 + 1, 9))
    )
    assert first == again != moved


@pytest.mark.parametrize("fact", [Acknowledged("power"), HandedBack("power"), Closed("checked")])
def test_what_the_department_says_and_the_end_of_the_case_make_notices_needless(fact: Any) -> None:
    assert led(fact) == [NEEDLESS]


@pytest.mark.parametrize("fact", [Acknowledged("water"), RanOut("disposal", T0, "water"), Summoned(("water",))])
def test_what_others_say_does_not(fact: Any) -> None:
    assert led(fact) == []


def test_a_case_that_is_gone_makes_them_needless() -> None:
    assert steps(CONFIG, "power", SHANGHAI, other_item("gone")) == [NEEDLESS]
    assert steps(CONFIG, "power", SHANGHAI, other_item("introduced")) == []


def test_an_urge_after_an_answer_is_a_ladder_of_its_own() -> None:
    assert next(one.name for one in led(Urged("power"), 9) if isinstance(one, Step)) == "called-9"
