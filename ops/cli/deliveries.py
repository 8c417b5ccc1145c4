"""`threecross connectors deliveries` and what follows from them: what is owed step by step, trying again, giving up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    CannotRun,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    console,
    local_time,
    print_json,
    table,
)
from ops.cli.connectors import NameArgument, opened

if TYPE_CHECKING:
    from connectors.delivery.replay import Span
    from ops.deliveries import Wanted

CaseOption = Annotated[str | None, typer.Option("--case", help="ID or number, the hub's or the department's.")]


def register(group: typer.Typer) -> None:
    """Add the commands to `threecross connectors`."""
    for command in (deliveries, parked, replay):
        group.command()(command)
    group.command("give-up")(give_up)


def deliveries(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One department.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", help="intent, attempted, acknowledged, dead, parked …")
    ] = None,
    case: CaseOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List steps towards departments, with the reason why one has not been delivered."""
    from ops.deliveries import Wanted

    _list(Wanted(name, state, case, limit), data_dir, dsn, namespace, as_json=as_json)


def parked(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One department.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what has failed for good, and what waits behind it."""
    from ops.deliveries import Wanted

    _list(Wanted(name, "dead,parked", None, limit), data_dir, dsn, namespace, as_json=as_json)


def _list(wanted: Wanted, data_dir: Path | None, dsn: str | None, namespace: str | None, *, as_json: bool) -> None:
    from ops import deliveries as asked

    with opened(data_dir, dsn, namespace) as (found, connection):
        rows = asked.deliveries(connection, wanted)
    if as_json:
        print_json({"deliveries": rows})
        return
    zone = found.settings.timezone
    shown = [[*_line(row), local_time(row["made_at"], zone)] for row in rows]
    columns = ("id", "to", "case", "step", "state", "tries", "why", "reason", "owed since")
    console().print(table("", columns, shown, right=("id", "tries")) if rows else "No such deliveries.")


def _line(row: dict[str, Any]) -> list[Any]:
    case = row["number"] or row["case"]
    return [row["id"], row["destination"], case, *(row[key] for key in ("step", "state", "attempts", "why", "detail"))]


def replay(
    name: NameArgument,
    delivery: Annotated[int | None, typer.Option("--delivery", metavar="ID", help="One delivery.")] = None,
    letter: Annotated[str | None, typer.Option("--letter", metavar="ID", help="One dead letter.")] = None,
    case: CaseOption = None,
    since: Annotated[datetime | None, typer.Option("--since", help="Owed from this time on (UTC) …")] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="… and before this one.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Under new keys: the department does it once more.")] = False,
    who: Annotated[str | None, typer.Option("--who", help="Who decides; by default the account.")] = None,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try again, to this department alone: a delivery, a dead letter, a case or a time range. It is recorded.

    Under the same keys a department that has got something does nothing about it; with --again it does it once more.
    """
    from connectors.delivery.replay import Replay
    from connectors.delivery.replay import replay as do
    from ops.cli.deadletters import account
    from ops.deliveries import subject_of

    if sum(given is not None for given in (delivery, letter, case, since)) != 1 or (since is None) != (until is None):
        raise CannotRun("Say what: one of --delivery, --letter, --case, or --since with --until.")
    with opened(data_dir, dsn, namespace) as (_, connection):
        subject = subject_of(connection, name, case) if case else None
        if case and subject is None:
            raise CannotRun(f"{name} has never been told of the case {case}.")
        wanted = Replay(name, who or account(), delivery, letter, subject, _span(since, until), again)
        count = do(connection, wanted)
    if as_json:
        print_json({"destination": name, "deliveries": count, "again": again})
        return
    keys = "under new keys: the department does it once more" if again else "under the same keys"
    console().print(f"{count:,} steps are tried again towards {name}, {keys}. It is recorded.")


def _span(since: datetime | None, until: datetime | None) -> Span | None:
    from connectors.delivery.replay import Span

    if since is None or until is None:
        return None
    return Span(since.replace(tzinfo=UTC), until.replace(tzinfo=UTC))


def give_up(
    name: NameArgument,
    delivery: Annotated[int, typer.Option("--delivery", metavar="ID", help="One that has failed for good.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, without personal content.")],
    who: Annotated[str | None, typer.Option("--who", help="Who decides; by default the account.")] = None,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Never try this step again; what waits behind it goes on. It is recorded."""
    from connectors.delivery.replay import give_up as do
    from ops.cli.deadletters import account

    with opened(data_dir, dsn, namespace) as (_, connection):
        count = do(connection, name, delivery, who or account(), reason)
    if as_json:
        print_json({"destination": name, "given_up": delivery, "go_on": count})
        return
    console().print(f"Delivery {delivery} to {name} is given up; {count:,} steps behind it go on. It is recorded.")
