"""Clocks: memory and cost of open ones, and how late silence is noticed, by the thousand and one by one."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from ops.provision import provision
from schemas.wire.settings import HubSettings
from tests.bench.claims import T0
from tests.bench.figures import Row, row
from tests.bench.rows.engine import Sample
from tests.bench.rows.state import compiled
from tests.bench.stage import ROOT, Plan, Stage, pinned, run

CORES = "casework on one core, clocks and broker on the other"
AHEAD_A_CASE = 0.0004
"""Seconds that are needed to bring a case in before anything falls due, generously."""


def open_clocks(stage: Stage, plan: Plan) -> list[Row]:
    """A million timers, and a million running clocks of 250,000 cases."""
    count = plan.count(1_000_000)
    command = stage.command("tests.bench.open_clocks", "--clocks", count)
    samples = [stage.run_alone(command) for _ in range(plan.runs)]
    note = f"{count:,} timers over ten days, a tenth of them moved; {count:,} running clocks, four a case"

    def figure(name: str, unit: str, key: str, scale: float = 1.0) -> Row:
        return row(name, unit, [s[key] * scale for s in samples], note=note)

    return [
        figure("timers_memory", "MB beyond state", "timers_bytes", 1e-6),
        figure("timer_insert", "CPU µs", "insert_us"),
        figure("timer_move", "CPU µs", "move_us"),
        figure("timer_expire", "CPU µs", "expire_us"),
        figure("clock_memory", "bytes a running clock", "clock_bytes"),
        figure("clock_fold", "CPU µs a fact", "fold_us"),
        figure("clock_next_due", "CPU µs a case of four clocks", "next_due_us"),
    ]


def falling_due(stage: Stage, plan: Plan) -> list[Row]:
    """100,000 promises that end within one second."""
    cases = plan.count(100_000)
    samples = [_sample(stage, cases, 1.0) for _ in range(plan.runs)]
    note = f"{cases:,} warnings and as many run-outs, from the moment to the record; {CORES}"
    return [row("falling_due_last", "s late", [s["last"] for s in samples], note=note)]


def silence_100(stage: Stage, plan: Plan) -> list[Row]:
    """100 promises end in every second."""
    seconds = 20.0
    samples = [_sample(stage, int(100 * seconds), seconds) for _ in range(plan.runs)]
    note = f"100 a second for 20 s, from the moment to the record; {CORES}"
    return [
        row("silence_100_p50", "s late", [s["p50"] for s in samples], note=note),
        row("silence_100_p99", "s late", [s["p99"] for s in samples], note=note),
    ]


def _sample(stage: Stage, cases: int, spread: float) -> Sample:
    namespace = stage.name("hub")
    provision(stage.kafka, HubSettings(namespace=namespace), T0)
    wanted = ["--namespace", namespace, "--cases", cases, "--spread", spread, "--ahead", 10 + cases * AHEAD_A_CASE * 3]
    with ExitStack() as running:
        for worker in ("serve", "notice"):
            running.enter_context(_worker(stage, worker, namespace))
        return run(stage.command("tests.bench.silence", *wanted), stage.broker_core)[-1]


@contextmanager
def _worker(stage: Stage, name: str, namespace: str) -> Iterator[None]:
    """A process of casework or clocks, until the measurement is over."""
    with tempfile.TemporaryDirectory(dir=stage.folder) as folder:
        options: list[Any] = [name, "--namespace", namespace, "--folder", folder, *compiled(stage)]
        core = stage.worker_core if name == "serve" else stage.broker_core
        command = pinned(stage.command("tests.bench.workers", *options), core)
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            json.loads(process.stdout.readline())
            yield
            process.stdin.close()
            process.wait(60)
