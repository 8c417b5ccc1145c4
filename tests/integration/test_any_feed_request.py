"""Requests that nobody thought of, made from the feeds' own OpenAPI document: none ends in an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from connectors.keys import hashed
from schemas import ids
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.any_request import operations, searching
from tests.integration.connecting import Linked, linked, wait_until

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
KEY = "tcf_" + "k" * 43
FORESTRY = """
[department]
org = "forestry"
kind = "feeds"
subscription = "forestry"
[feeds]
keys = [{{ sha256 = "{hash}" }}]
most_seconds = 0.3
"""


@pytest.fixture(scope="module")
def door(
    tmp_path_factory: pytest.TempPathFactory, kafka_settings: KafkaSettings, dsn: str
) -> Iterator[tuple[Linked, str]]:
    """A department's feed with one item, in the connectors process; its address."""
    folder = tmp_path_factory.mktemp("any")
    with linked(kafka_settings, HubSettings(f"t{uuid4().hex[:8]}", partitions=2), dsn, folder) as hub:
        hub.department("forestry", FORESTRY.format(hash=hashed(KEY)))
        hub.feed("forestry").tell(ids.case_id("chat", "1"), 1)
        hub.start()
        address = f"http://127.0.0.1:{hub.port}/in/forestry"
        wait_until(lambda: httpx.get(f"{address}/openapi.json").status_code == 200, "the inlet")
        yield hub, address


def test_the_document_tells_both_ways_of_reading(door: tuple[Linked, str]) -> None:
    paths = httpx.get(f"{door[1]}/openapi.json").json()["paths"]
    assert {path: set(calls) for path, calls in paths.items()} == {
        "/feeds/{subscription}": {"get"},
        "/feeds/{subscription}/events": {"get"},
    }


@pytest.mark.timeout(120)
def test_no_question_about_a_feed_ends_in_an_error_of_ours(door: tuple[Linked, str]) -> None:
    hub, address = door
    (operation,) = [one for one in operations(address) if one.path == "/feeds/{subscription}"]  # the other one streams
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {KEY}"}) as client:
        cursor = client.get("/feeds/forestry").headers["Next-Cursor"]
    answers: set[int] = set()

    @searching(40)
    @given(case=operation.as_strategy(), right=st.integers(0, 3))
    def attempt(case: Any, right: int) -> None:
        if right:  # so that what lies behind a first refusal is reached too
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {KEY}"}
        if right > 1:
            case.path_parameters["subscription"] = "forestry"
        if right > 2:
            case.query = {**(case.query or {}), "cursor": cursor}
        answers.add(case.call_and_validate(checks=CHECKS).status_code)

    attempt()
    assert {200, 401} <= answers
    assert max(answers) < 500
    assert "Traceback" not in hub.log()


STREAMS = ["x", "", "☃", "A" * 5_000, "W10", "bnVsbA", "eyJhIjoxfQ"]


@pytest.mark.parametrize("told", STREAMS, ids=range(len(STREAMS)))
def test_a_stream_from_a_place_that_is_none_is_refused(door: tuple[Linked, str], told: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.stream("GET", f"{door[1]}/feeds/forestry/events", headers=headers, params={"cursor": told}) as answer:
        assert answer.status_code == (400 if told else 200)
