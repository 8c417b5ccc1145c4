"""The process that notices time is killed while very much falls due: each moment becomes a fact, once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from kafka import KafkaProducer

from ops.database import drop_namespace, engine, migrate
from ops.provision import provision
from ops.vault import open_vault
from schemas.events import Commit, File
from schemas.wire.clients import producer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import claim, dispatch, report
from tests.faults.oracle import read
from tests.faults.test_import_kills import Hub
from tests.faults.workers import WorkerProcess, kept_running, wait_until

CASES = 2_000
SECOND = 1_000_000
AHEAD, SPREAD = 15 * SECOND, 4 * SECOND
"""Promises end this long after they were made, spread over so much."""


@pytest.fixture
def town(kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path) -> Iterator[Hub]:
    provision(kafka_settings, hub_settings, 0)
    migrate(dsn, hub_settings.sql_schema)
    bound = engine(dsn, hub_settings.sql_schema)
    open_vault(bound, tmp_path / "vault.key").dead_letter_public_key()
    bound.dispose()
    yield Hub(kafka_settings, dsn, hub_settings, tmp_path)
    drop_namespace(dsn, hub_settings.sql_schema)


def promise(hub: Hub, cases: int) -> dict[str, int]:
    """Opens so many cases with a promise; case id → the end of the promise."""
    at, random, ends = time.time_ns() // 1000, Random(24), {}
    topic = hub.settings.topic("claims")
    producer = KafkaProducer(**producer_arguments(hub.kafka))
    for n in range(cases):
        end = at + AHEAD + random.randrange(SPREAD)
        bodies: tuple[Any, ...] = (report(), File(), dispatch(), Commit(end, "shed"))
        for said in (claim(body, number=str(n), at=at) for body in bodies):
            producer.send(topic, key=said.key, value=said.value)
            ends[said.meta.subject.id] = end
    producer.close()
    return ends


def noticed(hub: Hub) -> list[tuple[str, str, int]]:
    """Name, case and moment of every fact that time alone has made."""
    facts = read(hub.kafka.bootstrap, f"{hub.settings.namespace}.facts")
    by_time = [seen for seen in facts if seen.name in ("Warned", "RanOut", "RunOutWithdrawn")]
    return [(seen.name, seen.key, int(seen.meta["occurred_at"].timestamp() * 1e6 + 0.5)) for seen in by_time]


def kill_and_start_again(worker: WorkerProcess, times: int, until: float) -> None:
    random = Random(7)
    for _ in range(times):
        worker.kill()
        worker.start()
        time.sleep(random.uniform(0.5, 2.0))
    wait_until(worker.is_ready, "clocks to be back", until)


def test_kills_while_thousands_fall_due_lose_and_double_nothing(town: Hub) -> None:
    casework, clocks = town.worker("casework"), town.worker("clocks")
    with kept_running(casework, clocks):
        wait_until(lambda: casework.is_ready() and clocks.is_ready(), "both to be ready")
        ends = promise(town, CASES)
        first_warning = (min(ends.values()) - AHEAD // 5) / 1e6
        time.sleep(max(0.0, first_warning - time.time()))
        kill_and_start_again(clocks, 4, 60)
        wait_until(lambda: len(noticed(town)) >= 2 * CASES, "every warning and every run-out", 120)
        found = noticed(town)
        assert Counter(name for name, *_ in found) == {"Warned": CASES, "RanOut": CASES}
        assert {(case, at) for name, case, at in found if name == "RanOut"} == set(ends.items())
        assert clocks.end() == 0
