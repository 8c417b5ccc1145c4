"""What a process serves: alive, ready or how far, metrics, and schemas as a Schema Registry shows them."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from ops.http import application
from schemas.wire.settings import HubSettings
from streams.runtime.readiness import Readiness

HUB = HubSettings("t")


class Client:
    """Asks an application without a server between."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://hub") as client:
                return await client.get(path)

        return asyncio.run(ask())


@pytest.fixture
def readiness() -> dict[str, Readiness]:
    return {"casework": Readiness(), "views": Readiness()}


@pytest.fixture
def metrics() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def client(readiness: dict[str, Readiness], metrics: CollectorRegistry) -> Client:
    return Client(application(readiness, metrics, HUB))


def make_ready(one: Readiness) -> None:
    one.keep({0})
    one.working(0)


def test_a_process_is_alive_before_it_is_ready(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_it_is_ready_when_all_its_processors_are(client: Client, readiness: dict[str, Readiness]) -> None:
    make_ready(readiness["casework"])
    assert client.get("/readyz").status_code == 503
    make_ready(readiness["views"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


def test_until_then_it_tells_how_far_it_is(client: Client, readiness: dict[str, Readiness]) -> None:
    make_ready(readiness["views"])
    readiness["casework"].keep({3})
    readiness["casework"].taking(3, 43, 100)
    report = client.get("/readyz").json()["processors"]["casework"]
    assert report["partitions"] == {"3": "replaying 43 %"}


def test_a_stopped_partition_is_not_ready_and_says_why(client: Client, readiness: dict[str, Readiness]) -> None:
    for one in readiness.values():
        make_ready(one)
    readiness["views"].stopped(0, "fact at offset 7 cannot be read")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "offset 7" in answer.text


def test_metrics_are_those_of_the_registry(client: Client, metrics: CollectorRegistry) -> None:
    Counter("threecross_test", "A test.", registry=metrics).inc(3)
    assert "threecross_test_total 3.0" in client.get("/metrics").text


def test_the_registry_lists_subjects_by_topic(client: Client) -> None:
    listed = client.get("/subjects").json()
    assert "t.facts-threecross.fact.report.Filed" in listed
    assert "t.claims-threecross.fact.report.Filed" not in listed


def test_a_subject_leads_to_its_schema_and_back(client: Client) -> None:
    subject = "/subjects/t.facts-threecross.fact.report.Filed/versions"
    newest = client.get(f"{subject}/latest").json()
    assert client.get(subject).json()[-1] == newest["version"]
    assert client.get(f"{subject}/{newest['version']}").json() == newest
    assert client.get(f"/schemas/ids/{newest['id']}").json()["schema"] == newest["schema"]


@pytest.mark.parametrize(
    "path",
    ["/schemas/ids/9999", "/subjects/nothing/versions", "/subjects/nothing/versions/latest", "/subjects/t/versions/x"],
)
def test_what_is_not_there_is_answered_as_confluent_does(path: str, client: Client) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error_code"] in (40401, 40402)
