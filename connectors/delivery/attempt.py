"""One try of one step: read back where there is doubt, else delivered; and what its outcome says about the destination.

Any number of threads may try steps of different cases at the same time; the breaker is one for all of them.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import Busy, Delivery, Down, Receipt, Sink, Undelivered
from connectors.delivery import obligation, patience, untranslated
from connectors.delivery.bodies import Reading, opened
from connectors.delivery.obligation import Move, Obligation
from connectors.delivery.patience import CLOSED, Breaker, Patience
from connectors.delivery.store import Due
from connectors.delivery.untranslated import is_untranslated
from connectors.metrics import ConnectorMetrics


class Means(NamedTuple):
    """What delivering needs. `clock` gives UTC µs, `monotonic` seconds, `chance` a number in [0, 1)."""

    engine: Engine
    reading: Reading
    patience: Patience
    clock: Callable[[], int]
    monotonic: Callable[[], float]
    chance: Callable[[], float]
    letter_key: Callable[[], bytes]
    metrics: ConnectorMetrics
    log: Any


class Outcome(NamedTuple):
    """How a delivery stands after a try, the code under which the try is recorded, what the other side said."""

    obligation: Obligation
    code: str
    receipt: Receipt | None = None


class Trying:
    """Tries steps towards one destination."""

    def __init__(self, destination: str, sink: Sink, means: Means) -> None:
        self._destination = destination
        self._sink = sink
        self._means = means
        self._lock = threading.Lock()
        self.breaker: Breaker = CLOSED

    def breaker_state(self) -> str:
        """closed, open or half-open."""
        return self.breaker.state(self._means.monotonic())

    def tried(self, one: Due) -> Outcome:
        """Read it back where there is doubt, else deliver it. Raises SQLAlchemyError where our own database does not
        answer: that says nothing about the step, which stays in doubt."""
        now = one.obligation
        try:
            if obligation.next_move(now, self._sink.reads_back) is Move.READ_BACK:
                receipt = self._sink.read_back(self._delivery(one, now.attempts))
                now = obligation.found(now, receipt)
                if receipt is not None:
                    return Outcome(now, "confirmed", receipt)
            now = obligation.attempted(now)
            delivery = self._delivery(one, now.attempts)
            receipt = self._deliver(delivery)
        except Undelivered as wrong:
            now = obligation.failure(
                now, wrong, self._means.patience, self._means.chance(), reads_back=self._sink.reads_back
            )
            self._mind(now, wrong)
            return Outcome(now, obligation.code(wrong))
        except SQLAlchemyError:
            raise
        except Exception as wrong:  # noqa: BLE001  whatever a connector does, only this case may wait for it
            self._means.log.error("connector broke", connector=self._destination, step=one.step, where=place_of(wrong))
            return Outcome(obligation.broken(now, type(wrong).__name__), "broken")
        self.breaker = CLOSED
        return self._confirmed(delivery, obligation.taken(now, receipt), receipt)

    def _deliver(self, delivery: Delivery) -> Receipt:
        if is_untranslated(delivery.step):
            return untranslated.deliver(self._sink, delivery, self._means.reading)
        return self._sink.deliver(delivery)

    def _confirmed(self, delivery: Delivery, now: Obligation, receipt: Receipt) -> Outcome:
        """Look whether what was acknowledged is there, where that can be seen."""
        if receipt.nothing or not self._sink.reads_back or is_untranslated(delivery.step):
            return Outcome(now, "acknowledged", receipt)
        try:
            seen = self._sink.read_back(delivery)
        except Undelivered:
            return Outcome(now, "acknowledged", receipt)
        now = obligation.found(now, seen)
        number = seen.their_number if seen is not None else None
        return Outcome(now, now.state.value, Receipt(receipt.their_number or number, receipt.detail))

    def _mind(self, now: Obligation, wrong: Undelivered) -> None:
        """What a failure says about the destination as a whole, where it says anything about that."""
        if not wrong.whole:
            return
        monotonic = self._means.monotonic()
        with self._lock:
            before = self.breaker
            match wrong:
                case Down():
                    self.breaker = patience.failed(before, self._means.patience, monotonic, self._means.chance())
                case Busy():
                    self.breaker = patience.busy(before, monotonic, now.wait)
                case _:
                    self.breaker = CLOSED
            rests = isinstance(wrong, Down) and self.breaker.rests > before.rests
        if rests:
            self._means.log.warning("destination is left alone", connector=self._destination, reason=str(wrong))

    def _delivery(self, one: Due, attempt: int) -> Delivery:
        """What is handed to the sink: references opened now. Raises BadData."""
        body = opened(one.body, self._means.reading, one.subject.id)
        return Delivery(
            one.key, self._destination, one.subject, one.seq, one.step, attempt, body, their_number=one.their_number
        )


def place_of(wrong: BaseException) -> str:
    """Type and place of an error, without its text: that may repeat what was to be delivered."""
    frames = traceback.extract_tb(wrong.__traceback__)
    last = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(wrong).__name__}{last}"
