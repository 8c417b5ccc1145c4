"""Messages of groups, as the assistant posts them: believed by signature, taken once, answered at once.

202 taken, or taken before (`number`) · 200 answered · 401 not believed · 403 the group is not registered · 404 no such
number · 409 the message's id came before with other content · 413 too large · 415 no photo that is taken · 422 not
understood, or something is missing · 425 a photo has not come yet · 429 too many of a group · 503 not now. Where there
is a `reply`, the assistant puts it into the group, once for each message; what becomes of a report comes by the robot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from connectors import media
from connectors.chat.desk import AGAIN_SECONDS, ASSISTANT, Answer, Desk, NotTaken
from connectors.chat.message import parse
from connectors.chat.settings import Chat
from connectors.contract import BadMessage, Refused, Surroundings, Take
from connectors.intake.kept import Kept
from connectors.signing import Headers, Keys, NotTrusted, received, verify

HEADERS = Headers()
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Door:
    """The inlet of one chat system."""

    def __init__(self, config: Chat, around: Surroundings, keys: Callable[[], Keys], kept: Kept) -> None:
        self._config, self._around, self._keys, self._kept = config, around, keys, kept
        self._desk = Desk(config, around, kept)

    def start(self, take: Take) -> None:
        """The assistant speaks to the routes."""

    def stop(self) -> None:
        """Nothing runs of its own."""

    def routes(self, take: Take) -> APIRouter:
        """POST /messages, PUT /files/DIGEST."""
        router, config = APIRouter(), self._config

        @router.post("/messages")
        async def told(request: Request) -> JSONResponse:
            body = await _body(request, config.largest_bytes)
            return self._answered(await run_in_threadpool(self.receive, take, dict(request.headers), body))

        @router.put("/files/{digest}")
        async def file(request: Request, digest: str) -> JSONResponse:
            body = await _body(request, config.photos.largest_bytes)
            return self._answered(await run_in_threadpool(self.keep, dict(request.headers), digest, body))

        return router

    def receive(self, take: Take, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """What a message leads to. Blocks until Kafka has acknowledged. `headers`: names in lower case."""
        try:
            return self._desk.take(take, parse(self._believed(headers, body, self._config.largest_bytes)))
        except NotTaken as no:
            return no.answer
        except BadMessage as wrong:
            return _bury(take, wrong)
        except Refused as wrong:
            return _not_now(str(wrong))
        except SQLAlchemyError:
            return _not_now()

    def keep(self, headers: Mapping[str, str], digest: str, body: bytes | None) -> Answer:
        """Keep a photo until a message names it."""
        photos, wrong = self._config.photos, self._config.replies.wrong_photo
        try:
            content = self._believed(headers, body, photos.largest_bytes, wrong)
            media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type not in photos.types or not media.begins_as(content, media_type):
                return Answer(415, "wrong_type", wrong, detail=f"a photo is one of {', '.join(photos.types)}")
            if not _DIGEST.fullmatch(digest) or sha256(content).hexdigest() != digest:
                return Answer(422, "other_digest", detail="the address ends with the content's SHA-256 in hexadecimal")
            new = self._kept.put_file(ASSISTANT, digest, content, media_type, self._around.vault)
            return Answer(201 if new else 200, "file_kept")
        except NotTaken as no:
            return no.answer
        except ValueError as refused:
            return Answer(413, "too_large", wrong, detail=f"the vault does not take it: {refused}")
        except SQLAlchemyError:
            return _not_now()

    def _believed(
        self, headers: Mapping[str, str], body: bytes | None, largest: int, reply: str | None = None
    ) -> bytes:
        if body is None:
            raise NotTaken(Answer(413, "too_large", reply, detail=f"it has at most {largest:,} bytes"))
        try:
            verify(self._keys(), received(HEADERS, headers), body, self._around.clock())
        except NotTrusted as wrong:
            raise NotTaken(Answer(401, wrong.why, detail=str(wrong))) from None
        return body

    def _answered(self, answer: Answer) -> JSONResponse:
        self._around.metrics.told.labels(self._around.department.name, answer.outcome).inc()
        if answer.status >= 400:
            self._around.log.warning("message not taken", outcome=answer.outcome, detail=answer.detail)
        said = {"outcome": answer.outcome, "reply": answer.reply, "number": answer.number, "detail": answer.detail}
        told = {name: value for name, value in said.items() if value is not None}
        headers = {"Retry-After": str(answer.seconds)} if answer.seconds else None
        return JSONResponse(told, answer.status, headers)


def _not_now(why: str = "nothing can be kept now") -> Answer:
    return Answer(503, "not_now", detail=why, seconds=AGAIN_SECONDS)


def _bury(take: Take, wrong: BadMessage) -> Answer:
    try:
        take.bury(wrong)
    except Refused as refused:
        return _not_now(str(refused))
    return Answer(422, "unreadable", detail=wrong.reason)


async def _body(request: Request, most: int) -> bytes | None:
    """The body; None where it is longer than `most` bytes."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            return None
    return bytes(found)
