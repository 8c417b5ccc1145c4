"""A feed over HTTP: pulled with a cursor (waiting for the next item where there is none), or streamed as events.

`GET /feeds/<subscription>` answers with a batch of CloudEvents; `Next-Cursor` is what the next question is to carry.
`GET /feeds/<subscription>/events` sends Server-Sent Events, whose ids are cursors: a browser comes back with the last.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, NamedTuple, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from kafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response, StreamingResponse

from connectors.contract import Refused
from connectors.feeds.answering import Answering
from connectors.feeds.cursor import BadCursor
from connectors.feeds.reading import BadFeed, NoFeed, Read
from connectors.feeds.settings import Feeds
from connectors.feeds.shelf import Reader, Shelf
from connectors.feeds.shown import BATCH
from connectors.keys import is_known

NEXT = "Next-Cursor"
SLICE_SECONDS = 0.25
"""For so long a thread waits for Kafka; between slices others have it."""
SILENCE_SECONDS = 15.0
"""After so long without an item a stream says that it still lives."""
T = TypeVar("T")


class Served(NamedTuple):
    """One subscription that is served, and by what."""

    subscription: str
    answering: Answering
    config: Feeds
    shelf: Shelf
    stopping: threading.Event


def routes(served: Served) -> APIRouter:
    """The routes of one department."""
    router = APIRouter(tags=["feeds"])
    limiter = CapacityLimiter(served.config.most_readers)
    streams = threading.BoundedSemaphore(served.config.most_readers)
    allowed = Depends(_gate(served))
    problems: dict[int | str, dict[str, Any]] = {
        400: {"description": "no cursor of this feed"},
        401: {"description": "no key, or one that is not known"},
        403: {"description": "the key is of another subscription"},
        404: {"description": "the feed has not begun yet"},
        503: {"description": "not now; Retry-After says when"},
    }

    @router.get("/feeds/{subscription}", dependencies=[allowed], responses=problems, response_class=Response)
    async def pull(
        cursor: Annotated[
            str | None, Query(description="as the last answer gave it; without: from the beginning")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=served.config.most_items)] = 100,
        wait: Annotated[
            float, Query(ge=0, le=served.config.most_seconds, description="seconds to wait for an item")
        ] = 0,
    ) -> Response:
        """Items behind a cursor, as a batch of CloudEvents."""
        reader = await _opened(served, limiter, cursor)
        try:
            found = await _wait_for(served, limiter, reader, limit, wait)
            body = await _made(served.answering.batch, found, limiter)
        except BaseException:
            reader.close()
            raise
        told = Response(body, media_type=BATCH, headers={NEXT: reader.cursor})
        served.shelf.put(reader)
        return told

    @router.get("/feeds/{subscription}/events", dependencies=[allowed], responses=problems, response_class=Response)
    async def stream(
        cursor: Annotated[str | None, Query(description="where to begin; without: from the beginning")] = None,
        last_event_id: Annotated[str | None, Header(description="the id of the last event, which is a cursor")] = None,
    ) -> Response:
        """Items behind a cursor, and every later one as it comes."""
        if not streams.acquire(blocking=False):
            raise HTTPException(503, "as many read this feed as may", {"Retry-After": "30"})
        try:
            reader = await _opened(served, limiter, last_event_id or cursor)
        except BaseException:
            streams.release()
            raise
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        sent = _events(served, limiter, reader, streams.release)
        return StreamingResponse(sent, media_type="text/event-stream", headers=headers)

    return router


def _gate(served: Served) -> Callable[..., None]:
    """Who may ask: a key of this department, for its own subscription."""
    bearer = HTTPBearer(auto_error=False, description="an API key of the department")
    kept = [key.sha256 for key in served.config.keys]

    def check(
        subscription: Annotated[str, Path(max_length=63)],
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        if given is None or not is_known(given.credentials, kept):
            raise HTTPException(401, "give a key of this department", {"WWW-Authenticate": "Bearer"})
        if subscription != served.subscription:
            raise HTTPException(403, "this key reads another subscription")

    return check


async def _opened(served: Served, limiter: CapacityLimiter, cursor: str | None) -> Reader:
    try:
        return await to_thread.run_sync(served.shelf.take, cursor, limiter=limiter)
    except BadCursor as wrong:
        raise HTTPException(400, str(wrong)) from None
    except NoFeed as wrong:
        raise HTTPException(404, str(wrong)) from None
    except (KafkaError, BadFeed) as wrong:
        raise _not_now(wrong) from None


def _not_now(wrong: Exception) -> HTTPException:
    told = str(wrong) if isinstance(wrong, Refused) else "the feed cannot be read now"
    return HTTPException(503, told, {"Retry-After": "5"})


async def _wait_for(served: Served, limiter: CapacityLimiter, reader: Reader, limit: int, seconds: float) -> list[Read]:
    """Items as soon as there are any, or none after so many seconds."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        try:
            found = await to_thread.run_sync(reader.read, limit, SLICE_SECONDS, limiter=limiter)
        except (KafkaError, BadFeed) as wrong:
            raise _not_now(wrong) from None
        if found or loop.time() >= until or served.stopping.is_set():
            return found


async def _made(make: Callable[[T], bytes], what: T, limiter: CapacityLimiter) -> bytes:
    """The bytes of an answer; while PostgreSQL is away there is none."""
    try:
        return await to_thread.run_sync(make, what, limiter=limiter)
    except SQLAlchemyError as wrong:
        raise _not_now(wrong) from None


async def _events(
    served: Served, limiter: CapacityLimiter, reader: Reader, over: Callable[[], None]
) -> AsyncIterator[bytes]:
    """Server-Sent Events until the other side leaves, the feed fails or the connector stops; then `over` is told."""
    try:
        yield b": the feed follows\n\n"
        while not served.stopping.is_set():
            found = await _wait_for(served, limiter, reader, 1, SILENCE_SECONDS)
            for one in found:
                yield _sent(reader.cursor, one.item.reason, await _made(served.answering.one, one, limiter))
            if not found:
                yield b": silence\n\n"
    except HTTPException:
        return  # the other side comes back with its last id
    finally:
        reader.close()
        over()


def _sent(cursor: str, name: str, data: bytes) -> bytes:
    return b"id: " + cursor.encode() + b"\nevent: " + name.encode() + b"\ndata: " + data + b"\n\n"
