"""Open311 over the wires: a civic app that reports and polls, and another council that is ordered from and polled."""

from __future__ import annotations

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from connectors import department
from schemas import ids
from schemas.events import (
    Actor,
    Assignment,
    Check,
    ClaimMeta,
    Close,
    Dispatch,
    File,
    HandBack,
    Place,
    Position,
    RefuseFiling,
    Report,
    Restrict,
    Source,
    Subject,
)
from tests.builders import Said
from tests.feeds import subscription
from tests.integration.companies import QUICK
from tests.integration.connecting import Linked
from tests.integration.counterpart import counterpart
from tests.integration.engine import Hub, now, wait_until
from tests.integration.subscribing import subscribe
from tests.open311_samples import KEY, LAMP

CENTRE, POWER = Actor("centre", "dispatcher"), Actor("power", "handler")
PLANTED = {"description": "The lamp at my door, 9 Spring Street", "phone": "13812345678", "last_name": "Zhoumei"}


def says(case: str, body: Any, by: Actor = CENTRE) -> Said:
    """A claim about a case, said now."""
    claim = ids.claim_id("desk", case, type(body).__name__, "1")
    return Said(ClaimMeta(claim, Subject("case", case), now(), by, Source("desk", case)), body)


def facts_of(hub: Hub, case: str) -> list[str]:
    return [type(told.body).__name__ for told in hub.facts() if told.meta.subject.id == case]


def rows(database: Path, table: str) -> list[dict[str, Any]]:
    """What a counterpart's own database holds."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as c:
        c.row_factory = sqlite3.Row
        return [dict(row) for row in c.execute(f"SELECT * FROM {table} ORDER BY 1")]


@contextmanager
def connected(hub: Hub, dsn: str, folder: Path, name: str, text: str) -> Iterator[Linked]:
    """The connectors process of a hub with this one department."""
    hub.casework()
    hub.outbox()
    linked = Linked(hub.kafka, hub.settings, dsn, folder)
    try:
        linked.department(name, text + QUICK)
        linked.start(NEIGHBOUR_OPEN311_KEY="agreed")
        yield linked
    finally:
        if linked.process is not None:
            linked.end(signal.SIGKILL)
        linked.producer.close()
        linked.engine.dispose()


def example(name: str, **changed: str) -> str:
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

    def numbers(self) -> list[str]:
        return [row["service_request_id"] for row in rows(self.database, "reports") if row["service_request_id"]]

    def statuses(self) -> list[str]:
        return [row["status"] for row in rows(self.database, "reports")]


@contextmanager
def civic_app(folder: Path, endpoint: str, form: str) -> Iterator[App]:
    database = folder / f"app-{form}.sqlite"
    options = ["--database", str(database), "--endpoint", endpoint, "--api-key", KEY, "--every", "0.3"]
    with counterpart("civic_app", [*options, "--format", form, "--name", form]) as ports:
        app = App(ports["port"], database)
        yield app
        app.http.close()


def test_residents_report_by_a_civic_app_and_see_what_becomes_of_it(hub: Hub, dsn: str, tmp_path: Path) -> None:
    subscribe(hub, subscription("open311", "yicheng-open311"))
    with connected(hub, dsn, tmp_path, "open311_endpoint", example("open311_endpoint")) as linked:
        endpoint = f"http://127.0.0.1:{linked.port}/in/open311_endpoint"
        with civic_app(tmp_path, endpoint, "xml") as xml, civic_app(tmp_path, endpoint, "json") as json:
            for app in (xml, json):
                app.report(service_code="lamp", lat="32.97", long="114.02", **PLANTED)
                app.report(service_code="pole", lat="32.98", long="114.01", description="It leans")
                app.report(service_code="pole", lat="32.99", long="114.01", description="Not ours")
            wait_until(lambda: len(xml.numbers()) == len(json.numbers()) == 3, "every report to get its number")
            for app in (xml, json):
                lamp, pole, other = app.numbers()
                hub.send([says(pole, File()), says(other, RefuseFiling("not-ours"))])
                hub.send([says(pole, Dispatch((Assignment("power", "lead"),), "list-7"))])
                hub.send([says(pole, HandBack("power"), POWER)])
                hub.send(
                    [says(lamp, Restrict("minor")), says(pole, Check("passed"), Actor("yicheng-open311", "inspector"))]
                )
                hub.send([says(pole, Close("checked"))])
            wait_until(
                lambda: xml.statuses() == json.statuses() == ["", "fixed", "not_councils_responsibility"], "the end"
            )
            linked.end(signal.SIGKILL)
            linked.start()
        for app in (xml, json):
            assert_agreed(hub, app)
        assert_unseen(hub, linked, [xml, json])


def assert_agreed(hub: Hub, app: App) -> None:
    """The app's own database tells the same as the facts; it sent each report once and heard of each change."""
    cases = {told.meta.subject.id for told in hub.facts() if told.meta.actor.org == "yicheng-open311"}
    assert set(app.numbers()) <= cases
    assert facts_of(hub, app.numbers()[1]).count("Reported") == 1
    heard = [row["status"] for row in rows(app.database, "updates") if row["service_request_id"] == app.numbers()[1]]
    assert heard == ["investigating", "action_scheduled", "in_progress", "in_progress", "fixed"]


