"""Nonces of signed messages, kept as long as such a message could be believed.

A nonce belongs to the body that came with it first. The same body again is a repetition: it was taken, or whoever was
taking it was killed. Another body under it is an attack, or a sender that counts badly: it is refused.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from connectors.tables import connector_nonces as table

Met = Literal["new", "unfinished", "taken", "other"]


class Nonces:
    """The nonces of one connector; any thread, any process. Times are UTC µs of the connector's clock."""

    def __init__(self, engine: Engine, connector: str, keep_seconds: float) -> None:
        self._engine, self._connector = engine, connector
        self._keep = round(keep_seconds * 1_000_000)

    def meet(self, nonce: str, digest: str, now: int) -> Met:
        """What this nonce is with this body; a new one is kept, those that nobody would believe any more are not."""
        mine = table.c.connector == self._connector
        values = {"connector": self._connector, "nonce": nonce, "digest": digest, "met_at": now, "taken": False}
        made = insert(table).values(values).on_conflict_do_nothing().returning(table.c.nonce)
        with self._engine.begin() as c:
            c.execute(delete(table).where(mine, table.c.met_at < now - self._keep))
            if c.scalar(made) is not None:
                return "new"
            query = select(table.c.digest, table.c.taken).where(mine, table.c.nonce == nonce)
            row = c.execute(query).one_or_none()
        if row is None or row.digest != digest:
            return "other"
        return "taken" if row.taken else "unfinished"

    def taken(self, nonce: str) -> None:
        """What came with it is in Kafka."""
        mine = table.c.connector == self._connector, table.c.nonce == nonce
        with self._engine.begin() as c:
            c.execute(update(table).where(*mine).values(taken=True))
