"""Orders into their table: once each, whatever is tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, ClassVar

from psycopg import Connection

from connectors.contract import BadData, Delivery, FileContent, Item, Receipt, Step
from connectors.exchange import statements
from connectors.exchange.link import Link
from connectors.exchange.settings import Exchange
from connectors.exchange.translate import order_columns
from connectors.tasks import orders


class Orders:
    """The sink: a row an order; the unique key is that of the delivery."""

    reads_back: ClassVar[bool] = True

    def __init__(self, config: Exchange, org: str, zone: tzinfo, link: Link, clock: Callable[[], int]) -> None:
        self._config = config
        self._org = org
        self._zone = zone
        self._link = link
        self._clock = clock
        self._read = statements.read_order(config.out)

    def translate(self, item: Item) -> list[Step]:
        """The orders of an item."""
        return orders.steps(self._config.orders, self._org, item)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Write the row and its files in one transaction; a row with this key stays as it is."""
        columns = order_columns(self._config.out, delivery.key, delivery.body, self._clock(), self._zone)
        statement = statements.write_order(self._config.out, columns)
        with self._link.transaction() as connection:
            row = connection.execute(statement, [*columns.values(), self._config.out.states.new]).fetchone()
            if row is None:
                return Receipt(detail="the row was there already")
            self._write_files(connection, delivery)
            return Receipt(detail=f"row {row[0]}")

    def _write_files(self, connection: Connection[tuple[Any, ...]], delivery: Delivery) -> None:
        made = self._config.files_out
        given = [one for one in delivery.body.get("evidence", ()) if isinstance(one, FileContent)]
        if made is None or not given:
            return
        statement = statements.write_file(made)
        for number, file in enumerate(given, 1):
            name = f"{number}.{file.media_type.rpartition('/')[2].partition('+')[0]}"
            connection.execute(statement, [delivery.key, name, file.media_type, file.content])

    def read_back(self, delivery: Delivery) -> Receipt | None:
        """The row as it stands there, and how far they are with it. One that they refused is bad data."""
        with self._link.transaction() as connection:
            row = connection.execute(self._read, [delivery.key]).fetchone()
        if row is None:
            return None
        serial, state, number = row
        states = self._config.out.states
        if state in (states.refused, states.noted):
            raise BadData(f"they have refused row {serial} of {self._config.out.table}: its reason stands there")
        told = {states.new: "not read yet", states.read: "read", states.acknowledged: "acknowledged"}
        return Receipt(number, f"row {serial}, {told.get(state, 'in a state that the department file does not name')}")
