"""`threecross subject`: a group, worker, household or account, folded from its facts on Kafka."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from ops.cli.common import (
    AsOption,
    BootstrapOption,
    CannotRun,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    asker,
    console,
    database,
    find,
    placed,
    print_json,
    progress,
    table,
)


class SubjectKind(StrEnum):
    """Kinds of subjects that are no cases."""

    GROUP = "group"
    WORKER = "worker"
    HOUSEHOLD = "household"
    ACCOUNT = "account"


KindArgument = Annotated[SubjectKind, typer.Argument(metavar="KIND", help="group, worker, household or account.")]
SubjectArgument = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="ID, or SYSTEM:NUMBER; of a worker person:REFERENCE.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("subject")(show_subject)


def show_subject(
    kind: KindArgument,
    subject: SubjectArgument,
    seen_by: AsOption = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a group or campaign, a worker's log, a household's plan or an account, straight from its facts."""
    from ops import replay
    from ops.subjects import document

    subject_id, who = _subject_id(kind, subject), asker(seen_by)
    found = placed(find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace))
    with progress("records of its partition") as told:
        history = replay.read(found.kafka, found.settings.hub, subject_id, told)
    with database(found) as engine, engine.connect() as connection:
        history = replay.as_seen(connection, history, who)
    if not history.facts or history.facts[0].meta.subject.kind != kind:
        raise CannotRun(f"No fact is about the {kind} {subject}: give its id, or SYSTEM:NUMBER.")
    shown = {"kind": str(kind), "id": subject_id, **document(history.facts, found.settings.timezone)}
    if as_json:
        print_json(shown)
    else:
        _print(shown, found.settings.timezone)


def _subject_id(kind: SubjectKind, wanted: str) -> str:
    from ops.queries import is_uuid
    from schemas import ids

    system, colon, number = wanted.partition(":")
    if colon:
        return ids.subject_id(kind, system, number)
    if not is_uuid(wanted):
        raise CannotRun(f"{wanted} is no id: give the 36 characters of an id, or SYSTEM:NUMBER.")
    return wanted.lower()


def _print(shown: dict[str, Any], zone: str) -> None:
    """Single values first, then a table for each list."""
    where = console()
    title = f"{shown['kind'].capitalize()} {shown['id']} · times of {zone}"
    where.print(table(title, ("", ""), [(name, value) for name, value in _single(shown)]))
    for name, rows in _lists(shown):
        columns = tuple(rows[0])
        where.print(table(name.replace("_", " "), columns, [tuple(row.values()) for row in rows]))


def _single(shown: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, value in shown.items():
        if name in ("kind", "id", "days") or value in (None, [], {}) or _is_table(value):
            continue
        if isinstance(value, list):
            found.append((name, ", ".join(map(str, value))))
        elif isinstance(value, dict):
            found.append((name, ", ".join(f"{n} {key}" for key, n in value.items() if isinstance(n, int))))
        else:
            found.append((name, str(value)))
    return [(name.replace("_", " "), value) for name, value in found]


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _lists(shown: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Lists of lines, also those of the visits; the days of a worker as lines."""
    found = [(name, value) for name, value in {**shown, **shown.get("visits", {})}.items() if _is_table(value)]
    days = [
        {"day": day, "work": ", ".join(f"{n} {kind}" for kind, n in kinds.items())}
        for day, kinds in shown.get("days", {}).items()
    ]
    return [("days", days), *found] if days else found
