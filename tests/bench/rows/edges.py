"""The edges of the hub: a CSV import as it is acknowledged, and the views as they fold facts into PostgreSQL."""

from __future__ import annotations

import shutil
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


def csv_rows(path: Path, source: Path, numbers: int, count: int) -> None:
    """A shipped file over and over; the first `numbers` columns of a row are new in each round."""
    header, *lines = source.read_text("utf-8").splitlines()
    with path.open("w", encoding="utf-8") as file:
        file.write(header + "\n")
        for n in range(count):
            cells = lines[n % len(lines)].split(",", numbers)
            file.write(
                ",".join([*(f"{cell}{n // len(lines):04}" for cell in cells[:numbers]), *cells[numbers:]]) + "\n"
            )


def csv_import(stage: Stage, plan: Plan) -> list[Row]:
    """Rows per second by the clock: read, translated, stored, sent, acknowledged by Kafka, kept."""
    rows = plan.count(50_000)
    return [
        _imported(stage, plan, "csv_import", "nyc311", "ops/demo/nyc311.csv", 1, rows),
        _imported(stage, plan, "csv_import_personal", "zhongyuan_month", "ops/demo/district_month.csv", 2, rows),
    ]


def _imported(stage: Stage, plan: Plan, name: str, department: str, source: str, numbers: int, rows: int) -> Row:
    samples = []
    path = stage.folder / "rows.csv"
    csv_rows(path, ROOT / source, numbers, rows)
    shutil.copytree(ROOT / "ops/demo/evidence", stage.folder / "evidence", dirs_exist_ok=True)
    for _ in range(plan.runs):
        namespace = stage.name("hub")
        hub = HubSettings(namespace=namespace)
        provision(stage.kafka, hub, T0)
        migrate(stage.dsn, hub.sql_schema)
        options = ["--dsn", stage.dsn, "--schema", hub.sql_schema, "--topic", hub.topic("claims"), "--file", path]
        options += ["--department", department, *compiled(stage)]
        samples.append(stage.worker(*options, module="tests.bench.csv_import"))
        drop_namespace(stage.dsn, hub.sql_schema)
    last = samples[-1]
    note = f"{rows:,} rows, {last['claims']:,} claims, {last['entries']:,} texts and files into the vault; "
    note += f"{last['cpu_s_per_M']:.0f} CPU s per million rows"
    return row(name, "rows per s", [rows / s["seconds"] for s in samples], note=note)
