"""Which deliveries a council abroad has taken, and under which of its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from connectors.contract import Down
from connectors.open311.tables import orders

TOGETHER = 50


class Orders:
    """The orders to one council."""

    def __init__(self, engine: Engine, council: str) -> None:
        self._engine = engine
        self._council = council

    @contextmanager
    def _rows(self) -> Iterator[Connection]:
        """A transaction; a database that does not answer leaves a delivery in doubt, and nothing worse."""
        try:
            with self._engine.begin() as c:
                yield c
        except OperationalError as wrong:
            raise Down(f"the table of orders does not answer ({type(wrong).__name__})") from None

    def of(self, key: str) -> Row[Any] | None:
        """What is known of an order."""
        with self._rows() as c:
            return c.execute(select(orders).where(orders.c.council == self._council, orders.c.key == key)).first()

    def keep(self, key: str, token: str | None, number: str | None, now: int) -> None:
        """Remember what the council answered."""
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)
        values = {"council": self._council, "key": key, "token": token, "service_request_id": number, "ordered_at": at}
        made = insert(orders).values(values)
        told = {"token": made.excluded.token, "service_request_id": made.excluded.service_request_id}
        with self._rows() as c:
            c.execute(made.on_conflict_do_update(index_elements=["council", "key"], set_=told))

    def waiting(self) -> Sequence[Row[Any]]:
        """Orders that have a token and no number yet, the oldest first, so many as are asked about at once."""
        open_ones = and_(orders.c.council == self._council, orders.c.service_request_id.is_(None))
        query = select(orders).where(open_ones, orders.c.token.is_not(None)).order_by(orders.c.ordered_at)
        with self._rows() as c:
            return c.execute(query.limit(TOGETHER)).all()

    def keys(self, numbers: Sequence[str]) -> dict[str, str]:
        """Key of the order by the council's number."""
        where = and_(orders.c.council == self._council, orders.c.service_request_id.in_(set(numbers)))
        with self._rows() as c:
            rows = c.execute(select(orders.c.service_request_id, orders.c.key).where(where))
            return {number: key for number, key in rows if number is not None}

    def taken(self, numbers: list[str]) -> set[str]:
        """Which of these numbers belong to orders already."""
        where = and_(orders.c.council == self._council, orders.c.service_request_id.in_(numbers))
        with self._rows() as c:
            return set(c.execute(select(orders.c.service_request_id).where(where)).scalars())
