"""Who may administer connectors, and where their port may be open."""

from __future__ import annotations

import asyncio
from typing import cast

import httpx
import pytest
from fastapi import FastAPI

from connectors.contract import Refused
from connectors.running.fleet import Fleet
from connectors.running.guard import guard, is_loopback, kept, token_of
from connectors.running.hosting import application

TOKEN = "a token that nobody guesses"


class NoFleet:
    """A hub without departments."""

    connectors: dict[str, object] = {}  # noqa: RUF012  nobody adds to it


def served(token_hash: str | None) -> FastAPI:
    return application(cast(Fleet, NoFleet()), "127.0.0.1:8083", token_hash)


def ask(app: FastAPI, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> httpx.Response:
    """Asks an application without a server between."""

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(asked())


def unguarded(app: FastAPI, headers: dict[str, str]) -> list[str]:
    """Routes of the administration that answer something else than 401."""
    found = []
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            answer = ask(app, path.format(name="power", kind="drop"), method, headers)
            found += [f"{method} {path}"] if answer.status_code != 401 else []
    return found


def test_no_route_of_the_administration_answers_without_its_token() -> None:
    app = served(kept(TOKEN))
    assert unguarded(app, {}) == []
    assert unguarded(app, {"Authorization": "Bearer another token of some length"}) == []
    assert unguarded(app, {"Authorization": f"Basic {TOKEN}"}) == []
    assert ask(app, "/connectors", headers={"Authorization": f"Bearer {TOKEN}"}).json() == []
    assert len(app.openapi()["paths"]) == 9


def test_a_route_that_was_added_beside_the_guard_is_found() -> None:
    app = served(kept(TOKEN))
    app.add_api_route("/connectors/{name}/secrets", lambda name: name)
    assert unguarded(app, {}) == ["get /connectors/{name}/secrets"]


def test_without_a_token_whoever_reaches_the_port_may_administer() -> None:
    assert ask(served(None), "/connectors").json() == []


def test_an_error_has_the_shape_that_tools_of_kafka_connect_read() -> None:
    refused = ask(served(kept(TOKEN)), "/connectors")
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert refused.json() == {"error_code": 401, "message": "give the token of the administration"}
    missing = ask(served(None), "/connectors/power")
    assert (missing.status_code, missing.json()["error_code"]) == (404, 404)


def test_what_is_kept_of_a_token_is_its_hash() -> None:
    assert TOKEN not in kept(TOKEN)
    assert len(kept(TOKEN)) == 64
    assert all(TOKEN not in repr(cell.cell_contents) for cell in guard(kept(TOKEN)).__closure__ or ())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_on_this_machine_alone_no_token_is_needed(host: str) -> None:
    assert is_loopback(host)
    assert token_of(None, host) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "hub.example", "localhost.example"])
def test_elsewhere_it_is(host: str) -> None:
    with pytest.raises(Refused, match="set THREECROSS_CONNECTORS_TOKEN"):
        token_of(None, host)
    assert token_of("env:TOKEN", host) == "env:TOKEN"


def test_a_token_that_stands_in_the_setting_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused, match="never the token itself") as wrong:
        token_of(TOKEN, "127.0.0.1")
    assert TOKEN not in str(wrong.value)


def test_a_token_that_could_be_guessed_is_refused_and_not_repeated() -> None:
    with pytest.raises(Refused, match="fewer than 20 characters") as wrong:
        kept("hunter2")
    assert "hunter2" not in str(wrong.value)
