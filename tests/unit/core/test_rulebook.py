"""The rule book names every rule that a fact can carry, and says each in one sentence."""

from __future__ import annotations

import pytest

from schemas.events import Refused
from streams.core.authority import Role, Stage
from streams.core.rulebook import GENERAL, Row, names, narrowed, rulebook, words
from streams.core.subjects import KINDS
from tests.builders import AUTHORITY
from tests.laws.casework.test_city_laws import run

BOOK = rulebook(AUTHORITY)


def test_every_row_of_the_table_is_in_the_book() -> None:
    assert [row.claim for row in BOOK] == list(AUTHORITY)


def test_every_rule_of_every_kind_is_in_the_book() -> None:
    known = {rule.name for kind in KINDS.values() for rules in kind.rules.values() for rule in rules}
    assert known <= names(AUTHORITY)


def test_what_a_city_is_refused_by_or_flagged_with_is_in_the_book() -> None:
    carried = set()
    for meta, body in run(5, 4_000).facts():
        carried |= set(meta.irregular) | ({body.rule} if isinstance(body, Refused) else set())
    assert len(carried) > 100
    assert carried <= names(AUTHORITY)


@pytest.mark.parametrize("row", BOOK, ids=lambda row: row.claim)
def test_every_rule_is_said_in_one_sentence(row: Row) -> None:
    assert row.about
    for name, said in (*row.rules, *GENERAL):
        assert name.startswith(("claim.", "authority.", "subject.", "time.", row.claim.partition(".")[0])) or said
        assert said.endswith(".")
        assert "\n\n" not in said


def test_roles_and_relations_have_their_words() -> None:
    assert set(words()["roles"]) == {role.value for role in Role}
    assert {row.relation for row in BOOK} <= set(words()["relations"])


def test_the_book_is_narrowed_by_claim_role_and_stage() -> None:
    assert [row.claim for row in narrowed(BOOK, "close", None, None)] == [
        "Close.checked",
        "Close.forced",
        "Close.recorded",
    ]
    assert [row.claim for row in narrowed(BOOK, "handback", None, None)] == ["HandBack"]
    may = {row.claim for row in narrowed(BOOK, None, Role.INSPECTOR, Stage.HANDED_BACK)}
    assert "Check" in may
    assert "File" not in may
