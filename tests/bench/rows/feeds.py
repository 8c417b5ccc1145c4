"""The outbox: what a fact costs where departments have subscribed."""

from __future__ import annotations

from tests.bench.figures import Row, row
from tests.bench.stage import Plan, Stage


def outbox(stage: Stage, plan: Plan) -> list[Row]:
    """Facts folded, decided for each feed, items encoded; Kafka is not in it."""
    cases = plan.count(20_000)
    samples = [stage.run_alone(stage.command("tests.bench.feeds", "--cases", cases)) for _ in range(plan.runs)]
    note = f"{cases:,} cases of nine facts, decoded before; without Kafka"

    def figure(name: str, who: str, key: str, unit: str) -> Row:
        return row(name, unit, [s[who][key] for s in samples], note=note)

    return [
        figure("outbox_departments", "departments", "facts", "facts per CPU s, 10 feeds of lead and assists"),
        figure("outbox_everything", "everything", "facts", "facts per CPU s, one feed of everything"),
        figure("outbox_nobody", "nobody", "facts", "facts per CPU s, no feed"),
    ]
