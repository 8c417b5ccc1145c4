"""`threecross import`: brings in a file through a mapping."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import (
    BootstrapOption,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    console,
    database,
    find,
    print_json,
    progress,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from connectors.runner import ImportResult, Outlets
    from ops.finding import Found

MappingOption = Annotated[
    str,
    typer.Option("--mapping", "--department", help="A mapping of connectors/departments, or the path of a .toml file."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_file)


def outlets(found: Found, engine: Engine) -> Outlets:
    """Where an import into this hub writes. Raises VaultError."""
    from prometheus_client import CollectorRegistry

    from connectors.metrics import ConnectorMetrics
    from connectors.runner import Outlets
    from ops.vault import open_vault

    vault = open_vault(engine, found.settings.key_file)
    return Outlets(
        engine, vault, found.kafka, found.settings.hub.topic("claims"), ConnectorMetrics(CollectorRegistry())
    )


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file.")],
    mapping: MappingOption,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Put bad rows into the dead letters.")] = False,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring in a file through a mapping.

    Nothing of a wrong file is sent, unless its bad rows are to be left out. The same file again changes nothing.
    """
    from connectors import runner
    from connectors.csvfile import mapping as mappings

    read = mappings.load(mapping)
    found = find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace)
    with database(found) as engine, progress(f"rows of {file.name}") as told:
        out = outlets(found, engine)
        result = runner.import_file(file, read, out, skip_bad_rows=skip_bad_rows, progress=told)
    if as_json:
        print_json({"file": str(file), "mapping": read.name, **asdict(result)})
    else:
        console().print(summary(result), soft_wrap=True, markup=False)


def summary(result: ImportResult) -> str:
    """One line: what an import did."""
    parts = [f"{result.rows:,} rows", f"{result.claims:,} claims", f"{result.sent:,} sent"]
    parts += [f"{result.already_known:,} known already"] * bool(result.already_known)
    parts += [f"{result.resent:,} sent again after an import that was stopped"] * bool(result.resent)
    parts += [f"{result.refused_rows:,} rows into the dead letters"] * bool(result.refused_rows)
    return " · ".join(parts) + f" · {result.seconds:.1f} s"
