"""Claims 1 ms apart: how long until their facts can be read, and what casework uses meanwhile and while idle."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ops.provision import provision
from schemas.wire.settings import HubSettings
from tests.bench.claims import T0
from tests.bench.figures import Row, row
from tests.bench.rows.engine import Sample
from tests.bench.rows.state import compiled
from tests.bench.stage import ROOT, Plan, Stage, pinned, run

SECONDS = 20
WARM_SECONDS = 20
"""A broker just started needs about this long at this load until its Java machine has compiled what it uses."""
IDLE_SECONDS = 10


def latency_1000(stage: Stage, plan: Plan) -> list[Row]:
    """1,000 claims a second over four partitions."""
    samples = [_sample(stage, plan) for _ in range(plan.runs)]
    count = plan.count(SECONDS * 1_000)
    claims = f"{count:,} claims, four partitions; from the producer's hand to a read_committed reader's"

    def figure(name: str, unit: str, key: str) -> Row:
        return row(name, unit, [s[key] for s in samples], note=claims)

    return [
        figure("latency_1000_p50", "ms", "p50"),
        figure("latency_1000_p99", "ms", "p99"),
        figure("latency_1000_cpu", "share of a core", "busy"),
        row("idle_cpu", "share of a core", [s["idle"] for s in samples], note="four partitions, no claims"),
    ]


def _sample(stage: Stage, plan: Plan) -> Sample:
    namespace = stage.name("hub")
    provision(stage.kafka, HubSettings(namespace=namespace), T0)
    options = ["--namespace", namespace]
    load = stage.command("tests.bench.pace", *options, "--records")
    with _serving(stage, namespace) as spent:
        # beside the worker, which leaves three quarters of its core: the broker's own work at this load is half a core
        run([*load, str(plan.count(WARM_SECONDS * 1_000))], stage.worker_core)
        before = spent()
        found = run([*load, str(plan.count(SECONDS * 1_000))], stage.worker_core)[-1]
        busy = spent()
        time.sleep(IDLE_SECONDS)
        idle = spent()
    # while claims came: the process that sends them takes seconds to start, in which nothing is done
    share = (busy["cpu"] - before["cpu"]) / found["seconds"]
    return {**found, "busy": share, "idle": _share(busy, idle)}


def _share(start: Sample, end: Sample) -> float:
    return float((end["cpu"] - start["cpu"]) / (end["wall"] - start["wall"]))


@contextmanager
def _serving(stage: Stage, namespace: str) -> Iterator[Any]:
    """A casework process; gives a function that asks it what it has spent."""
    with tempfile.TemporaryDirectory(dir=stage.folder) as folder:
        options = ["serve", "--namespace", namespace, "--folder", folder, *compiled(stage)]
        command = pinned(stage.command("tests.bench.workers", *options), stage.worker_core)
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            source, sink = process.stdout, process.stdin

            def spent() -> Any:
                sink.write("\n")
                sink.flush()
                return json.loads(source.readline())

            spent()
            yield spent
            sink.close()
            process.wait(30)
