"""`python -m tests.bench [row …] [--runs N] [--quick]`: measures, prints a table, writes build/bench.json.

Workers are kept on one core and servers on another; figures per CPU second count the worker's process alone.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence

from tests.bench.figures import Row, table, write
from tests.bench.rows import (
    casework,
    clocks,
    codec,
    deliveries,
    edges,
    engine,
    feeds,
    intake,
    latency,
    reference_data,
    state,
    working_time,
)
from tests.bench.stage import BUILD, ROOT, Plan, Stage

ROWS: dict[str, Callable[[Stage, Plan], list[Row]]] = {
    "engine_vs_kafka_streams": engine.engine_vs_kafka_streams,
    "engine_vs_stock_faust": engine.engine_vs_stock_faust,
    "engine_vs_quix": engine.engine_vs_quix,
    "casework_vs_kafka_streams": casework.casework_vs_kafka_streams,
    "refold": state.refold,
    "snapshot_restore": state.snapshot_restore,
    "csv_import": edges.csv_import,
    "views": edges.views,
    "latency_1000": latency.latency_1000,
    "open_cases": state.open_cases,
    "codec_vs_fastavro": codec.codec_vs_fastavro,
    "open_clocks": clocks.open_clocks,
    "falling_due": clocks.falling_due,
    "silence_100": clocks.silence_100,
    "outbox": feeds.outbox,
    "deliveries": deliveries.deliveries,
    "parked_memory": deliveries.parked_memory,
    "intake": intake.intake,
    "due_times": working_time.due_times,
    "reference_data": reference_data.reference_data,
}
QUICK = Plan(runs=1, scale=0.05)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures; writes build/bench.json.")
    parser.add_argument("rows", nargs="*", metavar="row", help=f"one of {', '.join(ROWS)}; default: all")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--quick", action="store_true", help="one run of a twentieth: shows that it works, not how fast"
    )
    options = parser.parse_args(argv)
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    plan = QUICK if options.quick else Plan(runs=options.runs)
    found: list[Row] = []
    with Stage(BUILD / "stage") as stage:
        for name in options.rows or ROWS:
            print(f"{name} …", file=sys.stderr, flush=True)
            found += ROWS[name](stage, plan)
            write(ROOT / "build" / ("bench-quick.json" if options.quick else "bench.json"), found)
    print(table(found))
    print(f"\n{platform.machine()}, Python {platform.python_version()}, worker and broker on one core each.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
