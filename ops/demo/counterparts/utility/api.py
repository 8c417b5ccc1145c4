"""The company's API for work orders, and the control port over which it is told to misbehave."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from ops.demo.counterparts.utility.calling import Worker
from ops.demo.counterparts.utility.company import Company, due, told
from ops.demo.counterparts.utility.faults import Faults
from ops.demo.counterparts.utility.ledger import Ledger

Next = Callable[[Request], Awaitable[Response]]


def orders_app(company: Company, ledger: Ledger, faults: Faults, token: str, hang_seconds: float) -> FastAPI:
    """Orders are made and changed under an Idempotency-Key, and can be asked for."""
    app = FastAPI(title=company.name, openapi_url=None)

    @app.middleware("http")
    async def misbehave(request: Request, follow: Next) -> Response:
        if token and request.headers.get("Authorization") != f"Bearer {token}":
            return JSONResponse({"error": "token"}, 401)
        for code in ("500", "409", "429", "503"):
            if request.method != "GET" and faults.happens(code):
                headers = {"Retry-After": "1"} if code in ("429", "503") else {}
                return JSONResponse({"error": "as told"}, int(code), headers)
        return await follow(request)

    app.include_router(_written(company, ledger, faults, hang_seconds))
    app.include_router(_asked(company, ledger))
    return app


def _written(company: Company, ledger: Ledger, faults: Faults, hang_seconds: float) -> APIRouter:
    router = APIRouter()

    def hang() -> None:
        if faults.happens("hang"):
            time.sleep(hang_seconds)

    @router.post("/orders", status_code=201)
    def opened(content: dict[str, Any], request: Request, response: Response) -> dict[str, str]:
        if not content.get("reference"):
            raise HTTPException(422, "an order has a reference")
        key = _key(request)
        number, new, same = ledger.open(key, content, time.time())
        if not same:
            raise HTTPException(422, "this key was used with another content")
        hang()
        response.status_code = 201 if new else 200
        return {"number": number, "key": key}

    @router.patch("/orders/{number}")
    def instructed(number: str, content: dict[str, Any], request: Request) -> dict[str, str]:
        key, kind = _key(request), str(content.get("kind"))
        new = ledger.instruct(number, key, kind, content, time.time())
        if new is None:
            raise HTTPException(404, "no such order")
        if new and kind in company.ends:
            ledger.drop(number)
        for at, answer in due(company, kind, time.time()) if new else ():
            ledger.plan(number, key, at, answer._asdict())
        hang()
        return {"number": number, "key": key}

    return router


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise HTTPException(422, "an order comes under an Idempotency-Key")
    return key


def _asked(company: Company, ledger: Ledger) -> APIRouter:
    router = APIRouter()

    @router.get("/orders/by-key/{key}")
    def by_key(key: str) -> dict[str, str]:
        query = "SELECT number FROM orders WHERE key = ?1 UNION SELECT number FROM instructions WHERE key = ?1"
        found = ledger.rows(query, key)
        if not found:
            raise HTTPException(404, "nothing was taken under this key")
        return {"number": found[0]["number"], "key": key}

    @router.get("/orders/{number}/events")
    def events(number: str) -> dict[str, Any]:
        rows = ledger.rows("SELECT content FROM events WHERE number = ? ORDER BY sequence", number)
        return {"events": [told(company, json.loads(row["content"])) for row in rows]}

    return router


def control_app(
    ledger: Ledger, faults: Faults, worker: Worker, down: Callable[[], None], up: Callable[[], None]
) -> FastAPI:
    """What a test or the demo tells the company."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/down", down, methods=["POST"])
    app.add_api_route("/up", up, methods=["POST"])

    @app.post("/faults")
    def fault(content: dict[str, int]) -> dict[str, int]:
        for kind, times in content.items():
            faults.set(kind, times)
        return faults.left()

    @app.post("/call-backs")
    def call_backs(content: dict[str, str]) -> None:
        worker.url = content["url"]

    @app.post("/office")
    def office(content: dict[str, bool | None]) -> None:
        worker.attended = content["attended"]

    @app.get("/book")
    def book() -> dict[str, Any]:
        tables = ("orders", "instructions", "events", "plans")
        return {"faults": faults.left(), **{name: ledger.rows(f"SELECT * FROM {name} ORDER BY id") for name in tables}}

    return app
