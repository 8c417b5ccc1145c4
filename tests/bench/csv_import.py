"""A measured import of one CSV file, as `threecross import` does it."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import text

from schemas.wire.settings import KafkaSettings
from tests.bench.codecs import use_compiled_hub


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "dsn", "schema", "topic", "file", "department"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--compiled", type=Path)
    options = parser.parse_args()
    use_compiled_hub(options.compiled)
    from connectors.csvfile import mapping
    from connectors.metrics import ConnectorMetrics
    from connectors.runner import Outlets, import_file
    from ops.database import engine
    from ops.vault import open_vault

    database = engine(options.dsn, options.schema)
    with tempfile.TemporaryDirectory() as folder:
        vault = open_vault(database, Path(folder) / "vault.key")
        metrics = ConnectorMetrics(CollectorRegistry())
        out = Outlets(database, vault, KafkaSettings(options.bootstrap), options.topic, metrics)
        cpu = time.process_time()
        result = import_file(Path(options.file), mapping.load(options.department), out)
        cpu = time.process_time() - cpu
        with database.connect() as connection:
            entries = connection.scalar(text("SELECT count(*) FROM vault_entries"))
    assert result.sent == result.claims
    found = {"seconds": result.seconds, "claims": result.sent, "entries": entries}
    print(json.dumps({**found, "cpu_s_per_M": cpu / result.rows * 1e6}))


if __name__ == "__main__":
    main()
