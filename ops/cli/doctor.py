"""`threecross doctor`: what is wrong, and what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from ops.cli.common import (
    FOUND_WRONG,
    BootstrapOption,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    colour,
    console,
    print_json,
)

if TYPE_CHECKING:
    from ops.doctor import Finding

MARKS = {"ok": ("✓", "green"), "note": ("·", "yellow"), "wrong": ("✗", "bold red")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for what is wrong, and say what to do.

    Java, jars, disk, ports, Kafka, PostgreSQL, topics, tables, processes, lag. Exit code 1 if anything is wrong.
    """
    from ops import logs, settings
    from ops.doctor import WRONG, examine

    logs.quiet()
    findings = []
    for finding in examine(settings.load(data_dir=data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace)):
        findings.append(finding)
        if not as_json:
            _print(finding)
    wrong = sum(finding.state == WRONG for finding in findings)
    if as_json:
        print_json({"wrong": wrong, "findings": [asdict(finding) for finding in findings]})
    elif not wrong:
        console().print(colour("Nothing is wrong.", "green"))
    if wrong:
        raise typer.Exit(FOUND_WRONG)


def _print(finding: Finding) -> None:
    from rich.text import Text

    mark, style = MARKS[finding.state]
    line = Text.assemble((f"{mark} ", style), (f"{finding.what:<14}", "bold"), finding.says)
    if finding.todo:
        line.append(f"\n{'':16}→ {finding.todo}", style=style)
    console().print(line, soft_wrap=True)
