"""`threecross demo`: everything at once, with real requests."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import FOUND_WRONG, CannotRun, DataDirOption, JsonOption, console, database, json_text, print_json

if TYPE_CHECKING:
    from ops.demo.run import Outcome
    from ops.demo.show import Terminal
    from ops.embedded.datadir import DataDir
    from ops.hub import Hub
    from ops.settings import Settings
    from ops.stop import Stop

BUILD = Path("build")
RESULT = BUILD / "demo.json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    leave: Annotated[bool, typer.Option("--exit", help="End when all is printed, instead of staying up.")] = False,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run everything once, with real requests.

    Starts a hub, brings in 1,000 requests and a district's month, counts everything twice, and stays up.
    """
    from ops import hub, settings
    from ops.demo import show
    from ops.logs import log_to_file
    from ops.stop import Stop

    given = settings.load(data_dir=data_dir or BUILD / "demo", bootstrap="", dsn="", namespace="threecross")
    if data_dir is None:
        _make_fresh(given.data)
    lock = given.data.lock()
    stop = Stop()
    screen = show.Terminal(console(stderr=as_json))
    try:
        log_to_file(given.data.logs, "hub")
        with stop.on_signals():
            right = _run(given, stop, screen, leave=leave, as_json=as_json)
    finally:
        screen.end()
        hub.forget(given.data)
        lock.release()
    if not right:
        raise typer.Exit(FOUND_WRONG)


def _make_fresh(data: DataDir) -> None:
    """Remove an earlier demo, unless it runs."""
    if data.running() is not None:
        raise CannotRun(f"A demo runs already in {data.root}: end it, or give another --data-dir.")
    if data.root.exists():
        shutil.rmtree(data.root)


def _run(settings: Settings, stop: Stop, screen: Terminal, *, leave: bool, as_json: bool) -> bool:
    from ops.demo import run, show

    began = time.monotonic()
    screen.step("starting")
    with run.running(settings, stop, lambda what: screen.rename(f"starting: {what}")) as (hub, _):
        screen.done("Kafka, PostgreSQL, casework and views are ready", time.monotonic() - began)
        outcome, examples = _work(hub, stop, screen, began)
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json_text(outcome.document()), "utf-8")
        show.show(screen.console, outcome)
        screen.console.print(f"{outcome.seconds['total']:.1f} s in all; the figures are in {RESULT}", soft_wrap=True)
        if as_json:
            print_json(outcome.document())
        if not leave:
            show.hints(screen.console, settings.data_dir, examples)
            stop.requested.wait()
    return outcome.right


def _work(hub: Hub, stop: Stop, screen: Terminal, began: float) -> tuple[Outcome, dict[str, str]]:
    from ops.brokers import reader
    from ops.demo import run

    found = hub.found()
    with database(found) as engine, reader(found.kafka) as consumer:
        outcome = run.Demo(found, engine, consumer, stop, screen).run()
        examples = dict(run.examples(engine))
    outcome.seconds["total"] = round(time.monotonic() - began, 2)
    return outcome, examples
