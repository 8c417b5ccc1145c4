"""The authority table: strict loading, and no holes."""

import pytest

from schemas import events
from streams.core.authority import AuthorityError, Permission, Relation, Stage, load_authority, parse_authority
from streams.core.decisions import DECIDE
from tests.builders import AUTHORITY

ROW = '["File"]\nstages = ["reported"]\nroles = ["dispatcher"]\nrelation = "any"\n'
ROLES = {"reporter", "grid_worker", "operator", "source", "dispatcher", "handler", "inspector"}
KINDS_WITHOUT_ROW = {"unknown", "self_handled", "forced"}
"""Closings that nobody may claim: from the future, a consequence of SelfHandle, without rules so far."""


def test_a_row_says_stages_roles_and_relation() -> None:
    row = parse_authority(ROW)["File"]
    assert row == Permission(frozenset({Stage.REPORTED}), frozenset({"dispatcher"}), Relation.ANY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROW.replace("reported", "repotred"), r"\[File\].*repotred.*stages"),
        (ROW.replace('"any"', '"anybody"'), r"\[File\].*anybody.*relation"),
        (ROW + 'when = "always"\n', r"\[File\].*when"),
        (ROW.replace('roles = ["dispatcher"]\n', ""), r"\[File\].*roles"),
        (ROW.replace('["dispatcher"]', '"dispatcher"'), r"\[File\].*array.*roles"),
        (ROW.replace('["dispatcher"]', "[7]"), r"\[File\].*str.*roles"),
        ('File = "everybody"', r"\[File\].*object"),
        ("[File", "not TOML"),
        (ROW + ROW, "not TOML"),
        (ROW.replace("File", "Fiel"), r"\[Fiel\].*no claim"),
        (ROW.replace("File", "Filed"), r"\[Filed\].*no claim"),
        (ROW.replace("File", "Close"), r"\[Close\].*kind"),
        (ROW.replace("File", "Close.soon"), r"\[Close\.soon\].*kind"),
        (ROW.replace("File", "File.soon"), r"\[File\.soon\].*no claim"),
        (ROW.replace('["reported"]', "[]"), r"\[File\].*stages is empty"),
        (ROW.replace('["dispatcher"]', "[]"), r"\[File\].*roles is empty"),
    ],
)
def test_a_table_that_is_not_understood_names_row_and_key(text: str, said: str) -> None:
    with pytest.raises(AuthorityError, match=said) as caught:
        parse_authority(text)
    assert "\n" not in str(caught.value)


def test_every_claim_has_a_row_and_a_decision() -> None:
    kinds = {f"Close.{kind}" for kind in events.ClosingKind.ALL if kind not in KINDS_WITHOUT_ROW}
    assert set(AUTHORITY) == {cls.__name__ for cls in events.CLAIMS.values() if cls is not events.Close} | kinds
    assert set(DECIDE) == set(events.CLAIMS.values())


def test_roles_are_known_and_a_source_may_always_report_its_history() -> None:
    assert {role for row in AUTHORITY.values() for role in row.roles} == ROLES
    assert all("source" in row.roles for row in AUTHORITY.values())


def test_every_stage_is_left_somehow_except_the_ends() -> None:
    used = {stage for key, row in AUTHORITY.items() if key != "AddAlias" for stage in row.stages}
    assert set(Stage) - used == {Stage.CLOSED, Stage.NOT_FILED}


def test_only_a_report_needs_no_case() -> None:
    assert [key for key, row in load_authority().items() if Stage.NONE in row.stages] == ["Report"]


def test_who_disposes_never_verifies() -> None:
    for key in ("Check", "Close.checked"):
        assert AUTHORITY[key].relation is Relation.NOT_A_PARTY
        assert "handler" not in AUTHORITY[key].roles
