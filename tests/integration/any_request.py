"""Requests that nobody thought of, made from an OpenAPI document: what all searches for a bad answer share."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def operations(address: str) -> list[Any]:
    """Every operation of the document at an address; there is at least one."""
    told = schemathesis.openapi.from_url(f"{address}/openapi.json").get_all_operations()
    found = [one.ok() for one in told if isinstance(one, Ok)]
    assert found
    return found


def searching(examples: int) -> settings:
    """So many cases, the same ones each time: the first that fails ends the search, and is not made smaller."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
