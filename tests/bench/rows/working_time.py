"""Due times beside businesstimedelta."""

from __future__ import annotations

from tests.bench.figures import Row, row
from tests.bench.stage import Plan, Stage


def due_times(stage: Stage, plan: Plan) -> list[Row]:
    """CPU time of a due time from an amount in words to the moment; of used time; of compiling 26 years."""
    command = stage.command("tests.bench.due_times", "--count", str(plan.count(100_000)))
    samples = [stage.run_alone(command) for _ in range(plan.runs)]
    ours, peer, spent, made = ([s[key] for s in samples] for key in ("ours", "peer", "used", "compile_ms"))
    return [
        row(
            "due_times",
            "CPU µs each",
            ours,
            peer,
            "businesstimedelta",
            less_is_better=True,
            note="1 to 15 working days",
        ),
        row("used_time", "CPU µs each", spent),
        row("calendar_compiled", "CPU ms", made, note="China, 2001 to 2026"),
    ]
