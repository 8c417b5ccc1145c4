"""Orders of which news is expected; one of which nothing was heard for long is asked for: a call-back can be lost."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import Refused, Undelivered
from connectors.notebook import Notes

SECOND = 1_000_000
END_SECONDS = 5.0


class OpenOrders:
    """Since when nothing was heard of which order. Any thread may tell."""

    def __init__(self, notes: Notes, clock: Callable[[], int]) -> None:
        self._notes, self._clock = notes, clock

    def told(self, order: str, *, ends: bool) -> None:
        """The company was told something of an order."""
        self._notes.put({f"open/{order}": None if ends else self._clock()})

    def heard(self, order: str, *, ends: bool) -> None:
        """The company has told something, or has been asked."""
        if self._notes.get(f"open/{order}") is not None:
            self.told(order, ends=ends)

    def silent(self, seconds: float) -> list[str]:
        """Orders of which nothing was heard for so long, the longest silence first."""
        since: dict[str, int] = self._notes.under("open/")
        until = self._clock() - round(seconds * SECOND)
        return [order for order in sorted(since, key=lambda one: since[one]) if since[order] <= until]


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
                self._round()
            except (Undelivered, Refused, SQLAlchemyError):
                continue  # whoever is silent is asked again in the next round

    def _round(self) -> None:
        for order in self._orders.silent(self._seconds):
            if self._ended.is_set():
                return
            self._ask(order)
            self._orders.heard(order, ends=False)
