"""Reference data: loading a district, finding a point's grid, proposing who acts. There is no peer."""

from __future__ import annotations

from tests.bench.figures import Row, row
from tests.bench.stage import Plan, Stage


def reference_data(stage: Stage, plan: Plan) -> list[Row]:
    """Wall-clock time, each in a process of its own."""
    command = stage.command("tests.bench.reference_data", "--points", str(plan.count(20_000)))
    samples = [stage.run_alone(command) for _ in range(plan.runs)]
    load, half, most, proposal = (
        [s[key] for s in samples] for key in ("load_seconds", "point_half", "point_99", "proposal")
    )
    return [
        row("reference_load", "seconds", load, note="2,900 outlines in GCJ-02, 269 + 45 items, checked"),
        row("point_to_grid", "µs", half, note="half of the points, 2,900 grids"),
        row("point_to_grid_p99", "µs", most),
        row("proposal", "µs", proposal, note="by an item of 269"),
    ]
