"""The authority table: strict loading, and no holes."""

import pytest

from schemas import events
from streams.core.authority import (
    ROLES,
    AuthorityError,
    Permission,
    Relation,
    Role,
    Stage,
    load_authority,
    parse_authority,
    together,
)
from streams.core.subjects import KINDS
from tests.builders import AUTHORITY

ROW = '["File"]\nstages = ["reported"]\nroles = ["dispatcher"]\nrelation = "any"\n'
KINDS_WITHOUT_ROW = {"unknown", "self_handled"}
"""Closings that nobody may claim: from the future, and a consequence of SelfHandle."""
NOT_OF_A_SOURCE = {
    *("ProposeForcing", "Close.forced", "ReviewAppeal", "ChangeRegime", "NoteTime"),
    *("OpenGroup", "AddMember", "RemoveMember", "SolveGroup", "AddTargets", "VisitTarget", "CloseGroup"),
    *("OpenAccount", "Earn", "Redeem", "Revoke", "LogWork"),
    *("OpenPlan", "ReviewPlan", "CompleteStep", "PlanVisits", "ClosePlan"),
}
"""What needs people of the hub, or the hub itself; nothing at all may stand against the rules of a bank."""


def test_a_row_says_stages_roles_and_relation() -> None:
    row = parse_authority(ROW)["File"]
    assert row == Permission(frozenset({Stage.REPORTED}), frozenset({Role.DISPATCHER}), Relation.ANY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROW.replace("reported", "repotred"), r"\[File\].*repotred.*stages"),
        (ROW.replace('"any"', '"anybody"'), r"\[File\].*anybody.*relation"),
        (ROW + 'when = "always"\n', r"\[File\].*when"),
        (ROW.replace('roles = ["dispatcher"]\n', ""), r"\[File\].*roles"),
        (ROW.replace('["dispatcher"]', '"dispatcher"'), r"\[File\].*array.*roles"),
        (ROW.replace('["dispatcher"]', "[7]"), r"\[File\].*str.*roles"),
        (ROW.replace("dispatcher", "dispacher"), r"\[File\].*dispacher.*roles"),
        (ROW + 'kinds = ["house"]\n', r"\[File\].*house.*kinds"),
        (ROW + 'kinds = ["group"]\n', r"\[File\].*none that a group has"),
        (ROW.replace("reported", 'reported", "open'), r"\[File\].*open"),
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


def rows_of(kind: str) -> set[str]:
    return {key.partition(".")[0] for key, row in AUTHORITY.items() if kind in row.kinds}


def test_every_claim_has_a_row_and_every_row_a_decision() -> None:
    kinds = {f"Close.{kind}" for kind in events.ClosingKind.ALL if kind not in KINDS_WITHOUT_ROW}
    claims = {cls.__name__ for cls in events.CLAIMS.values() if cls is not events.Close}
    assert set(AUTHORITY) == claims | kinds


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_decides_exactly_the_claims_that_have_rows_for_it(kind: str) -> None:
    assert {cls.__name__ for cls in KINDS[kind].decide} == rows_of(kind)


def test_every_role_may_do_something_and_has_a_word_of_explanation() -> None:
    assert {role for row in AUTHORITY.values() for role in row.roles} == set(Role) == set(ROLES)


def test_a_source_may_report_its_history_but_not_what_takes_two_people_or_the_hub_itself() -> None:
    assert {key for key, row in AUTHORITY.items() if Role.SOURCE not in row.roles} == NOT_OF_A_SOURCE


def test_every_open_stage_is_left_somehow() -> None:
    steps = {"Dispatch", "File", "HandBack", "Check", "Close.checked", "Reopen"}
    left = {stage for key in steps for stage in AUTHORITY[key].stages}
    assert {"reported", "filed", "dispatched", "handed_back", "passed", "closed"} <= left


FIRST = {
    "case": {"Report"},
    "group": {"OpenGroup"},
    "account": {"OpenAccount"},
    "worker": {"LogWork"},
    "household": {"OpenPlan", "PlanVisits", "Visit"},
}
"""What a subject of each kind begins with."""


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_opens_a_subject_needs_none(kind: str) -> None:
    first = {key for key, row in load_authority().items() if Stage.NONE in row.stages and kind in row.kinds}
    assert first == FIRST[kind]


def test_who_disposes_never_verifies() -> None:
    for key in ("Check", "Close.checked"):
        assert AUTHORITY[key].relation is Relation.VERIFYING_SIDE
        assert "handler" not in AUTHORITY[key].roles


def test_a_claim_that_stands_in_two_files_is_refused() -> None:
    with pytest.raises(AuthorityError, match=r"\[File\].*b\.toml and in another file"):
        together({"b.toml": ROW, "a.toml": ROW})
    assert set(together({"a.toml": ROW, "b.toml": ROW.replace("File", "Void")})) == {"File", "Void"}
