"""A feed over HTTP, read by its department alone: pulled with a cursor, waited for, streamed as events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.contract import Made
from connectors.feeds import KIND
from connectors.feeds.settings import Feeds, Key
from connectors.keys import hashed, key_of
from ops.http import HttpServer
from schemas.events import Acknowledge
from tests.builders import claim, whole_loop
from tests.feeds import subscription
from tests.integration.engine import Hub, wait_until
from tests.integration.subscribing import subscribe, wait_for
from tests.link_samples import around

POWER, GAS = key_of(b"p" * 32), key_of(b"g" * 32)


@pytest.fixture
def door(hub: Hub, tmp_path: Path) -> Iterator[httpx.Client]:
    """Power's feed, served on a port of its own; the client has power's key."""
    config = Feeds((Key(hashed(POWER)),), most_items=50, most_seconds=20)
    given = around(tmp_path, clock=lambda: 0)._replace(kafka=hub.kafka, hub=hub.settings, subscription="power")
    made: Made = KIND.make(config, given)
    assert made.inlet is not None
    router = made.inlet.routes(_takes_nothing)  # type: ignore[arg-type]
    assert router is not None
    app = FastAPI()
    app.include_router(router)
    server = HttpServer("127.0.0.1", 0)
    hub.loop.run(_started(server, app))
    with httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}", headers={"Authorization": f"Bearer {POWER}"}, timeout=30
    ) as client:
        wait_until(lambda: _answers(client), "the server")
        yield client
    made.inlet.stop()
    hub.loop.run(server.stop())


async def _started(server: HttpServer, app: FastAPI) -> None:
    server.start(app)


def _takes_nothing(_drafts: object) -> None:
    raise AssertionError("a feed takes nothing")


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/feeds/power").status_code in (200, 404)
    except httpx.TransportError:
        return False


def numbers(answer: httpx.Response) -> list[int]:
    return [event["data"]["number"] for event in answer.json()]


def test_a_department_pulls_its_feed_item_by_item(hub: Hub, door: httpx.Client) -> None:
    assert door.get("/feeds/power").status_code == 404
    subscribe(hub, subscription())
    hub.casework()
    hub.outbox()
    hub.send(whole_loop("1"))
    wait_for(hub, "power", 10)
    first = door.get("/feeds/power", params={"limit": 4})
    assert first.headers["content-type"] == "application/cloudevents-batch+json"
    assert numbers(first) == [1, 2, 3, 4]
    rest = door.get("/feeds/power", params={"cursor": first.headers["Next-Cursor"]})
    assert numbers(rest) == [5, 6, 7, 8, 9, 10]
    assert numbers(door.get("/feeds/power", params={"cursor": first.headers["Next-Cursor"]})) == numbers(rest)
    nothing = door.get("/feeds/power", params={"cursor": rest.headers["Next-Cursor"], "wait": 0.3})
    assert (nothing.json(), nothing.headers["Next-Cursor"]) == ([], rest.headers["Next-Cursor"])
    assert rest.json()[-1]["data"]["card"]["stage"] == "closed"


def test_a_question_waits_for_the_next_item(hub: Hub, door: httpx.Client) -> None:
    subscribe(hub, subscription())
    hub.casework()
    hub.outbox()
    said = whole_loop("1")
    hub.send(said[:3])
    wait_for(hub, "power", 4)
    cursor = door.get("/feeds/power").headers["Next-Cursor"]
    threading.Timer(0.5, lambda: hub.send([claim(Acknowledge("power"))])).start()
    began = time.monotonic()
    answer = door.get("/feeds/power", params={"cursor": cursor, "wait": 20})
    assert numbers(answer) == [5]
    assert time.monotonic() - began < 15


def test_a_stream_goes_on_after_the_last_event(hub: Hub, door: httpx.Client) -> None:
    subscribe(hub, subscription())
    hub.casework()
    hub.outbox()
    hub.send(whole_loop("1"))
    wait_for(hub, "power", 10)
    head = streamed(door, 3)
    assert [json.loads(one["data"])["data"]["number"] for one in head] == [1, 2, 3]
    assert head[0]["event"] == "introduced"
    tail = streamed(door, 7, {"Last-Event-ID": head[-1]["id"]})
    assert [json.loads(one["data"])["data"]["number"] for one in tail] == [4, 5, 6, 7, 8, 9, 10]


def streamed(door: httpx.Client, count: int, headers: dict[str, str] | None = None) -> list[dict[str, str]]:
    """So many events, then the reader leaves."""
    found: list[dict[str, str]] = []
    one: dict[str, str] = {}
    with door.stream("GET", "/feeds/power/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, colon, value = line.partition(": ")
            if name and colon:
                one[name] = value
            elif not line and one:
                found, one = [*found, one], {}
            if len(found) == count:
                return found
    raise AssertionError(f"the stream ended after {len(found)} events")


def test_a_key_reads_its_own_subscription_and_no_other(hub: Hub, door: httpx.Client) -> None:
    subscribe(hub, subscription(), subscription("gas", "gas"))
    hub.casework()
    hub.outbox()
    hub.send(whole_loop("1"))
    wait_for(hub, "gas", 10)
    for path in ("/feeds/power", "/feeds/power/events"):
        assert door.get(path, headers={"Authorization": f"Bearer {GAS}"}).status_code == 401
        assert door.get(path, headers={"Authorization": ""}).status_code == 401
    for path in ("/feeds/gas", "/feeds/gas/events", "/feeds/nowhere"):
        assert door.get(path).status_code == 403
    other = door.get("/feeds/power", params={"cursor": "bm8"})
    assert (other.status_code, other.json()["detail"][:17]) == (400, "This is no cursor")
    assert door.get("/feeds/power", params={"limit": 0}).status_code == 422


def document(door: httpx.Client) -> Any:
    return door.get("/openapi.json").json()


def test_the_document_of_the_interface_names_key_and_problems(door: httpx.Client) -> None:
    pull = document(door)["paths"]["/feeds/{subscription}"]["get"]
    assert {"401", "403", "404", "503"} <= pull["responses"].keys()
    assert pull["security"] == [{"HTTPBearer": []}]
