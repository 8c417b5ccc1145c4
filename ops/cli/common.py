"""What commands share: options, finding the hub, printing as table or JSON, errors as sentences."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Engine

    from ops.finding import Found
    from streams.core.visibility import Asker

DONE = 0
FOUND_WRONG = 1
CANNOT_RUN = 2

DataDirOption = Annotated[Path | None, typer.Option("--data-dir", help="Directory of the hub.", show_default=False)]
BootstrapOption = Annotated[str | None, typer.Option("--bootstrap", help="Kafka at host:port instead of its own.")]
DsnOption = Annotated[str | None, typer.Option("--dsn", help="PostgreSQL there instead of its own.")]
NamespaceOption = Annotated[str | None, typer.Option("--namespace", help="Prefix of topics, name of the SQL schema.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")]
AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ORG[:ROLE]",
        help="Show what this organisation may see, by default as handler. Without it: everything, the auditor's view, "
        "which whoever runs this command on the hub's own machine has.",
    ),
]
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="ID, NUMBER or SYSTEM:NUMBER.")]


def find(
    data_dir: Path | None,
    *,
    bootstrap: str | None = None,
    dsn: str | None = None,
    namespace: str | None = None,
    needs: Sequence[str] = ("bootstrap", "dsn"),
) -> Found:
    """The hub that these options mean; `needs`: addresses it must have. Raises ServerProblem, SettingsProblem."""
    from ops import finding, logs, settings

    logs.quiet()
    return finding.find(settings.load(data_dir=data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace), needs)


def placed(found: Found) -> Found:
    """The hub with the partitions of its namespace, where a command looks for a subject. Raises ServerProblem."""
    from ops.finding import with_partitions

    return with_partitions(found)


@contextmanager
def database(found: Found) -> Iterator[Engine]:
    """An engine on the hub's schema; errors of server and driver become one sentence (DatabaseProblem)."""
    from ops.database.engine import engine, plain_errors

    bound = engine(found.dsn, found.settings.hub.sql_schema, application="threecross command", pool=2)
    try:
        with plain_errors(found.dsn):
            yield bound
    finally:
        bound.dispose()


def known_problem(problem: Exception) -> str | None:
    """The sentence of an error that is meant for people; None for one that nobody expected."""
    from sqlalchemy.exc import SQLAlchemyError

    from connectors.contract import Refused
    from ops.database.engine import DatabaseProblem
    from ops.embedded.problem import ServerProblem
    from ops.settings import SettingsProblem
    from ops.vault.errors import VaultError

    if isinstance(problem, (ServerProblem, DatabaseProblem, SettingsProblem, VaultError, Refused, CannotRun)):
        return str(problem)
    if isinstance(problem, SQLAlchemyError):
        return f"PostgreSQL cannot do this: {str(problem).splitlines()[0]}"
    if isinstance(problem, OSError):
        return f"{problem.filename or 'A file or a connection'} cannot be used: {problem.strerror or problem}"
    return None


class CannotRun(Exception):
    """A command that cannot do what it was asked; the text is one sentence."""


def asker(given: str | None) -> Asker | None:
    """Who asks, from --as. Raises CannotRun."""
    from streams.core.visibility import Asker

    if given is None:
        return None
    org, _, role = given.partition(":")
    if not org:
        raise CannotRun(
            f"--as {given} names no organisation: give ORG or ORG:ROLE, for example power or centre:dispatcher."
        )
    return Asker(org, role) if role else Asker(org)


# ------------------------------------------------------------------ printing


def console(*, stderr: bool = False) -> Console:
    """Where tables and progress go; as wide as its lines where it is no terminal."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=160)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json_text(document))


def json_text(document: Any) -> str:
    """A document as JSON for people: times in UTC, bytes in hexadecimal."""
    import json

    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> Any:
    """A rich table; texts are shown as they are, None as nothing. Columns in `whole` are never broken."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    made.show_header = any(columns)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in right else "left"
        made.add_column(column, justify=justify, overflow="fold", no_wrap=column in whole)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in row))
    return made


def colour(text: str, style: str) -> Any:
    """A text in a colour."""
    from rich.text import Text

    return Text(text, style=style)


def local_time(moment: datetime | None, zone: str) -> str:
    """A moment in the hub's time zone, to the second."""
    from zoneinfo import ZoneInfo

    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where that is a terminal; yields what is to be told (done, total)."""
    where = console(stderr=True)
    if not where.is_terminal:
        yield lambda _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=where, transient=True, refresh_per_second=5) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
