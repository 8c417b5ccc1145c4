"""Open311 in a hub: a civic app and another council as programs of their own, and the hub that knows them by wire."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from connectors import department
from schemas import ids
from schemas.events import Actor, Assignment, ClaimMeta, Dispatch, File, Place, Position, Report, Source, Subject
from tests.builders import Said
from tests.integration.companies import QUICK
from tests.integration.connecting import Linked
from tests.integration.counterpart import counterpart
from tests.integration.engine import Hub, now
from tests.open311_samples import KEY, LAMP

CENTRE, POWER = Actor("centre", "dispatcher"), Actor("power", "handler")


def says(case: str, body: Any, by: Actor = CENTRE) -> Said:
    """A claim about a case, said now."""
    claim = ids.claim_id("desk", case, type(body).__name__, "1")
    return Said(ClaimMeta(claim, Subject("case", case), now(), by, Source("desk", case)), body)


def facts_of(hub: Hub, case: str) -> list[str]:
    """Names of the facts of a case, in their order."""
    return [type(told.body).__name__ for told in hub.facts() if told.meta.subject.id == case]


def rows(database: Path, table: str) -> list[dict[str, Any]]:
    """What a counterpart's own database holds."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as c:
        c.row_factory = sqlite3.Row
        return [dict(row) for row in c.execute(f"SELECT * FROM {table} ORDER BY 1")]


@contextmanager
def connected(hub: Hub, dsn: str, folder: Path, departments: Mapping[str, str]) -> Iterator[Linked]:
    """The connectors process of a hub with these departments, by name."""
    hub.casework()
    hub.outbox()
    linked = Linked(hub.kafka, hub.settings, dsn, folder)
    try:
        for name, text in departments.items():
            linked.department(name, text + QUICK)
        start(linked)
        yield linked
    finally:
        if linked.process is not None:
            linked.end(signal.SIGKILL)
        linked.producer.close()
        linked.engine.dispose()


def start(linked: Linked, *apps: App) -> None:
    """Start the connectors, and tell the apps where the hub is now."""
    linked.start(NEIGHBOUR_OPEN311_KEY="agreed")
    for app in apps:
        app.ask_at(endpoint_of(linked))


def endpoint_of(linked: Linked) -> str:
    """Address of our endpoint."""
    return f"http://127.0.0.1:{linked.port}/in/open311_endpoint"


def example(name: str, **changed: str) -> str:
    """An example that the project ships, with some words changed."""
    text = str((department._examples() / f"{name}.toml").read_text("utf-8"))
    for before, after in changed.items():
        assert before in text
        text = text.replace(before, after)
    return text


class App:
    """A civic app in a process of its own."""

    def __init__(self, port: int, database: Path) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)
        self.database = database

    def report(self, **form: str) -> None:
        self.http.post("/reports", json=form).raise_for_status()

    def ask_at(self, endpoint: str) -> None:
        self.http.post("/endpoint", json=endpoint).raise_for_status()

    def numbers(self) -> list[str]:
        return [row["service_request_id"] for row in rows(self.database, "reports") if row["service_request_id"]]

    def statuses(self) -> list[str]:
        return [row["status"] for row in rows(self.database, "reports")]


@contextmanager
def civic_app(folder: Path, endpoint: str, form: str) -> Iterator[App]:
    """A civic app that speaks one of the formats."""
    database = folder / f"app-{form}.sqlite"
    options = ["--database", str(database), "--endpoint", endpoint, "--api-key", KEY, "--every", "0.3"]
    with counterpart("civic_app", [*options, "--format", form, "--name", form]) as ports:
        app = App(ports["port"], database)
        yield app
        app.http.close()


class Council:
    """Another council in a process of its own."""

    def __init__(self, port: int, database: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._http = httpx.Client(base_url=self.url, timeout=10)
        self.database = database

    def behave(self, **how: Any) -> None:
        self._http.post("/behave", json={"api_key": "agreed", **how}).raise_for_status()

    def say(self, request: int, status: str, note: str = "") -> None:
        self._http.post("/desk", json={"request": request, "status": status, "note": note}).raise_for_status()

    def resolve(self) -> None:
        self._http.post("/resolve").raise_for_status()

    def orders(self) -> list[dict[str, Any]]:
        return rows(self.database, "requests")


@contextmanager
def council(folder: Path) -> Iterator[Council]:
    """Another council, which agrees with us about a key."""
    database = folder / "council.sqlite"
    with counterpart("council", ["--database", str(database)]) as ports:
        made = Council(ports["port"], database)
        made.behave()
        yield made


def lamp(number: int) -> tuple[str, list[Said]]:
    """A lamp that is the council's business: reported, filed, dispatched."""
    case = ids.case_id("hotline", f"lamp-{number}")
    at = Position(114.0 + number / 100, 32.9, "WGS-84", 114.0 + number / 100, 32.9)
    meta = ClaimMeta(
        ids.claim_id("hotline", f"lamp-{number}", "report", "1"),
        Subject("case", case),
        now(),
        Actor("hotline", "operator"),
        Source("hotline", f"lamp-{number}"),
    )
    report = Said(meta, Report(LAMP, Place("411702001001", address="春晓街", position=at), "hotline"))
    sent = Dispatch((Assignment("neighbour-council", "lead"),), "list-7")
    return case, [report, says(case, File()), says(case, sent)]


def council_text(there: Council) -> str:
    """The council as a department's file."""
    changed = {"https://open311.neighbour.example/v2": there.url, "poll_seconds = 60": "poll_seconds = 0.3"}
    return example("open311_council", **changed)


def owed(linked: Linked) -> list[Any]:
    """Deliveries that are not done."""
    return linked.rows("SELECT step FROM deliveries WHERE state NOT IN ('acknowledged', 'confirmed')")
