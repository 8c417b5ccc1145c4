"""What blocks the closing of a case, where its stage and its parties say all of it, and where they do not."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from streams.core.authority import Stage
from streams.core.blocking import by_parties_alone, sentence
from streams.core.case.state import Adjudication, Case, HandedOverTo, Particulars, Party, PartyStatus, Who
from tests.builders import T0

WORK = ((), (Party("power", "lead"), Party("water", "assist", PartyStatus.REWORK)), (Party("power", "assist"),))
STANDING = [Case(stage=stage, parties=parties) for stage, parties in product(Stage, WORK)]
BLOCKING: dict[str, Any] = {
    "verifier": "power",
    "summoned": ("gas",),
    "adjudication": Adjudication.CALLED,
    "unjustified": True,
    "suspended_until": T0 + 1,
}
OTHERS: dict[str, Any] = {
    "promises": (("power", T0),),
    "returns": 2,
    "refuted": True,
    "reported_in": ("gas",),
    "handed_over": (HandedOverTo("fire", "119"),),
    "forcing": Who("centre", "dispatcher"),
    "asked_to_check": ("street",),
    "restricted": True,
    "suspects": ("a", "b"),
    "groups": ("c",),
}


def with_rest(case: Case, **rest: Any) -> Case:
    return Case(stage=case.stage, parties=case.parties, rest=Particulars(**rest))


@pytest.mark.parametrize("name", OTHERS)
def test_where_stage_and_parties_say_all_nothing_else_changes_the_sentence(name: str) -> None:
    for plain in STANDING:
        case = with_rest(plain, **{name: OTHERS[name]})
        assert by_parties_alone(case)
        assert sentence(case, T0) == sentence(plain, T0)


@pytest.mark.parametrize("name", BLOCKING)
def test_where_something_else_blocks_they_do_not_say_all(name: str) -> None:
    cases = [(plain, with_rest(plain, **{name: BLOCKING[name]})) for plain in STANDING]
    assert not any(by_parties_alone(case) for _, case in cases)
    assert any(sentence(case, T0) != sentence(plain, T0) for plain, case in cases)


def test_a_plain_case_is_said_by_stage_and_parties() -> None:
    assert all(map(by_parties_alone, STANDING))
