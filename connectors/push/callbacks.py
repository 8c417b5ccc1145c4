"""Call-backs of their platform: believed by signature, moment and nonce, taken once, answered by an envelope.

HTTP's status is 200 whatever happens, as these platforms expect; the code says it: 0 taken, or taken before · 401xx not
believed · 40401 of a case that nobody has given them · 41301 too large · 42201 not understood · 50301 not now, send it
again. What is believed and cannot be understood becomes a dead letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import BadMessage, Refused, Surroundings, Take
from connectors.nonces import Nonces
from connectors.push.settings import Push
from connectors.push.translate import answer
from connectors.signing import Keys, NotTrusted, digest, received, verify
from connectors.tasks.answers import Speaker, drafts

CODES: Mapping[str, int] = {
    "taken": 0,
    "repeated": 0,
    "forged": 40101,
    "late": 40102,
    "early": 40103,
    "unknown-key": 40104,
    "replayed": 40105,
    "too_large": 41301,
    "unreadable": 42201,
    "not_now": 50301,
}
"""What they are told, by the word under which it is counted."""


class Told(NamedTuple):
    """The answer to a call-back."""

    outcome: str
    detail: str = ""


class CallBacks:
    """The inlet of one platform."""

    def __init__(self, config: Push, around: Surroundings, keys: Callable[[], Keys], nonces: Nonces) -> None:
        self._config = config
        self._around = around
        self._keys = keys
        self._nonces = nonces
        department = around.department
        self._who = Speaker(department.org, department.role, config.system)

    def start(self, take: Take) -> None:
        """Nothing: their platform speaks to the route."""

    def stop(self) -> None:
        """Nothing."""

    def routes(self, take: Take) -> APIRouter:
        """POST /callback."""
        router = APIRouter()
        largest = self._config.call_back.largest_bytes

        @router.post("/callback")
        async def told(request: Request) -> JSONResponse:
            body = b""
            async for part in request.stream():
                body += part
                if len(body) > largest:
                    return self._answered(Told("too_large", f"a call-back has at most {largest} bytes"))
            return self._answered(await run_in_threadpool(self.receive, take, dict(request.headers), body))

        return router

    def receive(self, take: Take, headers: Mapping[str, str], body: bytes) -> Told:
        """What a call-back leads to. Blocks until Kafka has acknowledged. `headers`: names in lower case."""
        try:
            nonce = self._believe(headers, body)
            met = self._nonces.meet(nonce, digest(body), self._around.clock())
            if met == "other":
                raise NotTrusted("replayed", "this nonce came before with another body: each message needs its own")
            if met == "taken":
                return Told("repeated")
            self._take(take, body)
            self._nonces.taken(nonce)
        except NotTrusted as wrong:
            return Told(wrong.why, str(wrong))
        except BadMessage as wrong:
            return self._bury(take, wrong, body)
        except (Refused, SQLAlchemyError) as wrong:
            return Told("not_now", str(wrong) if isinstance(wrong, Refused) else "the hub cannot keep it now")
        return Told("taken")

    def _believe(self, headers: Mapping[str, str], body: bytes) -> str:
        """The nonce of a signed message. Raises NotTrusted."""
        signed = received(self._config.headers, headers)
        verify(self._keys(), signed, body, self._around.clock())
        return signed.nonce

    def _take(self, take: Take, body: bytes) -> None:
        said = answer(self._config, body, self._around.department.zone)
        ahead = (said.at - self._around.clock()) / 1_000_000
        if ahead > self._config.window_seconds:
            raise BadMessage(said.place, f"it happens {ahead:.0f} s ahead of our clock: compare the two clocks")
        found = drafts(self._config.answers, self._who, said, self._look_up)
        if found:
            take(found)

    def _look_up(self, number: str) -> str | None:
        names = ("hub", self._around.department.name, "key")
        return next((found for name in names if (found := self._around.look_up(name, number))), None)

    def _bury(self, take: Take, wrong: BadMessage, body: bytes) -> Told:
        try:
            take.bury(BadMessage(f"{wrong.place}, {digest(body)[:16]}", wrong.reason, body))
        except Refused as refused:
            return Told("not_now", str(refused))
        return Told("unreadable", wrong.reason)

    def _answered(self, told: Told) -> JSONResponse:
        self._around.metrics.told.labels(self._around.department.name, told.outcome).inc()
        if CODES[told.outcome]:
            self._around.log.warning("call-back not taken", outcome=told.outcome, detail=told.detail)
        names = self._config.envelope
        data = {"repeated": told.outcome == "repeated"}
        return JSONResponse(
            {names.code: CODES[told.outcome], names.message: told.detail or "success", names.data: data}
        )
