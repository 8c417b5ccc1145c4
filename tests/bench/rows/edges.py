"""The edges of the hub: a CSV import as it is acknowledged, and the views as they fold facts into PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from ops.database import drop_namespace, migrate
from ops.provision import provision
from schemas.wire.settings import HubSettings
from tests.bench.claims import T0
from tests.bench.figures import Row, row
from tests.bench.rows.casework import decided, filled
from tests.bench.rows.engine import rates
from tests.bench.rows.state import compiled
from tests.bench.stage import ROOT, Plan, Stage


def views(stage: Stage, plan: Plan) -> list[Row]:
    """Facts per CPU second of the views process; PostgreSQL is another process."""
    samples = []
    with filled(stage, plan.count(40_000)) as (namespace, records):
        decided(stage, namespace, records, stage.compiled)
        facts = stage.helper("checksum", "--topic", f"{namespace}.facts")["count"]
        schema = HubSettings(namespace=namespace).sql_schema
        for _ in range(plan.runs):
            migrate(stage.dsn, schema)
            options = ["--namespace", namespace, "--dsn", stage.dsn, "--records", facts, *compiled(stage)]
            samples.append(stage.worker("views", *options))
            drop_namespace(stage.dsn, schema)
    walls = sorted(s["records"] / s["seconds"] for s in samples)
    note = f"{facts:,} facts; {walls[len(walls) // 2]:,.0f} facts a second by the clock"
    return [row("views", "facts per CPU s", rates(samples), note=note)]


def csv_rows(path: Path, count: int) -> None:
    """The shipped extract of New York over and over, each row under a number of its own."""
    header, *lines = (ROOT / "ops/demo/nyc311.csv").read_text("utf-8").splitlines()
    with path.open("w", encoding="utf-8") as file:
        file.write(header + "\n")
        for n in range(count):
            file.write(f"{90_000_000 + n},{lines[n % len(lines)].partition(',')[2]}\n")


def csv_import(stage: Stage, plan: Plan) -> list[Row]:
    """Rows per second by the clock: read, translated, stored, sent, acknowledged by Kafka, kept."""
    samples = []
    path = stage.folder / "rows.csv"
    rows = plan.count(50_000)
    csv_rows(path, rows)
    for _ in range(plan.runs):
        namespace = stage.name("hub")
        hub = HubSettings(namespace=namespace)
        provision(stage.kafka, hub, T0)
        migrate(stage.dsn, hub.sql_schema)
        options = ["--dsn", stage.dsn, "--schema", hub.sql_schema, "--topic", hub.topic("claims"), "--file", path]
        samples.append(stage.worker(*options, *compiled(stage), module="tests.bench.csv_import"))
        drop_namespace(stage.dsn, hub.sql_schema)
    note = f"{rows:,} rows, {samples[-1]['claims']:,} claims; {samples[-1]['cpu_s_per_M']:.0f} CPU s per million rows"
    return [row("csv_import", "rows per s", [rows / s["seconds"] for s in samples], note=note)]
