"""Requests that nobody thought of, made from the intake's OpenAPI document: none ends in an error of ours."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.any_request import CHECKS, operations, searching
from tests.integration.intake.asking import DIGEST, PICTURE, QUICK, Asking, body, new_key

SECONDS = 10.0


def test_the_document_tells_addresses_limits_and_the_key(asking: Asking) -> None:
    told = asking.document()
    assert told["openapi"].startswith("3.1")
    assert {(path, *methods) for path, methods in told["paths"].items()} == {
        ("/reports", "post"),
        ("/files/{sha256}", "put"),
        ("/reports/{number}", "get"),
    }
    (scheme,) = told["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")
    report = told["paths"]["/reports"]["post"]
    assert report["requestBody"]["content"]["application/json"]["schema"]["required"] == ["category", "place"]
    assert {"202", "401", "413", "415", "422", "429", "503"} <= report["responses"].keys()


@pytest.mark.timeout(120)
def test_no_request_that_the_document_allows_or_forbids_ends_in_an_error_of_ours(asking: Asking) -> None:
    found = operations(asking.url)
    assert len(found) == 3
    number = asking.report(body(), new_key()).json()["number"]
    for operation in found:
        tried(operation, number, time.monotonic() + SECONDS / len(found))


def helped(case: Any, right: int, number: str) -> None:
    """The case with some of it set right, so that what lies behind a first refusal is reached too."""
    if right:
        case.headers = {**(case.headers or {}), "X-API-Key": QUICK}
    if "number" in case.path_parameters:  # an address with a line break is refused before it comes to any inlet
        case.path_parameters["number"] = case.path_parameters["number"].replace("\n", "") if right < 2 else number
    if right > 1 and "sha256" in case.path_parameters:
        case.path_parameters["sha256"], case.body, case.media_type = DIGEST, PICTURE, "image/png"
    if right > 1 and case.operation.path == "/reports":
        case.headers["Idempotency-Key"] = new_key()
        if isinstance(case.body, dict) and right > 2:
            case.body |= {"evidence": []}


def tried(operation: Any, number: str, until: float) -> None:
    """Cases of one operation until a moment; the first that fails ends the test."""

    @searching(100)
    @given(case=operation.as_strategy(), right=st.integers(0, 3))
    def attempt(case: Any, right: int) -> None:
        if time.monotonic() < until:
            helped(case, right, number)
            case.call_and_validate(checks=CHECKS)

    attempt()