def assert_unseen(hub: Hub, linked: Linked, apps: list[App]) -> None:
    """Nothing that a resident wrote stands on Kafka, in rows of the connectors, in the log, or in what was told."""
    places = [record.value for topic in ("claims", "facts") for record in hub.records(topic)]
    tables = ("open311_requests", "open311_updates", "open311_posts", "deliveries")
    places += [str(linked.rows(f"SELECT * FROM {table}")).encode() for table in tables]
    places += [linked.log().encode(), *(str(rows(app.database, "updates")).encode() for app in apps)]
    for word in PLANTED.values():
        assert not [place for place in places if word.encode() in place]
    restricted = apps[0].numbers()[0]
    told = httpx.get(f"http://127.0.0.1:{linked.port}/in/open311_endpoint/requests.xml")
    assert restricted not in told.text
    assert apps[0].numbers()[1] in told.text


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


FAULTS: list[dict[str, Any]] = [
    {},
    {"mode": "500", "calls": 4},
    {"mode": "429", "calls": 4},
    {"mode": "lost", "calls": 1, "keys_tell": True},
    {"mode": "lost", "calls": 1},
    {"tokens": True},
]


def test_another_council_gets_each_order_once_and_its_updates_become_facts(hub: Hub, dsn: str, tmp_path: Path) -> None:
    subscribe(hub, subscription("neighbour-council", "neighbour-council", involved_as=("lead", "assist")))
    with council(tmp_path) as there:
        text = example(
            "open311_council",
            **{"https://open311.neighbour.example/v2": there.url, "poll_seconds = 60": "poll_seconds = 0.3"},
        )
        with connected(hub, dsn, tmp_path, "open311_council", text) as linked:
            cases = []
            for number, fault in enumerate(FAULTS):
                there.behave(**fault)
                case, claims = lamp(number)
                cases.append(case)
                hub.send(claims)
                wait_until(lambda: len(there.orders()) == len(cases), f"order {number}, {fault}", 60)
                wait_until(lambda: not owed(linked), f"order {number} to be settled, {fault}", 60)
            linked.end(signal.SIGKILL)
            linked.start(NEIGHBOUR_OPEN311_KEY="agreed")
            there.resolve()
            for order in there.orders():
                there.say(order["id"], "investigating")
                there.say(order["id"], "fixed", "Mr Li has changed the lamp")
            wait_until(lambda: all("HandedBack" in facts_of(hub, case) for case in cases), "all to hand back", 60)
            assert_once(hub, linked, there, cases)


def owed(linked: Linked) -> list[Any]:
    return linked.rows("SELECT step FROM deliveries WHERE state NOT IN ('acknowledged', 'confirmed')")


def assert_once(hub: Hub, linked: Linked, there: Council, cases: list[str]) -> None:
    """One order a case in the council's own database, each fact once, and the text of its staff in no record."""
    orders = there.orders()
    keys = {
        row["key"]: row["case"] for row in linked.rows("SELECT key::text, subject_id::text AS case FROM deliveries")
    }
    assert sorted(keys[order["external_id"]] for order in orders) == sorted(cases)
    assert [order["service_code"] for order in orders] == ["lamp"] * len(cases)
    for case in cases:
        assert Counter(facts_of(hub, case))["HandedBack"] == 1
        assert Counter(facts_of(hub, case))["Acknowledged"] == 1
    assert not [record for record in hub.records("claims") if b"Mr Li" in record.value]
