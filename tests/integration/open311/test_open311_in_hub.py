"""Open311 over the wires: a civic app that reports and polls, and another council that is ordered from and polled."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from schemas.events import Actor, Assignment, Check, Close, Dispatch, File, HandBack, RefuseFiling, Restrict
from tests.feeds import subscription
from tests.integration.connecting import Linked
from tests.integration.engine import Hub, wait_until
from tests.integration.open311.linking import (
    POWER,
    App,
    Council,
    civic_app,
    connected,
    council,
    council_text,
    endpoint_of,
    example,
    facts_of,
    lamp,
    owed,
    rows,
    says,
    start,
)
from tests.integration.subscribing import subscribe

PLANTED = {"description": "The lamp at my door, 9 Spring Street", "phone": "13812345678", "last_name": "Zhoumei"}


def test_residents_report_by_a_civic_app_and_see_what_becomes_of_it(hub: Hub, dsn: str, tmp_path: Path) -> None:
    subscribe(hub, subscription("open311", "yicheng-open311"))
    with connected(hub, dsn, tmp_path, {"open311_endpoint": example("open311_endpoint")}) as linked:
        endpoint = endpoint_of(linked)
        assert httpx.get(f"{endpoint}/openapi.json").json()["openapi"].startswith("3.1")
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
            start(linked)
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
    with (
        council(tmp_path) as there,
        connected(hub, dsn, tmp_path, {"open311_council": council_text(there)}) as linked,
    ):
        cases = []
        for number, fault in enumerate(FAULTS):
            there.behave(**fault)
            case, claims = lamp(number)
            cases.append(case)
            hub.send(claims)
            wait_until(lambda: len(there.orders()) == len(cases), f"order {number}, {fault}", 60)
            wait_until(lambda: not owed(linked), f"order {number} to be settled, {fault}", 60)
        linked.end(signal.SIGKILL)
        start(linked)
        there.resolve()
        for order in there.orders():
            there.say(order["id"], "investigating")
            there.say(order["id"], "fixed", "Mr Li has changed the lamp")
        wait_until(lambda: all("HandedBack" in facts_of(hub, case) for case in cases), "all to hand back", 60)
        assert_once(hub, linked, there, cases)


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
