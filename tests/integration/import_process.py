"""An import in a process of its own, to be killed: prints its progress, a line a chunk."""

import argparse
from pathlib import Path

from prometheus_client import CollectorRegistry

from connectors.csvfile import mapping
from connectors.metrics import ConnectorMetrics
from connectors.runner import Outlets, import_file
from ops.database import engine
from ops.vault import open_vault
from schemas.wire.settings import KafkaSettings


def main() -> None:
    """Import one file."""
    parser = argparse.ArgumentParser()
    for name in ("file", "mapping", "bootstrap", "dsn", "schema", "topic", "key"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    database = engine(given.dsn, given.schema)
    vault = open_vault(database, Path(given.key))
    metrics = ConnectorMetrics(CollectorRegistry())
    out = Outlets(database, vault, KafkaSettings(given.bootstrap), given.topic, metrics)
    result = import_file(
        Path(given.file), mapping.load(given.mapping), out, progress=lambda done, total: print(done, total, flush=True)
    )
    print("done", result.claims, result.sent, result.already_known, result.resent, flush=True)


if __name__ == "__main__":
    main()
