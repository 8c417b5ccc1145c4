"""The robot, to which the hub speaks, and the control port, to which whoever plays members and mishaps does."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from ops.demo.counterparts.chat_group.assistant import Assistant
from ops.demo.counterparts.chat_group.book import ROBOT_FAULTS, TELLING_FAULTS, Book, Faults
from ops.demo.counterparts.chat_group.signing import signed
from ops.demo.counterparts.listener import Listener


def robot(book: Book, faults: Faults, app_key: str, secret: str, hang_seconds: float) -> FastAPI:
    """What the hub speaks to: POST /messages, GET /messages/KEY, both signed."""
    app = FastAPI(openapi_url=None)

    def believed(request: Request, body: bytes) -> bool:
        headers = request.headers
        at, nonce = headers.get("X-Timestamp", "0"), headers.get("X-Nonce", "")
        wanted = signed(app_key, secret, int(at) / 1_000, nonce, body)
        return hmac.compare_digest(headers.get("X-Signature", ""), wanted["X-Signature"])

    def take(told: Mapping[str, Any]) -> Response:
        if code := next(filter(faults.happens, ("500", "429", "409")), None):
            return JSONResponse({"error": "as told"}, int(code), {"Retry-After": "1"} if code == "429" else {})
        if not book.rows("SELECT 1 FROM groups WHERE name = ?", told["group"]):
            return JSONResponse({"error": "no such group"}, 404)
        new = book.said(told["key"], told["group"], told["text"], told["number"])
        if faults.happens("hang"):
            time.sleep(hang_seconds)
        return JSONResponse({"said": True}, 201 if new else 200)

    @app.post("/messages")
    async def message(request: Request) -> Response:
        body = await request.body()
        if not believed(request, body):
            return JSONResponse({"error": "signature"}, 401)
        return await run_in_threadpool(take, json.loads(body))

    @app.get("/messages/{key}")
    def said(request: Request, key: str) -> Response:
        if not believed(request, b""):
            return JSONResponse({"error": "signature"}, 401)
        found = book.rows("SELECT key FROM messages WHERE key = ?", key)
        return JSONResponse({"said": bool(found)}, 200 if found else 404)

    return app


def control(book: Book, faults: Faults, assistant: Assistant, listener: Listener) -> FastAPI:
    """What whoever plays the members and the mishaps speaks to."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/down", listener.down, methods=["POST"])
    app.add_api_route("/up", listener.up, methods=["POST"])
    app.add_api_route("/write", book.written, methods=["POST"])

    @app.post("/groups")
    def groups(names: dict[str, str]) -> None:
        for name, title in names.items():
            book.rows("INSERT OR IGNORE INTO groups VALUES (?, ?)", name, title)

    @app.post("/hub")
    def hub(told: dict[str, str]) -> None:
        assistant.url = told["url"]

    @app.post("/faults")
    def fault(kinds: dict[str, int]) -> dict[str, int]:
        if unknown := kinds.keys() - {*ROBOT_FAULTS, *TELLING_FAULTS}:
            raise ValueError(f"there is no fault {min(unknown)}")
        faults.left.update(kinds)
        return faults.left

    @app.get("/book")
    def rows() -> dict[str, Any]:
        return {name: book.rows(f"SELECT * FROM {name} ORDER BY 1") for name in ("groups", "members", "messages")}

    return app
