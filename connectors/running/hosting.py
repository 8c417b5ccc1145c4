"""The HTTP side of running connectors: their inlets under /in/<department>, and the administration beside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.running.admin import administration
from connectors.running.fleet import Fleet

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Hosting(FastAPI):
    """The administration, and before it the doors: what comes for one goes there at once."""

    doors: dict[str, Door]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope.get("path", "").split("/", 3):
            case ["", "in", name, _] if name in self.doors:
                root = f"{scope.get('root_path', '')}/in/{name}"
                await self.doors[name]({**scope, "root_path": root}, receive, send)
            case _:
                await super().__call__(scope, receive, send)


def application(fleet: Fleet, worker: str, token_hash: str | None = None) -> Hosting:
    """The ASGI application; `worker` is host:port, as Kafka Connect names its workers. Without `token_hash` whoever
    reaches the port may administer."""
    app = Hosting(title="ThreeCross connectors", version="1", openapi_url="/openapi.json")
    app.add_exception_handler(HTTPException, _as_connect_says)
    app.include_router(administration(fleet, worker, token_hash))
    app.doors = {name: Door(fleet, name) for name in fleet.connectors}
    return app


def open_door(app: Hosting, fleet: Fleet, name: str) -> None:
    """Serve the inlet of a department from now on."""
    app.doors[name] = Door(fleet, name)


def _as_connect_says(_request: Request, wrong: Exception) -> Response:
    """An error in the shape that tools of Kafka Connect read."""
    assert isinstance(wrong, HTTPException)  # it is what this is registered for
    told = {"error_code": wrong.status_code, "message": wrong.detail}
    return JSONResponse(told, wrong.status_code, wrong.headers)


class Door:
    """The routes of one department's inlet, whichever life of its connector runs now; 503 while none does."""

    def __init__(self, fleet: Fleet, name: str) -> None:
        self._fleet = fleet
        self._name = name
        self._behind: tuple[APIRouter, FastAPI] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = self._fleet.connectors[self._name].router
        if router is None:
            told = {"error_code": 503, "message": f"{self._name} does not run, or has no inlet: try again later"}
            await JSONResponse(told, 503, {"Retry-After": "5"})(scope, receive, send)
            return
        if self._behind is None or self._behind[0] is not router:
            app = FastAPI(title=f"ThreeCross inlet of {self._name}", version="1")
            app.include_router(router)
            self._behind = router, app
        await self._behind[1](scope, receive, send)
