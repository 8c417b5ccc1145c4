"""Requests that nobody thought of, made from the OpenAPI document: each is answered, none ends in an error of ours."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Acknowledged
from tests.integration.any_request import CHECKS, operations, searching
from tests.integration.open311.conftest import Speaking
from tests.open311_checker import CONTENT_TYPES, Answer, problems
from tests.open311_samples import CASE, KEY, card, item

SECONDS = 50.0
CALLS = {
    "/discovery": "discovery",
    "/services": "services",
    "/services/{number}": "definition",
    "/requests/{number}": "request",
    "/tokens/{number}": "token",
    "/servicerequestupdates": "updates",
}


def call_of(method: str, path: str) -> str:
    plain = path.rpartition(".")[0]
    posts = {"/requests": "created", "/servicerequestupdates": "taken"}
    return posts[plain] if method == "POST" else {**CALLS, "/requests": "requests"}[plain]


def test_the_document_tells_every_call_in_both_formats(speaking: Speaking) -> None:
    told = speaking.http.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    plain = {path.rpartition(".")[0] for path in told["paths"]}
    assert {f"{path}.{form}" for path in plain for form in CONTENT_TYPES} == set(told["paths"])
    assert plain == {*CALLS, "/requests"}


@pytest.mark.timeout(120)
def test_no_request_that_the_document_allows_or_forbids_ends_in_an_error_of_ours(speaking: Speaking) -> None:
    speaking.show(item(1), item(2, Acknowledged("power"), card("dispatched")))
    end = time.monotonic() + SECONDS
    found = operations(str(speaking.http.base_url))
    for left, operation in zip(range(len(found), 0, -1), found, strict=True):
        until = time.monotonic() + max(end - time.monotonic(), 1) / left
        tried(operation, until)


RIGHT: list[dict[str, str]] = [
    {},
    {"api_key": KEY, "jurisdiction_id": ""},
    {"service_code": "pole", "service_request_id": CASE.id},
    {"lat": "32.9", "long": "114.0", "update_id": "7", "status": "OPEN", "updated_datetime": "2026-03-01T04:00:00Z"},
]


def helped(case: Any, right: int) -> None:
    """The case with some of it set right, so that what lies behind a first refusal is reached too."""
    values = {name: value for more in RIGHT[: right + 1] for name, value in more.items()}
    if isinstance(case.body, dict):
        case.body |= values
    elif right:
        case.query = {**(case.query or {}), "jurisdiction_id": ""}
        case.path_parameters |= {"number": CASE.id if right > 1 else "pole"} if "number" in case.path_parameters else {}


def tried(operation: Any, until: float) -> None:
    """Cases of one operation until a moment; the first that fails ends the test."""

    @searching(60)
    @given(case=operation.as_strategy(), right=st.integers(0, 3))
    def attempt(case: Any, right: int) -> None:
        if time.monotonic() > until:
            return
        helped(case, right)
        response = case.call_and_validate(checks=CHECKS)
        kind = response.headers["content-type"][0]
        form = operation.path.rpartition(".")[2]
        answer = Answer(response.status_code, kind, response.content, form)
        assert problems(call_of(operation.method.upper(), operation.path), answer) == []

    attempt()
