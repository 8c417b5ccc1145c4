"""Delivering to one destination, in one thread: rounds over what is due, one step of a case at a time.

An attempt is written down before it is made, its outcome after; what a kill leaves between the two is in doubt, and is
read back or tried again under the same key. Cases are interleaved, so that one that fails holds up no other.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import Busy, Delivery, Down, Receipt, Sink, Undelivered
from connectors.delivery import letters, obligation, patience, store, untranslated
from connectors.delivery.bodies import Reading, opened
from connectors.delivery.obligation import Move, Obligation, State
from connectors.delivery.patience import CLOSED, Breaker, Patience
from connectors.delivery.store import Due
from connectors.delivery.untranslated import is_untranslated
from connectors.metrics import ConnectorMetrics

ROUND = 50
"""Steps that are marked as attempted together; so many at most are in doubt after a kill."""
IDLE_SECONDS = 0.5
DATABASE_SECONDS = 1.0


class Waiting(Protocol):
    """How the loop waits; connectors.running.signals.Bell does."""

    @property
    def stopped(self) -> bool: ...
    def wait(self, seconds: float) -> None: ...


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


class Delivering:
    """The loop of one destination. `breaker` may be looked at by other threads."""

    def __init__(self, destination: str, sink: Sink, means: Means) -> None:
        self._destination = destination
        self._sink = sink
        self._means = means
        self.breaker: Breaker = CLOSED

    def run(self, bell: Waiting) -> None:
        """Deliver until it is stopped. A database that does not answer is waited for."""
        while not bell.stopped:
            try:
                busy = self.round(bell)
            except SQLAlchemyError as wrong:
                self._means.log.warning("deliveries wait for PostgreSQL", reason=type(wrong).__name__)
                bell.wait(DATABASE_SECONDS)
                continue
            if not busy:
                bell.wait(IDLE_SECONDS)

    def breaker_state(self) -> str:
        return self.breaker.state(self._means.monotonic())

    def round(self, bell: Waiting | None = None) -> bool:
        """Try what is due, once; returns whether anything was."""
        state = self.breaker_state()
        if state == "open":
            return False
        waiting = self._take(1 if state == "half-open" else ROUND)
        for number, one in enumerate(waiting):
            if (bell is not None and bell.stopped) or self.breaker_state() == "open":
                self._give_back(waiting[number:])
                break
            if not self._called_off(one):
                self._settle(one, self._tried(one))
        return bool(waiting)

    def _take(self, limit: int) -> list[Due]:
        """What is due, as it stood before; in the table all of it is marked as attempted. What has been called off
        between the two is left out."""
        with self._means.engine.begin() as c:
            found = store.due(c, self._destination, self._means.clock(), limit)
            marked = store.mark_attempted(c, [one.id for one in found])
        return [one for one in found if one.id in marked]

    def _called_off(self, one: Due) -> bool:
        """Whether it has been called off while others were tried."""
        if one.unless is None:
            return False
        with self._means.engine.begin() as c:
            return store.called_off(c, one.id)

    def _give_back(self, waiting: Sequence[Due]) -> None:
        """Their attempts were not made after all."""
        with self._means.engine.begin() as c:
            for one in waiting:
                store.write(c, one.id, self._means.clock(), one.obligation)

    def _tried(self, one: Due) -> Outcome:
        """Read it back where there is doubt, else deliver it."""
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
        """What a failure says about the destination as a whole."""
        monotonic = self._means.monotonic()
        match wrong:
            case _ if not wrong.whole:
                pass
            case Down():
                before = self.breaker
                self.breaker = patience.failed(before, self._means.patience, monotonic, self._means.chance())
                if self.breaker.rests > before.rests:
                    self._means.log.warning("destination is left alone", connector=self._destination, reason=str(wrong))
            case Busy():
                self.breaker = patience.busy(self.breaker, monotonic, now.wait)
            case _:
                self.breaker = CLOSED

    def _delivery(self, one: Due, attempt: int) -> Delivery:
        """What is handed to the sink: references opened now. Raises BadData."""
        body = opened(one.body, self._means.reading, one.subject.id)
        return Delivery(
            one.key, self._destination, one.subject, one.seq, one.step, attempt, body, their_number=one.their_number
        )

    def _settle(self, one: Due, outcome: Outcome) -> None:
        """Write down what came of it, and what follows from that for its case."""
        now, means = self._means.clock(), self._means
        with means.engine.begin() as c:
            store.write(c, one.id, now, outcome.obligation)
            store.record(c, one.id, outcome.obligation.attempts, now, outcome.code, outcome.obligation.detail)
            if outcome.receipt is not None:
                store.know_their_number(c, self._destination, one, outcome.receipt)
            if outcome.obligation.state is State.DEAD:
                parked = 0 if one.timed else store.park_behind(c, self._destination, one)
                letters.bury(c, self._destination, one, outcome.obligation, means.letter_key())
                means.log.error("delivery failed for good", connector=self._destination, step=one.step, parked=parked)
        means.metrics.deliveries.labels(self._destination, outcome.code).inc()


def place_of(wrong: BaseException) -> str:
    """Type and place of an error, without its text: that may repeat what was to be delivered."""
    frames = traceback.extract_tb(wrong.__traceback__)
    last = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(wrong).__name__}{last}"
