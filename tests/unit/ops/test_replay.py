"""The fold of a case's facts against its rows in the views: equal, behind, or different, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.queries import CaseFile
from ops.replay import History, Told, _gaps, behind, differences
from schemas.events import Assignment, Refused
from streams.views.row import CaseRow, PartyRow
from streams.views.shape import NOT_COLUMNS
from tests import builders

BODIES = (
    builders.reported(),
    builders.filed(),
    builders.dispatched(Assignment("power", "lead"), Assignment("telecom", "assist")),
    Refused("threecross.claim.verification.Close", "Close.stage", "the case is dispatched"),
)
OFFSETS = (4, 5, 9, 12)


def history(*bodies: Any) -> History:
    facts = [Told(offset, *said) for offset, said in zip(OFFSETS, builders.history(bodies or BODIES), strict=False)]
    return History(0, tuple(facts), tuple(_gaps(facts)))


def moment(value: int | None) -> datetime | None:
    return None if value is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)


def shown(row: Any) -> dict[str, Any]:
    """A struct as the database gives it back."""
    fields = {name: getattr(row, name) for name in row.__struct_fields__ if name not in NOT_COLUMNS}
    return {n: moment(v) if n.endswith("_at") else list(v) if isinstance(v, tuple) else v for n, v in fields.items()}


def file_of(row: CaseRow) -> CaseFile:
    return CaseFile(shown(row), [shown(party) for party in row.parties])


FULL = history()
VIEW = file_of(FULL.fold(4))


def test_views_that_are_the_fold_differ_in_nothing() -> None:
    assert differences(FULL, VIEW, 13) == []
    assert behind(FULL, 4, 13) == 0


def test_views_that_have_not_come_to_a_fact_are_behind_and_not_wrong() -> None:
    early = file_of(FULL.fold(2))
    assert differences(FULL, early, 6) == []
    assert behind(FULL, 2, 6) == 2


def test_views_that_never_heard_of_the_case_are_behind_until_they_pass_its_facts() -> None:
    assert differences(FULL, None, 4) == []
    assert behind(FULL, 0, 4) == 4
    assert differences(FULL, None, 13)[0] == "fact 1 (Reported) has been passed over"


def test_a_fact_that_was_passed_over_is_found() -> None:
    assert differences(FULL, file_of(FULL.fold(3)), 13) == ["fact 4 (Refused) has been passed over"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("stage", "closed", "stage is 'closed', by the facts 'dispatched'"),
        ("refused", 0, "refused is 0, by the facts 1"),
        ("lead", None, "lead is None, by the facts 'power'"),
        ("irregular", ["x"], "irregular is ['x'], by the facts []"),
        ("filed_at", None, "filed_at is None, by the facts 20"),
    ],
)
def test_a_changed_column_is_named(name: str, value: Any, said: str) -> None:
    (found,) = differences(FULL, replace(VIEW, case={**VIEW.case, name: value}), 13)
    assert found.startswith(said)


def test_a_missing_and_a_changed_party_are_named() -> None:
    power, telecom = VIEW.parties
    missing = differences(FULL, replace(VIEW, parties=[power]), 13)
    assert missing[0].startswith(f"party {telecom['org']} is missing, by the facts role")
    changed = differences(FULL, replace(VIEW, parties=[power, {**telecom, "status": "handed_back"}]), 13)
    assert changed[0].startswith(f"party {telecom['org']} is role {telecom['role']!r}, status 'handed_back'")


def test_a_view_ahead_of_kafka_is_found() -> None:
    ahead = replace(VIEW, case={**VIEW.case, "seq": 9})
    assert differences(FULL, ahead, 13) == ["they stand at fact 9, Kafka has 4"]


def test_a_hole_in_the_numbers_is_found() -> None:
    first, _, third, fourth = FULL.facts
    assert _gaps([first, third, fourth]) == ["fact 3 at offset 9 stands where fact 2 belongs"]
    assert FULL.gaps == ()


def test_party_rows_compare_by_all_their_fields() -> None:
    assert set(shown(PartyRow("a", "lead"))) == set(PartyRow.__struct_fields__)
