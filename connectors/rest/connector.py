"""One company's connector, put together."""

from __future__ import annotations

from typing import ClassVar

from connectors.contract import Delivery, Item, Made, Receipt, Step, Surroundings
from connectors.notebook import Notebook
from connectors.rest.asking import OpenOrders
from connectors.rest.callbacks import CallBacks
from connectors.rest.settings import Rest
from connectors.rest.translate import steps
from connectors.rest.transport import Orders


class WorkOrders:
    """The sink: orders and updates of one company."""

    reads_back: ClassVar[bool] = True
    many_at_once: ClassVar[bool] = True

    def __init__(self, config: Rest, around: Surroundings, orders: Orders, open_orders: OpenOrders) -> None:
        self._config, self._department, self._orders = config, around.department, orders
        self._open = open_orders

    def translate(self, item: Item) -> list[Step]:
        return steps(self._config, self._department.org, self._department.zone, item)

    def deliver(self, delivery: Delivery) -> Receipt:
        receipt = self._orders.deliver(delivery)
        if receipt.their_number is not None:
            self._open.told(receipt.their_number, ends=delivery.body.get("ends", False))
        return receipt

    def read_back(self, delivery: Delivery) -> Receipt | None:
        return self._orders.read_back(delivery)


def make(config: Rest, around: Surroundings) -> Made:
    """The connector of a company; it connects when it is first used."""
    token = around.secret(config.token) if config.token else None
    orders = Orders(config.url, config.orders_path, token, config.timeout_seconds)
    notes = Notebook(around.engine, around.department.name)
    open_orders = OpenOrders(notes, around.clock)
    call_backs = CallBacks(config, around, orders.events, notes, open_orders)
    return Made(WorkOrders(config, around, orders, open_orders), None, call_backs, orders.check, orders.close)
