"""The campaigns' own fold of the facts agrees with the views' fold, which was written apart from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas import codec
from schemas.events import Checked, HandedBack, ReworkOrdered
from streams.views import row as rows
from streams.views.row import CaseRow
from streams.views.shape import NOT_COLUMNS
from tests import builders as b
from tests.faults.reading import decode
from tests.faults.retelling import Tables, differences

NOT_TOLD = {*NOT_COLUMNS, "more", "reporting_org", "restricted", "condition"}
"""What no claim of a campaign leads to."""

HISTORIES = {
    "closed": b.CLOSED,
    "not filed": b.NOT_FILED,
    "every fact": b.FACTS[:13],
    "reworked": (*b.HANDED_BACK, Checked("failed"), ReworkOrdered(("power", "telecom"))),
    "refused only": (b.FACTS[4],),
    "handed back before it was dispatched": (*b.FILED, HandedBack("power"), b.dispatched()),
}


def retold(bodies: tuple[Any, ...], irregular: tuple[str, ...] = ()) -> Tables:
    tables = Tables()
    for offset, (seq, body) in enumerate(enumerate(bodies, 1)):
        meta, _ = b.fact(body, seq, irregular=irregular)
        tables.tell(0, offset, *decode(codec.encode(meta, body)))
    return tables


def folded(bodies: tuple[Any, ...], irregular: tuple[str, ...] = ()) -> CaseRow:
    row = rows.NEW
    for seq, body in enumerate(bodies, 1):
        row = rows.evolve(row, *b.fact(body, seq, irregular=irregular))
    return row


def as_column(name: str, value: Any) -> Any:
    if name.endswith("_at") and value is not None:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", HISTORIES)
def test_both_folds_agree(name: str) -> None:
    bodies = HISTORIES[name]
    tables, row = retold(bodies, ("a.rule",)), folded(bodies, ("a.rule",))
    ((case_id, case),) = tables.cases.items()
    expected = {n: as_column(n, getattr(row, n)) for n in CaseRow.__struct_fields__ if n not in NOT_TOLD}
    assert {n: case[n] for n in expected} == expected
    assert (case["partition"], case["first_offset"], case["last_offset"]) == (0, 0, len(bodies) - 1)
    for party in row.parties:
        told = tables.parties[case_id, party.org]
        fields = ("role", "status", "dispatched_at", "acknowledged_at", "handed_back_at")
        assert told == {n: as_column(n, getattr(party, n)) for n in fields}
    assert len(tables.parties) == len(row.parties)
    assert len(tables.refusals) == row.refused


def test_tables_differ_in_nothing_from_themselves() -> None:
    assert differences(retold(b.CLOSED), retold(b.CLOSED)) == []


def test_each_difference_is_named() -> None:
    (wrong,) = [what for what in differences(retold(b.CLOSED), retold(b.PASSED)) if what.startswith("cases")]
    assert "stage is passed, by the facts closed" in wrong
    (missing, *_) = differences(retold(b.REPORTED), Tables())
    assert "is None, by the facts" in missing
