"""A month's scorecards on real servers: frozen as versions that nothing changes, down to their cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ops.database import drop_namespace, engine, migrate
from ops.provision import provision
from schemas import ids
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.views.tables import cases, clocks, partitions
from tests.builders import T0
from tests.command_line import Run, runner

MONTH = "2026-03"
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
DAY = timedelta(days=1)
LATE = [ids.case_id("t", str(n)) for n in (3, 4)]


@pytest.fixture
def tables(kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str) -> Iterator[Engine]:
    """A hub's topics and tables with a month in them: power disposed of two in time and of two late, water of one."""
    provision(kafka_settings, hub_settings, T0)
    migrate(dsn, hub_settings.sql_schema)
    bound = engine(dsn, hub_settings.sql_schema)
    for n, party in enumerate(("power", "power", "water", "power", "power")):
        add(bound, n, party, late=n > 2)
    stand(bound, APRIL)
    yield bound
    bound.dispose()
    drop_namespace(dsn, hub_settings.sql_schema)


@pytest.fixture
def evaluation(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    kafka_settings: KafkaSettings,
    hub_settings: HubSettings,
    dsn: str,
) -> Iterator[Run]:
    """Runs `threecross evaluation …` for the month."""
    where = ("--bootstrap", kafka_settings.bootstrap, "--dsn", dsn, "--namespace", hub_settings.namespace)
    with runner(capsys, monkeypatch) as run:
        yield lambda *words: run("evaluation", "--month", MONTH, *words, *where)


def add(bound: Engine, n: int, party: str, *, late: bool) -> None:
    case_id, due = ids.case_id("t", str(n)), MARCH + 5 * DAY
    row: dict[str, Any] = {"case_id": case_id, "system": "t", "source_number": str(n), "stage": "closed", "seq": 9}
    row |= {"last_recorded_at": MARCH, "partition": 0, "first_offset": 0, "last_offset": 0, "state": b"", "grid": "g1"}
    clock: dict[str, Any] = {"case_id": case_id, "clock": "disposal", "party": party, "opened_by": 3, "unit": ""}
    clock |= {"opened_at": MARCH, "due_at": due, "basis": "t", "trouble": "", "used_us": 0, "calendar": ""}
    ended = {"closed_at": due + DAY, "overdue_at": due, "verdict": "overdue"}
    clock |= ended if late else {"closed_at": due - DAY, "verdict": "met"}
    with bound.begin() as connection:
        connection.execute(cases.insert().values(**row))
        connection.execute(clocks.insert().values(**clock))


def stand(bound: Engine, *watermarks: datetime | None) -> None:
    """How far each partition of the views is."""
    with bound.begin() as connection:
        connection.execute(partitions.delete())
        for n, mark in enumerate(watermarks):
            connection.execute(partitions.insert().values(partition=n, next_offset=9, fold_version="x", watermark=mark))


def exempt(bound: Engine, case_id: str) -> None:
    """What an approved appeal leads to in the tables."""
    with bound.begin() as connection:
        connection.execute(clocks.update().where(clocks.c.case_id == case_id).values(verdict="exempt"))


def points(told: Any) -> dict[str, float]:
    return {one["group"]: one["score"] for one in told["scores"]}


def test_departments_are_scored_by_what_fell_due(tables: Engine, evaluation: Run) -> None:
    told = evaluation("--json").json
    assert points(told) == {"water": 100.0, "power": 66.67}
    assert (told["final"], told["version"], told["frozen"]) == (True, None, [])


def test_an_approved_appeal_changes_the_next_version_and_the_first_one_stays(tables: Engine, evaluation: Run) -> None:
    first = evaluation("--freeze", "--json").json
    assert (first["version"], points(first)["power"]) == (1, 66.67)
    exempt(tables, LATE[0])
    assert points(evaluation("--version", "1", "--json").json) == points(first)
    assert "Freezing now would change: power 66.67 → 83.33" in evaluation().out
    second = evaluation("--freeze", "--json").json
    assert (second["version"], points(second)["power"]) == (2, 83.33)
    (disposal,) = (part for one in second["scores"] if one["group"] == "power" for part in one["parts"]
                   if part["part"] == "on-time-disposal")  # fmt: skip
    assert disposal == {"part": "on-time-disposal", "weight": 40, "met": 3, "whole": 4, "exempt": 1}
    assert points(evaluation("--version", "1", "--json").json) == points(first)
    assert [(one["version"], one["changes"]) for one in second["frozen"]] == [
        (1, []),
        (2, [{"scorecard": "department", "group": "power", "before": 66.67, "after": 83.33}]),
    ]


def test_a_frozen_month_does_not_follow_the_tables(tables: Engine, evaluation: Run) -> None:
    """The bad twin is a version that is counted anew when it is asked for: it would lose what was deleted here."""
    first = evaluation("--freeze", "--json").json
    with tables.begin() as connection:
        connection.execute(clocks.delete())
    assert points(evaluation("--json").json) == {}
    assert points(evaluation("--version", "1", "--json").json) == points(first)


def test_freezing_again_what_is_as_before_makes_no_version(tables: Engine, evaluation: Run) -> None:
    assert evaluation("--freeze", "--json").json["version"] == 1
    assert evaluation("--freeze", "--json").json["version"] == 1


def test_each_score_lists_its_cases(tables: Engine, evaluation: Run) -> None:
    live = evaluation("--drill", "power", "--json").json["cases"]
    on_time = [row for row in live if row["part"] == "on-time-disposal"]
    assert (len(on_time), sorted(row["case_id"] for row in on_time if not row["counts"])) == (4, sorted(LATE))
    evaluation("--freeze")
    kept = evaluation("--version", "1", "--drill", "power", "--json").json["cases"]
    assert sorted(row["case_id"] for row in kept) == sorted(LATE)
    assert LATE[0] in evaluation("--version", "1", "--drill", "power").out


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ((MARCH + 3 * DAY,), "2026-03 is not final: the tables stand at 2026-03-04"),
        ((APRIL, None), "2026-03 is not final: the tables stand at nothing yet"),
        ((), "2026-03 is not final: the tables stand at nothing yet"),
    ],
)
def test_a_month_that_is_not_final_is_not_frozen(
    tables: Engine, evaluation: Run, marks: tuple[datetime | None, ...], sentence: str
) -> None:
    stand(tables, *marks)
    refused = evaluation("--freeze")
    assert (refused.code, refused.err.startswith(sentence)) == (2, True), refused.err
    assert evaluation("--json").json["final"] is False


def test_what_cannot_be_shown_is_said_in_a_sentence(tables: Engine, evaluation: Run) -> None:
    assert evaluation("--version", "1").err == "2026-03 has no version 1: it has not been frozen.\n"
    assert evaluation("--drill", "gas").err == "gas has no score in 2026-03.\n"
    assert evaluation("--version", "1", "--freeze").code == 2
