"""`threecross up`: runs a hub until Ctrl-C."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import (
    CANNOT_RUN,
    BootstrapOption,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    console,
    print_json,
)

if TYPE_CHECKING:
    from ops.embedded.datadir import Running
    from ops.hub import Hub
    from ops.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    only: Annotated[str | None, typer.Option("--only", help="Processors to run, e.g. casework,views.")] = None,
    namespace: NamespaceOption = None,
    partitions: Annotated[int | None, typer.Option("--partitions", help="Fixed at the first start (4).")] = None,
    http_port: Annotated[int | None, typer.Option("--http-port", help="Of the first process; 0: free ones.")] = None,
    departments: Annotated[
        Path | None, typer.Option("--departments", help="Folder of departments' files (DATA-DIR/departments).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the hub until Ctrl-C.

    Starts Kafka and PostgreSQL unless they are given, makes topics, tables and keys, then runs a process per processor.
    """
    from ops import hub, settings
    from ops.logs import log_to_file

    given = settings.load(
        data_dir=data_dir,
        bootstrap=bootstrap,
        dsn=dsn,
        namespace=namespace,
        partitions=partitions,
        http_port=http_port,
        departments=departments,
    )
    wanted = hub.processors(only)
    lock = given.data.lock()
    try:
        hub.forget(given.data)
        log_to_file(given.data.logs, "hub")
        code = _run(given, wanted, as_json=as_json)
    finally:
        hub.forget(given.data)
        lock.release()
    raise typer.Exit(code)


def _run(settings: Settings, wanted: list[str], *, as_json: bool) -> int:
    from ops.hub import Hub
    from ops.stop import Stop

    began = time.monotonic()
    stop = Stop()
    status = console(stderr=True).status("Starting …")
    made = Hub(settings, wanted, lambda what: status.update(f"Starting: {what} …"))
    status.update(f"Starting: {made.opening() or 'processes'} …")
    told = threading.Thread(target=_tell_when_ready, args=(made, stop, status.stop, began, as_json), daemon=True)
    with stop.on_signals():
        if status.console.is_terminal:
            status.start()
        told.start()
        try:
            code = made.supervisor.run(stop)
        finally:
            status.stop()
            stop.requested.set()
    if made.supervisor.problem is not None:
        console(stderr=True).print(str(made.supervisor.problem), soft_wrap=True, markup=False)
        return CANNOT_RUN
    return code


def _tell_when_ready(hub: Hub, stop, quiet, began: float, as_json: bool) -> None:  # type: ignore[no-untyped-def]
    while not hub.supervisor.all_ready.wait(0.1):
        if stop.requested.is_set():
            return
    running = hub.announce_ready()
    quiet()
    if as_json:
        print_json({"ready": True, "seconds": round(time.monotonic() - began, 2), **note(running)})
    else:
        console().print(ready_line(running, time.monotonic() - began), soft_wrap=True, markup=False)


def note(running: Running) -> dict[str, object]:
    """What is said of a running hub; the DSN without what may be a password."""
    from dataclasses import asdict

    from ops.database.engine import place

    return {**asdict(running), "dsn": place(running.dsn)}


def ready_line(running: Running, seconds: float) -> str:
    """One line: where everything is."""
    from ops.database.engine import place

    http = " · ".join(f"{name} {address}" for name, address in running.http.items())
    servers = f"Kafka {running.bootstrap} · PostgreSQL {place(running.dsn)}"
    return f"Ready after {seconds:.1f} s · {servers} · {http} · Ctrl-C ends it"
