"""Robots of three messengers: who may post, how it must be signed, how often, and how each says no."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from ops.demo.counterparts.messengers.book import Book
from ops.demo.counterparts.messengers.trouble import Trouble

HOUR = 3600.0


class Rules(NamedTuple):
    """Of one messenger: `many` messages in a minute, then `busy` for `rest` seconds; the longest text in bytes."""

    many: int
    busy: int
    rest: float
    longest: int
    too_long: int


RULES = {
    "wecom": Rules(20, 45009, 60, 2048, 40058),
    "dingtalk": Rules(20, 130101, 600, 20_000, 40035),
    "feishu": Rules(100, 11232, 60, 20_000, 9499),
}


class Given(NamedTuple):
    """What came: the group's token, text, whom it calls up, and whether who posted is believed (0) or why not."""

    token: str
    text: str
    mentioned: str
    distrust: int


class Robots:
    """Each messenger's robot in the group of each token, with one secret."""

    def __init__(self, book: Book, trouble: Trouble, tokens: Sequence[str], secret: str) -> None:
        self._book, self._trouble, self._tokens, self._secret = book, trouble, tokens, secret
        self._times: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._rests: dict[tuple[str, str], float] = {}

    def hear(self, messenger: str, given: Given) -> int:
        """A code: 0 where it is said in the group."""
        told = self._trouble.code(messenger)
        code = told or given.distrust or self._judge(messenger, given)
        if code:
            return self._book.refuse(messenger, code)
        self._book.say(messenger, given.text, given.mentioned, time.time())
        return 0

    def _judge(self, messenger: str, given: Given) -> int:
        rules, now, robot = RULES[messenger], time.time(), (messenger, given.token)
        times = self._times[robot]
        while times and times[0] <= now - 60:
            times.popleft()
        if now < self._rests.get(robot, 0):
            return rules.busy
        if len(times) >= rules.many:
            self._rests[robot] = now + rules.rest
            return rules.busy
        if not given.text or len(given.text.encode()) > rules.longest:
            return rules.too_long
        times.append(now)
        return 0

    def wecom(self, request: Request, body: dict[str, Any]) -> Given:
        text, token = body.get("text", {}), request.query_params.get("key", "")
        phones = ",".join(text.get("mentioned_mobile_list", []))
        return Given(token, str(text.get("content", "")), phones, 0 if token in self._tokens else 93000)

    def dingtalk(self, request: Request, body: dict[str, Any]) -> Given:
        query, distrust = request.query_params, 0
        stamp, token = query.get("timestamp", "0"), query.get("access_token", "")
        if token not in self._tokens:
            distrust = 300005
        elif not self._signed(self._secret, f"{stamp}\n{self._secret}", query.get("sign")) or self._late(stamp, 1000):
            distrust = 310000
        phones = ",".join(body.get("at", {}).get("atMobiles", []))
        return Given(token, str(body.get("text", {}).get("content", "")), phones, distrust)

    def feishu(self, request: Request, body: dict[str, Any]) -> Given:
        stamp, token, distrust = str(body.get("timestamp", "0")), request.path_params["token"], 0
        if token not in self._tokens:
            distrust = 19001
        elif not self._signed(f"{stamp}\n{self._secret}", "", body.get("sign")) or self._late(stamp, 1):
            distrust = 19021
        return Given(token, str(body.get("content", {}).get("text", "")), "", distrust)

    def _late(self, stamp: str, parts: int) -> bool:
        now = time.time() + self._trouble.skew
        return not stamp.isdigit() or abs(int(stamp) / parts - now) > HOUR

    @staticmethod
    def _signed(key: str, content: str, said: str | None) -> bool:
        mac = hmac.new(key.encode(), content.encode(), hashlib.sha256).digest()
        return said == base64.b64encode(mac).decode()


def site(robots: Robots, trouble: Trouble) -> FastAPI:
    """Where their addresses lead."""
    app = FastAPI(title="Messengers", openapi_url=None)
    reading: dict[str, Callable[[Request, dict[str, Any]], Given]] = {
        "/cgi-bin/webhook/send": robots.wecom,
        "/robot/send": robots.dingtalk,
        "/open-apis/bot/v2/hook/{token}": robots.feishu,
    }
    for path, read in reading.items():
        _route(app, path, read, robots, trouble)
    return app


def _route(
    app: FastAPI, path: str, read: Callable[[Request, dict[str, Any]], Given], robots: Robots, trouble: Trouble
) -> None:
    name = read.__name__
    key, words = ("code", "msg") if name == "feishu" else ("errcode", "errmsg")

    @app.post(path)
    def heard(body: dict[str, Any], request: Request) -> JSONResponse:
        status = trouble.status(name)
        if status:
            return JSONResponse({}, status, {"Retry-After": "2"} if status == 429 else None)
        code = robots.hear(name, read(request, body))
        if trouble.happens(f"{name} lost"):
            time.sleep(trouble.hang_seconds)
        return JSONResponse({key: code, words: "no" if code else "ok"})
