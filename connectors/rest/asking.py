"""Orders of which news is expected; one of which nothing was heard for long is asked for: a call-back can be lost.

What a company says behind the end of its order can be lost too, so that an order that has ended is asked for once more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import Refused, Undelivered
from connectors.notebook import Notes

SECOND = 1_000_000
END_SECONDS = 5.0


class OpenOrders:
    """Since when nothing was heard of which order, and whether it has ended. Any thread may tell."""

    def __init__(self, notes: Notes, clock: Callable[[], int]) -> None:
        self._notes, self._clock = notes, clock

    def told(self, order: str, *, ends: bool) -> None:
        """The company was told something of an order."""
        self._notes.put({f"open/{order}": [self._clock(), ends]})

    def heard(self, order: str, *, ends: bool) -> None:
        """The company has told something. Only what the company is told opens an order again that has ended."""
        noted = self._notes.get(f"open/{order}")
        if noted is not None:
            self.told(order, ends=ends or noted[1])

    def silent(self, seconds: float) -> list[str]:
        """Orders of which nothing was heard for so long, the longest silence first."""
        since: dict[str, list[int]] = self._notes.under("open/")
        until = self._clock() - round(seconds * SECOND)
        return [order for order in sorted(since, key=lambda one: since[one][0]) if since[order][0] <= until]

    def has_ended(self, order: str) -> bool:
        """Whether the order has ended, and was not asked for since then."""
        noted = self._notes.get(f"open/{order}")
        return noted is not None and bool(noted[1])

    def asked(self, order: str, *, last: bool) -> None:
        """The company has been asked; for the `last` time, unless the order was opened again meanwhile."""
        noted = self._notes.get(f"open/{order}")
        if noted is not None:
            self._notes.put({f"open/{order}": None if last and noted[1] else [self._clock(), noted[1]]})


class Asking:
    """A thread that asks. `ask(order)` raises Undelivered or Refused; then all of them are asked later."""

    def __init__(self, orders: OpenOrders, seconds: float, ask: Callable[[str], None]) -> None:
        self._orders, self._seconds, self._ask = orders, seconds, ask
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="asking", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        while not self._ended.wait(self._seconds / 4):
            try:
                self.once()
            except (Undelivered, Refused, SQLAlchemyError):
                continue  # whoever is silent is asked again in the next round

    def once(self) -> None:
        """Ask for each order that is silent. Raises what `ask` raises."""
        for order in self._orders.silent(self._seconds):
            if self._ended.is_set():
                return
            last = self._orders.has_ended(order)
            self._ask(order)
            self._orders.asked(order, last=last)
