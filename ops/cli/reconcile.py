"""`threecross connectors reconcile`: whether a department holds what was delivered to it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    FOUND_WRONG,
    BootstrapOption,
    CannotRun,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    console,
    find,
    print_json,
    progress,
    table,
)
from ops.cli.connectors import NameArgument
from ops.cli.deliveries import CaseOption

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from connectors.contract import Made, Sink
    from connectors.delivery.reconcile import Difference, Scope


def register(group: typer.Typer) -> None:
    """Add the command to `threecross connectors`."""
    group.command()(reconcile)


def reconcile(
    name: NameArgument,
    case: CaseOption = None,
    since: Annotated[datetime | None, typer.Option("--since", help="Owed from this time on (UTC).")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Try again what is missing there; it is recorded.")] = False,
    who: Annotated[str | None, typer.Option("--who", help="Who decides; by default the account.")] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare what was delivered with what the department holds, where it can be asked; exit code 1 when they differ.

    With --repair what is missing there is tried again under the same keys, and what is there though the hub thinks
    otherwise is confirmed; either is a recorded replay. Nothing personal is opened for the comparison.
    """
    from ops.cli.deadletters import account
    from ops.database.engine import plain_errors
    from ops.linking import linked

    found = find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace)
    with linked(found, name) as (given, made), plain_errors(found.dsn):
        sink = _readable(name, made)
        scope = _scope(given.engine, name, case, since)
        compared, differences = _differences(given.engine, sink, scope)
        again = _repaired(given.engine, name, differences, who or account()) if repair else 0
    if as_json:
        shown = [_shown(one) for one in differences]
        print_json({"destination": name, "compared": compared, "differences": shown, "tried_again": again})
    else:
        _print(name, compared, differences, again, repair=repair)
    if differences:
        raise typer.Exit(FOUND_WRONG)


def _readable(name: str, made: Made) -> Sink:
    if made.sink is None:
        raise CannotRun(f"Nothing is delivered to {name} by the hub, so there is nothing to compare.")
    if not made.sink.reads_back:
        raise CannotRun(
            f"{name} cannot be asked what it holds: its kind of link has no reading back. What it lost is delivered "
            f"again by threecross connectors replay {name}."
        )
    return made.sink


def _scope(engine: Engine, name: str, case: str | None, since: datetime | None) -> Scope:
    from connectors.delivery.reconcile import Scope
    from ops.deliveries import subject_of

    subject = None
    if case is not None:
        with engine.connect() as connection:
            subject = subject_of(connection, name, case)
        if subject is None:
            raise CannotRun(f"{name} has never been told of the case {case}.")
    return Scope(name, subject, since.replace(tzinfo=UTC) if since else None)


def _differences(engine: Engine, sink: Sink, scope: Scope) -> tuple[int, list[Difference]]:
    from connectors.delivery import reconcile as asked

    with engine.connect() as connection:
        total = asked.count(connection, scope)
    found: list[Difference] = []
    done = 0
    with progress(f"asking {scope.destination}") as told:
        for done, one in enumerate(asked.compare(sink, asked.held(engine.connect, scope), time.sleep), 1):
            found += [one] if one is not None else []
            told(done, total)
    return done, found


def _repaired(engine: Engine, name: str, differences: list[Difference], who: str) -> int:
    """Have what is missing tried again, and what is there confirmed; how many steps."""
    from connectors.delivery.obligation import State
    from connectors.delivery.reconcile import What
    from connectors.delivery.replay import Replay, replay

    wanted = [
        one.held.id
        for one in differences
        if one.what is What.MISSING or (one.what is What.THERE and one.held.state is State.DEAD)
    ]
    with engine.begin() as connection:
        return sum(replay(connection, Replay(name, who, delivery=number)) for number in wanted)


def _shown(one: Difference) -> dict[str, Any]:
    held = one.held
    told = {"delivery": held.id, "case": held.delivery.subject.id, "number": held.number, "step": held.delivery.step}
    return told | {"key": held.delivery.key, "state": held.state, "differs": one.what, "detail": one.detail}


def _print(name: str, compared: int, differences: list[Difference], again: int, *, repair: bool) -> None:
    where = console()
    if not differences:
        where.print(f"{name} holds all that was delivered to it: {compared:,} steps compared.")
        return
    keys = ("delivery", "number", "step", "state", "differs", "detail")
    rows = [
        [shown[key] or (shown["case"] if key == "number" else "") for key in keys] for shown in map(_shown, differences)
    ]
    where.print(table("", ("id", "case", "step", "here", "there", "they say"), rows, right=("id",)))
    if repair:
        where.print(f"{again:,} steps are tried again towards {name}. It is recorded.")
    else:
        where.print(f"{len(differences):,} of {compared:,} steps differ; --repair tries again what is missing.")
