"""`threecross connectors`: how departments are linked, what is owed to them, and what an operator decides about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    FOUND_WRONG,
    CannotRun,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    console,
    database,
    find,
    local_time,
    print_json,
    table,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ops.finding import Found

app = typer.Typer(help="How departments are linked, and what is owed to them.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the department's file.")]


@contextmanager
def opened(data_dir: Path | None, dsn: str | None, namespace: str | None) -> Iterator[tuple[Found, Connection]]:
    """The hub that is meant, and one transaction on its tables."""
    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("dsn",))
    with database(found) as engine, engine.begin() as connection:
        yield found, connection


@app.command("list")
def list_all(
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the connectors: state, heartbeat, what is owed and since when."""
    from ops import deliveries

    with opened(data_dir, dsn, namespace) as (found, connection):
        rows = deliveries.connectors(connection)
    if as_json:
        print_json({"connectors": rows})
        return
    zone = found.settings.timezone
    shown = [[row["name"], row["kind"], state_of(row), row["breaker"], *owed(row, zone), row["detail"]] for row in rows]
    columns = ("name", "kind", "state", "breaker", "owed", "parked", "failed", "oldest since", "why")
    text = "No connector has run here: put a department's file into DATA-DIR/departments, then threecross up."
    console().print(table("", columns, shown, right=("owed", "parked", "failed")) if rows else text)


def state_of(row: dict[str, Any]) -> str:
    """The state in a word; a connector that says nothing any more is silent, whatever it said last."""
    if row["silent"]:
        return "silent"
    wish = row["wanted"] if row["wanted"] != "running" and row["state"] != row["wanted"] else ""
    return f"{row['state']} (to be {wish})" if wish else str(row["state"])


def owed(row: dict[str, Any], zone: str) -> list[Any]:
    """What is owed: steps, parked, failed for good, since when."""
    return [row["undelivered"], row["parked"], row["dead"], local_time(row["oldest_undelivered_at"], zone)]


@app.command()
def show(
    name: NameArgument,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one connector with its configuration; secrets are masked."""
    from connectors import department
    from ops import deliveries

    with opened(data_dir, dsn, namespace) as (found, connection):
        rows = deliveries.connectors(connection, name)
        asked = deliveries.replays(connection, name)
    path = found.settings.departments_folder / f"{name}.toml"
    if not rows and not path.is_file():
        raise CannotRun(f"There is no connector {name}: see threecross connectors list.")
    config = department.shown(department.load(path)) if path.is_file() else {}
    document = {"name": name, **(rows[0] if rows else {}), "inlet": inlet(found, name)}
    document |= {"config": config, "replays": asked}
    if as_json:
        print_json(document)
        return
    flat = [(key, value) for key, value in document.items() if key not in ("config", "replays")]
    flat += [(f"{section}.{key}", value) for section, values in config.items() for key, value in values.items()]
    console().print(table("", ("", ""), flat))


def inlet(found: Found, name: str) -> str | None:
    """Where a department speaks to the hub, if its kind lets it; None while no connectors run here."""
    from ops.hub import CONNECTORS

    running = found.settings.data.running()
    address = running.http.get(CONNECTORS) if running is not None else None
    return f"{address}/in/{name}" if address else None


@app.command()
def check(
    name: NameArgument,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the other side whether it can be spoken to. Nothing is changed there."""
    from ops.linking import check_department

    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("bootstrap", "dsn"))
    wrong = check_department(found, name)
    if as_json:
        print_json({"name": name, "good": not wrong, "problems": wrong})
    for sentence in [] if as_json else wrong or [f"{name} can be spoken to."]:
        console().print(sentence, soft_wrap=True, markup=False)
    if wrong:
        raise typer.Exit(FOUND_WRONG)


@app.command()
def pause(
    name: NameArgument,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Deliver nothing to it and take nothing from it until it is resumed; over restarts too."""
    _want(name, "paused", (data_dir, dsn, namespace), as_json=as_json)


@app.command()
def resume(
    name: NameArgument,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with it, where it stopped."""
    _want(name, "running", (data_dir, dsn, namespace), as_json=as_json)


@app.command()
def add(
    name: NameArgument,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a department whose file has come into the departments' folder since the hub started."""
    from connectors import department
    from connectors.running import states
    from ops.clock import utc_now

    with opened(data_dir, dsn, namespace) as (found, connection):
        loaded = department.load(found.settings.departments_folder / f"{name}.toml")
        states.want_new(connection, name, loaded.kind.name, loaded.head.org, utc_now())
    _tell(name, "joins", known=True, as_json=as_json)


@app.command()
def restart(
    name: NameArgument,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make it anew, from its file as it is now: after it has failed, or its file or a secret has changed."""
    from connectors.running import states

    with opened(data_dir, dsn, namespace) as (_, connection):
        known = states.want_restart(connection, name)
    _tell(name, "is started anew", known=known, as_json=as_json)


def _want(name: str, wanted: str, where: tuple[Path | None, str | None, str | None], *, as_json: bool) -> None:
    from connectors.running import states

    with opened(*where) as (_, connection):
        known = states.want(connection, name, wanted)
    _tell(name, f"is to be {wanted}", known=known, as_json=as_json)


def _tell(name: str, what: str, *, known: bool, as_json: bool) -> None:
    if not known:
        raise CannotRun(f"There is no connector {name}: see threecross connectors list.")
    told = f"{name} {what}; its process follows within a second, or when it next starts."
    if as_json:
        print_json({"name": name, "wish": what})
    else:
        console().print(told)


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A department's .toml file.")],
    as_json: JsonOption = False,
) -> None:
    """Read a department's file as the hub would; nothing is started."""
    from connectors import department
    from connectors.department import BadDepartment

    try:
        loaded = department.load(file)
    except BadDepartment as wrong:
        if as_json:
            print_json({"file": str(file), "good": False, "problem": str(wrong)})
        else:
            console().print(str(wrong), soft_wrap=True, markup=False)
        raise typer.Exit(FOUND_WRONG) from None
    if as_json:
        print_json({"file": str(file), "good": True, "config": department.shown(loaded)})
        return
    told = f"kind {loaded.kind.name}, organisation {loaded.head.org}, subscription {loaded.head.subscription or 'none'}"
    console().print(f"{file}: good ({told})")


@app.command()
def kinds(data_dir: DataDirOption = None, as_json: JsonOption = False) -> None:
    """List the kinds of connectors: the hub's, the installed ones, those beside the departments' files."""
    from connectors import kinds as known

    folder = find(data_dir, needs=()).settings.departments_folder
    found = [known.kind(name, folder) for name in known.names(folder)]
    if as_json:
        print_json({"kinds": [{"name": one.name, "about": one.about} for one in found]})
    else:
        console().print(table("", ("kind", "what it speaks"), [[one.name, one.about] for one in found]))
