"""State: folding facts again, restoring a local copy, memory of open cases, and how the cost of a claim grows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ops.provision import provision
from schemas.wire.settings import HubSettings
from tests.bench.claims import T0
from tests.bench.figures import Row, row
from tests.bench.rows.casework import decided, filled
from tests.bench.rows.engine import Sample
from tests.bench.stage import Plan, Stage


def compiled(stage: Stage) -> list[Any]:
    """The option that chooses the compiled codec, where there is one."""
    return ["--compiled", stage.compiled] if stage.compiled else []


def refold(stage: Stage, plan: Plan) -> list[Row]:
    """A takeover without a local copy: all facts of four partitions folded, the copy written on the way."""
    cases = plan.count(200_000)
    with filled(stage, cases) as (namespace, records):
        decided(stage, namespace, records, stage.compiled)
        facts = stage.helper("checksum", "--topic", f"{namespace}.facts")["count"]
        samples = [_takeover(stage, namespace) for _ in range(plan.runs)]
    scaled = [s["seconds"] * 2e6 / facts for s in samples]
    note = f"{facts:,} facts folded by one process, seconds put to 2,000,000; CPU {samples[-1]['cpu_s']:.1f} s"
    return [row("refold", "s for 2,000,000 facts", scaled, note=note)]


def _takeover(stage: Stage, namespace: str, folder: Path | None = None) -> Sample:
    with tempfile.TemporaryDirectory(dir=stage.folder) as fresh:
        where = folder or fresh
        return stage.worker("takeover", "--namespace", namespace, "--folder", where, *compiled(stage))


def snapshot_restore(stage: Stage, plan: Plan) -> list[Row]:
    """A takeover from local copies that hold a million open cases between them."""
    cases = plan.count(1_000_000)
    namespace = stage.name("hub")
    provision(stage.kafka, HubSettings(namespace=namespace), T0)
    samples = []
    with tempfile.TemporaryDirectory(dir=stage.folder) as folder:
        options = ["--cases", cases, "--folder", folder, "--namespace", namespace]
        stage.worker(*options, module="tests.bench.open_cases")
        for _ in range(plan.runs):
            samples.append(_takeover(stage, namespace, Path(folder)))
            if samples[-1]["cases"] != cases:
                raise RuntimeError(f"{samples[-1]['cases']} of {cases} cases came back")
    note = f"{cases:,} open cases of four partitions, one process; CPU {samples[-1]['cpu_s']:.1f} s"
    return [row("snapshot_restore", "s", [s["seconds"] for s in samples], note=note)]


def open_cases(stage: Stage, plan: Plan) -> list[Row]:
    """Memory of each open case, and the cost of a claim, as the number of open cases grows."""
    rows, costs = [], {}
    for size in (10_000, 100_000, 1_000_000):
        cases = plan.count(size)
        options = ["--cases", cases, *compiled(stage)]
        command = stage.command("tests.bench.open_cases", *options)
        samples = [stage.run_alone(command) for _ in range(plan.runs)]
        costs[size] = [s["cpu_s_per_M"] for s in samples]
        if size > 10_000:
            note = f"{cases:,} open cases of three parties and four claims; growth of resident memory"
            rows.append(row(f"memory_per_case_{size:_}", "bytes", [s["bytes_per_case"] for s in samples], note=note))
    return rows + [_growth(size, cost, costs[10_000]) for size, cost in costs.items()]


def _growth(size: int, cost: list[float], least: list[float]) -> Row:
    name, unit, note = f"growth_{size:_}", "CPU µs per claim", "decided and merged without Kafka"
    if size == 10_000:
        return row(name, unit, cost, note=note)
    return row(name, unit, cost, least, "ours at 10,000 open cases", less_is_better=True, note=note)
