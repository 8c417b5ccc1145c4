"""An import goes on while its casework is killed, frozen, replaced and woken: the figures are those of a quiet day."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from connectors import runner
from connectors.csvfile import mapping
from connectors.metrics import ConnectorMetrics
from connectors.runner import ImportResult, Outlets, import_file
from ops.database import drop_namespace, engine, migrate
from ops.provision import provision
from ops.vault import open_vault
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.faults.oracle import Verdict, assert_views_agree, judge
from tests.faults.workers import WorkerProcess, kept_running, wait_until

ROOT = Path(__file__).parents[2]
EXTRACT = ROOT / "ops" / "demo" / "nyc311.csv"
FIGURES = {
    "cases": 1_000,
    "closing_dates": 986,
    "unclosed": 14,
    "irregular": 10,
    "promised_and_closed": 479,
    "late": 52,
    "late_by_agency": {"NYPD": 16, "DPR": 11, "DOF": 7, "TLC": 6, "DOHMH": 5, "DSNY": 3, "DOT": 2, "EDC": 2},
    "refused": 0,
}
ROWS_A_CHUNK, PAUSE = 20, 0.05


@dataclass
class Hub:
    """A provisioned hub without processes."""

    kafka: KafkaSettings
    dsn: str
    settings: HubSettings
    folder: Path

    def worker(self, *processors: str, instance: str = "1") -> WorkerProcess:
        environment = {
            "THREECROSS_BOOTSTRAP": self.kafka.bootstrap,
            "THREECROSS_DSN": self.dsn,
            "THREECROSS_NAMESPACE": self.settings.namespace,
            "THREECROSS_PARTITIONS": str(self.settings.partitions),
            "THREECROSS_DATA_DIR": str(self.folder),
        }
        return WorkerProcess(processors, environment, self.folder, instance)

    def bring_in(self, progress: Callable[[int, int], None] | None = None) -> ImportResult:
        """The extract of New York's requests."""
        bound = engine(self.dsn, self.settings.sql_schema)
        vault = open_vault(bound, self.folder / "vault.key")
        metrics = ConnectorMetrics(CollectorRegistry())
        out = Outlets(bound, vault, self.kafka, self.settings.topic("claims"), metrics)
        try:
            return import_file(EXTRACT, mapping.load("nyc311"), out, progress=progress)
        finally:
            bound.dispose()

    def verdict(self) -> Verdict:
        return judge(self.kafka.bootstrap, self.settings.namespace)


@pytest.fixture
def hub(
    kafka_settings: KafkaSettings,
    hub_settings: HubSettings,
    dsn: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Hub]:
    provision(kafka_settings, hub_settings, 0)
    migrate(dsn, hub_settings.sql_schema)
    bound = engine(dsn, hub_settings.sql_schema)
    open_vault(bound, tmp_path / "vault.key").dead_letter_public_key()
    bound.dispose()
    monkeypatch.setattr(runner, "CHUNK", ROWS_A_CHUNK)  # an import slow enough to be disturbed
    yield Hub(kafka_settings, dsn, hub_settings, tmp_path)
    drop_namespace(dsn, hub_settings.sql_schema)


def assert_a_quiet_day(hub: Hub, result: ImportResult) -> None:
    """Every claim has led to its one fact, the figures are right, and the views say the same."""
    wait_until(lambda: hub.verdict().lost == set(), "a fact for every claim")
    verdict = hub.verdict()
    assert verdict.doubled == set()
    assert len(verdict.claims) == verdict.facts - verdict.by_time.total() == result.claims
    assert verdict.by_time["RanOut"] == verdict.figures()["late"]
    assert verdict.figures() == FIGURES
    wait_until(lambda: _folded(hub) == verdict.facts, "the views to have folded every fact")
    assert_views_agree(hub.dsn, hub.settings.sql_schema, verdict)


def _folded(hub: Hub) -> int:
    with psycopg.connect(hub.dsn, options=f"-c search_path={hub.settings.sql_schema}") as c:
        found = c.execute("SELECT sum(seq) FROM cases").fetchone()
    return int(found[0] or 0) if found else 0


def test_three_kills_in_the_middle_of_an_import_change_nothing(hub: Hub) -> None:
    casework, random = hub.worker("casework"), Random(311)
    kills = [200, 500, 800]

    def disturb(rows: int, _total: int) -> None:
        time.sleep(PAUSE)
        if kills and rows >= kills[0]:
            kills.pop(0)
            time.sleep(random.uniform(0.0, 0.05))
            casework.kill()
            casework.start()
            wait_until(casework.is_ready, "casework to be back")

    with kept_running(casework, hub.worker("views")):
        wait_until(casework.is_ready, "casework")
        result = hub.bring_in(disturb)
        assert kills == []
        assert_a_quiet_day(hub, result)
        assert casework.end() == 0


def test_a_frozen_worker_is_replaced_and_harms_nothing_when_it_wakes(hub: Hub) -> None:
    first, second = hub.worker("casework"), hub.worker("casework", instance="2")
    stages = [(300, "freeze"), (700, "wake")]

    def disturb(rows: int, _total: int) -> None:
        time.sleep(PAUSE)
        if stages and rows >= stages[0][0]:
            if stages.pop(0)[1] == "freeze":
                first.signal(signal.SIGSTOP)
                second.start()
                wait_until(lambda: _works_alone(second, hub), "the second worker to have every partition")
            else:
                first.signal(signal.SIGCONT)

    with kept_running(first, hub.worker("views")):
        wait_until(first.is_ready, "casework")
        try:
            result = hub.bring_in(disturb)
            assert stages == []
            _back_as_the_supervisor_would(first)
            assert_a_quiet_day(hub, result)
        finally:
            second.kill()


def _works_alone(worker: WorkerProcess, hub: Hub) -> bool:
    return list(worker.partitions("casework").values()) == ["working"] * hub.settings.partitions


def _back_as_the_supervisor_would(worker: WorkerProcess) -> None:
    """A worker that woke up fenced has ended with code 70, or has found its place again; either way it runs now."""
    time.sleep(1)
    assert worker.code in (None, 70)
    if worker.code is not None:
        worker.start()
    wait_until(worker.is_ready, "the woken worker to be ready again")
