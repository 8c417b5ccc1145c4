"""Its platform: takes orders that are pushed, answers with an envelope under HTTP 200, and calls back what happens."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from contextlib import suppress
from typing import Any, NamedTuple

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from ops.demo.counterparts.urban_management.book import Book, Planned
from ops.demo.counterparts.urban_management.faults import Faults
from ops.demo.counterparts.urban_management.squad import Squad, due

PHOTO = base64.b64encode(b"\x89PNG\r\n\x1a\nnot a real picture").decode()
_SKEW_SECONDS = 3600
_AGAIN_SECONDS = 0.5


class Line(NamedTuple):
    """How the two sides sign."""

    app_key: str
    secret: str
    algorithm: str = "hmac-sha256"


def signature(line: Line, timestamp: str, nonce: str, body: bytes) -> str:
    """What stands in X-Signature."""
    told = {"appKey": line.app_key, "body": hashlib.sha256(body).hexdigest(), "nonce": nonce, "timestamp": timestamp}
    text = "&".join(f"{name}={value}" for name, value in sorted(told.items()))
    if line.algorithm == "md5":
        return hashlib.md5(f"{text}&secret={line.secret}".encode()).hexdigest().upper()
    return hmac.new(line.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(line: Line, body: bytes, *, at: float, nonce: str | None = None) -> dict[str, str]:
    """The headers of a body."""
    timestamp, nonce = str(int(at * 1000)), nonce or secrets.token_hex(16)
    headers = {"X-App-Key": line.app_key, "X-Timestamp": timestamp, "X-Nonce": nonce}
    return {**headers, "X-Signature": signature(line, timestamp, nonce, body), "Content-Type": "application/json"}


REFUSALS = (("busy", 42900, {"retryAfter": 0.2}), ("conflict", 40900, None), ("refuse", 40000, None))


class Platform:
    """What it answers to an order and to a question, as (code, message, data)."""

    def __init__(self, squad: Squad, book: Book, faults: Faults) -> None:
        self._squad = squad
        self._book = book
        self._faults = faults

    def dispatch(self, task: dict[str, Any]) -> tuple[int, str, dict[str, Any] | None]:
        """Take an order, once."""
        for fault, code, data in REFUSALS:
            if self._faults.happens(fault):
                return code, fault, data
        if self._faults.happens("forgets"):
            return 0, "success", None
        key, number, word = str(task["taskId"]), str(task["caseNo"]), str(task["type"])
        ours, new = self._book.take(key, number, word, time.time(), task)
        if word in self._squad.ends:
            self._book.drop(number)
        if new:
            self._book.plan(key, number, due(self._squad, word, time.time()))
        return (0, "success", {"taskNo": ours}) if new else (20001, "任务已存在", {"taskNo": ours})

    def query(self, task: dict[str, Any]) -> tuple[int, str, dict[str, Any] | None]:
        """Whether an order was taken."""
        found = self._book.find(str(task["taskId"]))
        return (
            (0, "success", {"taskNo": found["ours"], "type": found["word"]}) if found else (40400, "任务不存在", None)
        )


def platform_app(squad: Squad, line: Line, book: Book, faults: Faults, hang_seconds: float) -> FastAPI:
    """POST /api/task/dispatch and /api/task/query."""
    app, platform = FastAPI(title=squad.name), Platform(squad, book, faults)

    @app.post("/api/task/dispatch")
    async def dispatch(request: Request) -> JSONResponse:
        if faults.happens("500"):
            return enveloped(50000, "系统繁忙", None, 500)
        task = await told(line, request)
        if task is None:
            return enveloped(40100, "签名错误", None)
        answer = platform.dispatch(task)
        if faults.happens("hang"):
            await asyncio.sleep(hang_seconds)
        return JSONResponse("系统维护中") if faults.happens("unreadable") else enveloped(*answer)

    @app.post("/api/task/query")
    async def query(request: Request) -> JSONResponse:
        task = await told(line, request)
        return enveloped(40100, "签名错误", None) if task is None else enveloped(*platform.query(task))

    return app


def enveloped(code: int, message: str, data: dict[str, Any] | None, status: int = 200) -> JSONResponse:
    """An answer as these platforms give it."""
    return JSONResponse({"code": code, "message": message, "data": data}, status)


async def told(line: Line, request: Request) -> dict[str, Any] | None:
    """What a call says; None: its signature is wrong."""
    body, given = await request.body(), request.headers
    wanted = signature(line, given.get("X-Timestamp", ""), given.get("X-Nonce", ""), body)
    if not hmac.compare_digest(wanted, given.get("X-Signature", "")):
        return None
    content: dict[str, Any] = json.loads(body)
    return content


class Calling:
    """Calls back what is due to `url`, until the hub says 0; other threads may set it, and call `down` and `up`."""

    def __init__(self, line: Line, url: str, book: Book, faults: Faults) -> None:
        self._line = line
        self.url = url
        self._book = book
        self._faults = faults
        self._ended = threading.Event()
        self._paused = threading.Event()
        self._not_before: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, name="calling")
        self.codes: list[int] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def down(self) -> None:
        self._paused.set()

    def up(self) -> None:
        self._paused.clear()

    def _run(self) -> None:
        with httpx.Client(timeout=10) as client:
            while not self._ended.wait(0.05):
                if self._paused.is_set():
                    continue
                waiting = self._book.due(time.time())
                if len(waiting) > 1 and self._faults.happens("reordered"):
                    waiting.reverse()
                for one in waiting:
                    if self._not_before.get(one.id, 0) <= time.time():
                        self._tell(client, one)

    def _tell(self, client: httpx.Client, one: Planned) -> None:
        body = self._body(one)
        line, at = self._line, time.time()
        if self._faults.happens("forged"):
            self._post(client, body, signed(line._replace(secret="guessed"), body, at=at))
        if self._faults.happens("skewed"):
            self._post(client, body, signed(line, body, at=at - _SKEW_SECONDS))
        headers = signed(line, body, at=at)
        if self._post(client, body, headers) != 0:
            self._not_before[one.id] = time.time() + _AGAIN_SECONDS
            return
        self._book.told(one, time.time())
        if self._faults.happens("replayed"):
            self._post(client, body, headers)
        if self._faults.happens("twice"):
            self._post(client, body, signed(line, body, at=at))
        if self._faults.happens("other-body"):
            other = body.replace(one.message.encode(), b"ANOTHER")
            self._post(client, other, signed(line, other, at=at, nonce=headers["X-Nonce"]))

    def _post(self, client: httpx.Client, body: bytes, headers: dict[str, str]) -> int | None:
        with suppress(httpx.HTTPError, ValueError, KeyError):
            code = int(client.post(self.url, content=body, headers=headers).json()["code"])
            self.codes.append(code)
            return code
        return None

    def _body(self, one: Planned) -> bytes:
        answer = one.answer
        told: dict[str, Any] = {
            "messageId": one.message,
            "taskId": one.key,
            "status": answer.word,
            "time": int(time.time() * 1000),
            "remark": answer.text,
            "reason": answer.reason,
        }
        if answer.until_days:
            told["until"] = int((time.time() + answer.until_days * 86_400) * 1000)
        if answer.photo:
            told["attachments"] = [{"name": "现场.png", "type": "image/png", "content": PHOTO}]
        return json.dumps(told, ensure_ascii=False).encode()
