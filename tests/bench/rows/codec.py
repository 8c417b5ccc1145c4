"""The codec beside fastavro, on the claims and facts of a city."""

from __future__ import annotations

from tests.bench.figures import Row, row
from tests.bench.rows.state import compiled
from tests.bench.stage import Plan, Stage


def codec_vs_fastavro(stage: Stage, plan: Plan) -> list[Row]:
    """CPU time of decoding and encoding, per event; fastavro without its logical types, which would slow it."""
    rows = []
    variants = [("codec_python", [])] + ([("codec", compiled(stage))] if stage.compiled else [])
    for name, options in variants:
        command = stage.command("tests.bench.codec_events", *options)
        samples = [stage.run_alone(command) for _ in range(plan.runs)]
        for what in ("decode", "encode"):
            ours, theirs = ([s[f"{who}_{what}"] for s in samples] for who in ("ours", "fastavro"))
            note = "compiled" if options else "as Python"
            label = f"{name}_{what}_vs_fastavro"
            rows.append(row(label, "CPU µs per event", ours, theirs, "fastavro", less_is_better=True, note=note))
    return rows
