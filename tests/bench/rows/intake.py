"""Reports over HTTP, acknowledged by Kafka: the connectors on one core, wrk and both servers on the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from kafka import KafkaConsumer, TopicPartition

from connectors import department
from ops.database import drop_namespace, migrate
from ops.embedded import process
from ops.provision import provision
from schemas.wire.clients import consumer_arguments
from schemas.wire.settings import HubSettings
from tests.bench.claims import T0
from tests.bench.figures import Row, row
from tests.bench.rows.engine import Sample
from tests.bench.stage import PARTITIONS, ROOT, Plan, Stage, pinned, run

SECONDS = 20
CALLERS = (256, 64)
"""Connections: as many as bring about the highest rate, and few, which wait less."""
START_SECONDS = 60.0
SCRIPT = Path(__file__).parents[1] / "intake.lua"


def intake(stage: Stage, plan: Plan) -> list[Row]:
    """Each report by another person, with text, contact and coordinates, under a key of its own."""
    if not shutil.which("wrk"):
        print("No intake: it needs wrk (apt install wrk).", file=sys.stderr)
        return []
    found: list[Row] = []
    samples = [_sample(stage, plan) for _ in range(plan.runs)]
    for callers in CALLERS:
        note = f"{callers} connections of wrk for {plan.count(SECONDS)} s; text, contact and place in each report"

        def figure(name: str, unit: str, key: str, *, less: bool = False) -> Row:
            found = [sample[callers][key] for sample in samples]  # noqa: B023  asked at once
            return row(f"{name}_{callers}", unit, found, less_is_better=less, note=note)  # noqa: B023  as above

        found += [
            figure("intake", "reports/s acknowledged by Kafka", "rate"),
            figure("intake_p50", "ms", "p50", less=True),
            figure("intake_p99", "ms", "p99", less=True),
            figure("intake_cpu", "CPU ms of the process for a report", "cpu", less=True),
        ]
    return found


def _sample(stage: Stage, plan: Plan) -> dict[int, Sample]:
    hub = HubSettings(namespace=stage.name("hub"), partitions=PARTITIONS)
    provision(stage.kafka, hub, T0)
    migrate(stage.dsn, hub.sql_schema)
    try:
        with _serving(stage, hub) as (url, pid):
            _load(stage, url, CALLERS[0], plan.count(SECONDS))  # until what has to be compiled and cached is
            return {callers: _measured(stage, hub, url, pid, callers, plan.count(SECONDS)) for callers in CALLERS}
    finally:
        drop_namespace(stage.dsn, hub.sql_schema)


def _measured(stage: Stage, hub: HubSettings, url: str, pid: int, callers: int, seconds: int) -> Sample:
    before, spent = _claims(stage, hub), _cpu(pid)
    told = _load(stage, url, callers, seconds)
    cpu, claims = _cpu(pid) - spent, _claims(stage, hub) - before
    if told["wrong"] or claims < told["requests"]:
        raise RuntimeError(f"{told['wrong']} answers were wrong, and {claims} claims are there of {told['requests']}")
    return {"rate": told["requests"] / told["seconds"], "p50": told["p50"], "p99": told["p99"]} | {
        "cpu": cpu / told["requests"] * 1_000
    }


def _load(stage: Stage, url: str, callers: int, seconds: int) -> Sample:
    wrk = [
        "wrk",
        "-t1",
        f"-c{callers}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "-s",
        str(SCRIPT),
        f"{url}/in/app/reports",
    ]
    return run(wrk, stage.broker_core)[-1]


def _claims(stage: Stage, hub: HubSettings) -> int:
    with closing(KafkaConsumer(**consumer_arguments(stage.kafka))) as consumer:
        parts = [TopicPartition(hub.topic("claims"), number) for number in range(hub.partitions)]
        return sum(consumer.end_offsets(parts).values())


def _cpu(pid: int) -> float:
    """CPU seconds of a process until now."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _serving(stage: Stage, hub: HubSettings) -> Iterator[tuple[str, int]]:
    """The process of the connectors with the shipped example, whose key may ask as often as it likes."""
    port = process.free_port()
    with tempfile.TemporaryDirectory(dir=stage.folder) as folder:
        departments = Path(folder) / "departments"
        departments.mkdir()
        example = (department._examples() / "app.toml").read_text("utf-8")
        (departments / "app.toml").write_text(example + "per_minute = 1_000_000_000\nburst = 1_000_000_000\n", "utf-8")
        given: dict[str, object] = {"data_dir": folder, "bootstrap": stage.kafka.bootstrap, "dsn": stage.dsn}
        given |= {"namespace": hub.namespace, "partitions": hub.partitions, "departments": departments}
        ours = os.environ | {f"THREECROSS_{name.upper()}": str(value) for name, value in given.items()}
        command = pinned([sys.executable, "-m", "ops.connecting", "--http-port", str(port)], stage.worker_core)
        with subprocess.Popen(command, cwd=ROOT, env=ours, stdout=subprocess.DEVNULL) as serving:
            try:
                _wait(f"http://127.0.0.1:{port}", serving)
                yield f"http://127.0.0.1:{port}", serving.pid
            finally:
                serving.terminate()


def _wait(url: str, serving: subprocess.Popen[bytes]) -> None:
    """Until the intake answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and serving.poll() is None:
        with suppress(OSError), urlopen(f"{url}/in/app/openapi.json", timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the process of the connectors did not answer within {START_SECONDS:.0f} s")
