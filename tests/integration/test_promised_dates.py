"""New York's due dates are commitments, so its clocks say what its file says: which were late, by whom, and why."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, func, select

from connectors import runner
from connectors.csvfile import mapping
from ops import settings
from ops.brokers import reader
from ops.cli.common import database
from ops.cli.imports import outlets
from ops.clock import utc_now
from ops.demo.reading import ends
from ops.finding import Found
from ops.indicators.standing import standing
from ops.provision import read_epoch
from ops.scenario import stage
from ops.scenario.facts import Facts
from ops.scenario.stage import Processors
from ops.settings import Settings
from schemas.wire.settings import KafkaSettings
from streams.core.clocks import NEW, Clocks, evolve
from streams.core.clocks.ledger import Ledger, ledgers
from streams.core.clocks.terms import NO_TERMS
from streams.views.tables import cases, clocks
from tests.csv_samples import nyc_lines

LATE = {"NYPD": 16, "DPR": 11, "DOF": 7, "TLC": 6, "DOHMH": 5, "DSNY": 3, "DOT": 2, "EDC": 2}
PATIENCE = 60.0
Verdict = tuple[Any, ...]


class Imported(NamedTuple):
    """What the tables and the facts tell once the whole file was brought in."""

    verdicts: dict[str, Verdict]
    late: dict[str, int]
    closed: int
    open_overdue: set[str]
    overdue_now: int
    as_of: datetime
    ledgers: dict[str, Ledger]


@pytest.fixture
def given(kafka_settings: KafkaSettings, dsn: str, tmp_path: Path) -> Settings:
    return settings.load(data_dir=tmp_path, bootstrap=kafka_settings.bootstrap, dsn=dsn, namespace="promised")


def imported(given: Settings, folder: Path, name: str, lines: list[str]) -> Imported:
    file = folder / f"{name}.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    found = stage.namespace(given, f"promised-{name}", "411702")
    with database(found) as engine, Processors(found, utc_now):
        runner.import_file(file, mapping.load("nyc311"), outlets(found, engine))
        facts = everything(found)
        wait_for_views(engine)
        return told(engine, facts)


def everything(found: Found) -> dict[str, Ledger]:
    """The ledger of each closure, by case, once every claim of the import is decided."""
    epoch = read_epoch(found.kafka, found.settings.hub)
    assert epoch is not None
    with reader(found.kafka) as consumer, reader(found.kafka) as asking:
        facts = Facts(consumer, found.settings.hub)
        claims = ends(asking, found.settings.hub, "claims")
        assert facts.until(lambda: not facts.decided.waiting_claims(claims, epoch.epoch))
    states: defaultdict[str, Clocks] = defaultdict(lambda: NEW)
    for fact in facts.seen:
        states[fact.meta.subject.id] = evolve(states[fact.meta.subject.id], fact.meta, fact.body)
    now = utc_now()
    return {case: ledger for case, state in states.items() for ledger in ledgers(state, NO_TERMS, now)}


def wait_for_views(engine: Engine) -> None:
    """Returns when every promise has its clock, and every one that is over counts as overdue."""
    unsaid = select(func.count()).where(clocks.c.closed_at.is_(None), clocks.c.overdue_at.is_(None))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            there = connection.scalar(select(func.count()).select_from(clocks))
            ended = connection.scalar(select(func.count()).where(clocks.c.closed_at.is_not(None)))
            if (there, ended, connection.scalar(unsaid)) == (486, 479, 0):
                return
        time.sleep(0.2)
    raise AssertionError(f"the tables have {there} clocks, {ended} of them ended")


def told(engine: Engine, found: dict[str, Ledger]) -> Imported:
    c, now = clocks.c, datetime.now(UTC)
    closed, over = c.closed_at.is_not(None), c.overdue_at.is_not(None)
    rows = select(clocks, cases.c.lead, cases.c.source_number).join(cases, cases.c.case_id == c.case_id)
    with engine.connect() as connection:
        lines = connection.execute(rows).mappings().all()
        late = connection.execute(rows.where(closed, over)).mappings().all()
        standing_now = list(standing(connection, now))
    return Imported(
        {r["source_number"]: (r["clock"], r["party"], r["verdict"], r["due_at"], r["closed_at"]) for r in lines},
        dict(Counter(row["lead"] for row in late)),
        sum(row["closed_at"] is not None for row in lines),
        {row["source_number"] for row in lines if row["closed_at"] is None and row["due_at"] < now},
        sum(one.overdue for one in standing_now),
        now,
        found,
    )


def assert_it_adds_up(ledger: Ledger) -> None:
    """What was used is the sum of the intervals; what is above the limit is how long after its due time it ended."""
    clock = ledger.clock
    assert clock.limit_us is not None
    assert clock.due_at is not None
    assert clock.closed_at is not None
    assert sum(one.used_us for one in ledger.intervals) == clock.used_us
    assert sum(one.used_us for one in clock.segments) == clock.used_us
    assert clock.used_us - clock.limit_us == clock.closed_at - clock.due_at > 0


def test_promised_dates_are_clocks_in_whatever_order_they_come(given: Settings, tmp_path: Path) -> None:
    header, *rows = nyc_lines()
    found = imported(given, tmp_path, "as-exported", [header, *rows])
    assert found.closed == 479
    assert found.late == LATE
    assert (sum(found.late.values()), len(found.open_overdue)) == (52, 7)
    assert found.overdue_now == 52 + 7, "a breach counts while the case is open, not only once it is closed"
    late = [one for one in found.ledgers.values() if one.clock.overdue_at is not None and one.clock.closed_at]
    assert len(late) == 52
    for ledger in late:
        assert_it_adds_up(ledger)
    backwards = imported(given, tmp_path, "backwards", [header, *reversed(rows)])
    assert backwards.verdicts == found.verdicts


def test_a_promise_a_day_longer_makes_another_figure(given: Settings, tmp_path: Path) -> None:
    """The twin: one of the late ones is not late if its due date is the moment at which it was closed."""
    header, *rows = nyc_lines()
    number = "39573572"  # closed 2018-07-19, promised for 2018-07-01
    edited = [row.replace("07/01/2018 11:59:06 AM", "07/19/2018 11:59:06 AM") if row.startswith(number) else row
              for row in rows]  # fmt: skip
    found = imported(given, tmp_path, "twin", [header, *edited])
    assert found.late == LATE | {"DOF": 6}
