"""What callers have sent to an endpoint, so that the same is taken once.

Promise: a post is kept before anything is done with it, under a number that is made of it alone. Sent again, it is the
same post with the same number, whatever happened in between.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, and_, func, insert, select, update

from connectors.open311.tables import posts
from connectors.open311.times import SECOND
from schemas import ids

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Post(NamedTuple):
    """What somebody has sent; `new` is false when it was sent before."""

    number: str
    token: str
    service_request_id: str
    received_at: int
    taken: bool
    new: bool


class Posts:
    """The posts of one endpoint. Threads may share it; each call is a transaction."""

    def __init__(self, engine: Engine, endpoint: str) -> None:
        self._engine = engine
        self._endpoint = endpoint

    def post(self, caller: str, key: str, now: int, same_for: int | None) -> Post:
        """What was sent under this key, kept before anything is done with it. The same key is the same post: for ever,
        or, where `same_for` is given, for so many seconds after it came."""
        of_key = and_(posts.c.endpoint == self._endpoint, posts.c.caller == caller, posts.c.key == key)
        with self._engine.begin() as c:
            c.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{self._endpoint} {caller} {key}", 0))))
            last = c.execute(select(posts).where(of_key).order_by(posts.c.part.desc()).limit(1)).first()
            if last is not None and (same_for is None or now - _micros(last.received_at) < same_for * SECOND):
                return _post(last, new=False)
            values = self._new_post(caller, key, last.part + 1 if last else 0, now)
            c.execute(insert(posts).values(values))
            return Post(values["number"], values["token"], values["service_request_id"], now, taken=False, new=True)

    def _new_post(self, caller: str, key: str, part: int, now: int) -> dict[str, Any]:
        number = sha256(ids.canonical([self._endpoint, caller, key, part])).hexdigest()[:32]
        return {
            "endpoint": self._endpoint,
            "caller": caller,
            "key": key,
            "part": part,
            "number": number,
            "token": ids.uuid5(ids.canonical(["token", self._endpoint, number])),
            "service_request_id": ids.case_id(self._endpoint, number),
            "received_at": _EPOCH + timedelta(microseconds=now),
            "taken": False,
        }

    def taken(self, token: str) -> None:
        """Kafka has acknowledged the claims of a post."""
        with self._engine.begin() as c:
            c.execute(
                update(posts).where(posts.c.endpoint == self._endpoint, posts.c.token == token).values(taken=True)
            )

    def of_token(self, token: str) -> Post | None:
        """The post of a token."""
        with self._engine.begin() as c:
            found = c.execute(select(posts).where(posts.c.endpoint == self._endpoint, posts.c.token == token)).first()
        return _post(found, new=False) if found else None

    def poster(self, service_request_id: str) -> str | None:
        """Who sent a request here first."""
        where = and_(posts.c.endpoint == self._endpoint, posts.c.service_request_id == service_request_id)
        with self._engine.begin() as c:
            return c.scalar(select(posts.c.caller).where(where).limit(1))


def _post(row: Row[Any], *, new: bool) -> Post:
    return Post(row.number, row.token, row.service_request_id, _micros(row.received_at), row.taken, new)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
