"""One play from beginning to end: namespace, reference data, processors, programs, connectors, script, agreement."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Engine, text

from connectors.desk.desk import open_desk
from ops.brokers import reader
from ops.cli.common import database
from ops.cli.imports import outlets
from ops.clock import utc_now
from ops.demo.places.made import documents
from ops.embedded import process
from ops.embedded.problem import ServerProblem
from ops.finding import Found
from ops.reference import loading
from ops.scenario.facts import Facts
from ops.scenario.perform import view_of
from ops.scenario.stage import Processors
from ops.wires import links
from ops.wires.links import Ground, Link, Sent
from ops.wires.play import PATIENCE, Agreed, Performance, Played
from ops.wires.script import Play

READY_SECONDS = 60.0
TAKEN = ("acknowledged", "confirmed", "replayed")
NEEDLESS = "called-off"


class Outcome(NamedTuple):
    """What a play came to. `differences`: keys of the case's three-cross view that ended otherwise."""

    namespace: str
    play: Play
    case: str
    played: list[Played]
    differences: dict[str, Any]
    agreed: list[Agreed]

    @property
    def right(self) -> bool:
        """Every step and the ending as expected, and every department's own book agrees."""
        told = not any(one.problem for one in self.played) and not self.differences
        return told and not any(one.disagreements for one in self.agreed)

    def document(self) -> dict[str, Any]:
        """For programs."""
        steps = [
            {
                "step": number,
                "tell": one.step.tell or None,
                "says": one.step.claim,
                "does": one.step.does or None,
                "facts": [{"seq": fact.meta.seq, "fact": fact.name, "by": fact.meta.actor.org} for fact in one.facts],
                "problem": one.problem or None,
            }
            for number, one in enumerate(self.played, 1)
        ]
        books = [
            {"department": one.member.name, "link": one.member.link, "differs": one.disagreements}
            for one in self.agreed
        ]
        about = {"place": self.play.place, "title": self.play.title, "namespace": self.namespace, "case": self.case}
        return {**about, "right": self.right, "steps": steps, "differences": self.differences, "departments": books}


def perform(found: Found, play: Play, watch: Callable[[Played], None], patience: float = PATIENCE) -> Outcome:
    """Play a script in a namespace that has just been made. `watch` sees each step as soon as it is played.

    Raises ServerProblem where a program or the connectors do not start.
    """
    _load(found, play)
    with ExitStack() as stack:
        engine = stack.enter_context(database(found))
        stack.enter_context(Processors(found, utc_now))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="threecross-wires-")))
        port = process.free_port()
        members = stack.enter_context(links.all_of(play.members, Ground(folder, port, found.dsn)))
        stack.enter_context(_connectors(found, members, folder, port))
        desk = stack.enter_context(
            open_desk(outlets(found, engine), ZoneInfo(play.zone), _evidence(stack), "desk-wires")
        )
        facts = Facts(stack.enter_context(reader(found.kafka)), found.settings.hub)
        performance = Performance(desk, facts, members, lambda name: _sent(engine, name), patience)
        played = []
        for one in performance.steps(play):
            watch(one)
            played.append(one)
        agreed = list(performance.agreements(play))
        view = view_of(engine, facts)(performance.case) if performance.case else {}
        wrong = {key: view.get(key) for key, value in play.ends.items() if view.get(key) != value}
    return Outcome(found.settings.hub.namespace, play, performance.case or "", played, wrong, agreed)


def _evidence(stack: ExitStack) -> Path:
    return Path(stack.enter_context(resources.as_file(resources.files("ops.demo").joinpath("evidence"))))


def _load(found: Found, play: Play) -> None:
    """The place's reference data, subscriptions of its departments among them."""
    said = documents(play.place)
    loading.load(found.kafka, found.settings.hub, said, loading.By(f"{play.place}-centre", "steward"), utc_now())


@contextmanager
def _connectors(found: Found, members: Mapping[str, Link], folder: Path, port: int) -> Iterator[None]:
    """The connectors process of the namespace with these departments, ready."""
    departments = folder / "departments"
    departments.mkdir()
    for name, link in members.items():
        (departments / f"{name}.toml").write_text(link.department(), "utf-8")
    environment = _environment(found, folder, departments) | {
        k: v for m in members.values() for k, v in m.secrets.items()
    }
    with (folder / "connectors.out").open("wb") as out:
        command = [sys.executable, "-m", "ops.connecting", "--http-port", str(port)]
        running = process.spawn(command, output=out, env=environment)
    try:
        _wait(running, port, folder)
        for name, link in members.items():
            link.connect(f"http://127.0.0.1:{port}/in/{name}")
        yield
    finally:
        process.stop(running, grace=READY_SECONDS)


def _environment(found: Found, folder: Path, departments: Path) -> dict[str, str]:
    settings = found.settings
    given = {"data_dir": folder / "data", "bootstrap": found.kafka.bootstrap, "dsn": found.dsn}
    given |= {"namespace": settings.namespace, "partitions": settings.partitions, "departments": departments}
    given |= {"vault_key": settings.key_file, "division": settings.division, "timezone": settings.timezone}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("THREECROSS_")}
    return inherited | {f"THREECROSS_{name.upper()}": str(value) for name, value in given.items()}


def _wait(running: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _ready(port):
        if running.poll() is not None or time.monotonic() > deadline:
            said = (folder / "connectors.out").read_text("utf-8", "replace").strip()
            raise ServerProblem("The connectors did not start", "the play", said or "see their log")
        time.sleep(0.1)


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _sent(engine: Engine, name: str) -> Sent:
    query = text("SELECT key::text, step, state, detail FROM deliveries WHERE destination = :name ORDER BY id")
    with engine.connect() as connection:
        rows: Sequence[Mapping[str, Any]] = [dict(row) for row in connection.execute(query, {"name": name}).mappings()]
    done = [row for row in rows if row["state"] in TAKEN]
    return Sent(done, [row for row in rows if row["state"] not in (*TAKEN, NEEDLESS)])
