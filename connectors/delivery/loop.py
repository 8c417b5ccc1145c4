"""Delivering to one destination: rounds over what is due, one step of a case at a time, several cases at the same time
where the sink can.

An attempt is written down before it is made, its outcome after; what a kill leaves between the two is in doubt, and is
read back or tried again under the same key. Outcomes that come within a moment are written in one transaction: a slow
destination has one each, a fast one many. Cases are interleaved, so that one that fails holds up no other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import Sink
from connectors.delivery import letters, store
from connectors.delivery.attempt import Means, Outcome, Trying
from connectors.delivery.obligation import State
from connectors.delivery.patience import Breaker
from connectors.delivery.store import Due

ROUND = 200
"""Steps that are marked as attempted together; so many at most are in doubt after a kill."""
MOMENT_SECONDS = 0.1
"""So long at most an outcome waits to be written down with others, while further steps are tried."""
IDLE_SECONDS = 0.5
DATABASE_SECONDS = 1.0

Tried = tuple[Due, Outcome]


class Waiting(Protocol):
    """How the loop waits; connectors.running.signals.Bell does."""

    @property
    def stopped(self) -> bool: ...
    def wait(self, seconds: float) -> None: ...


class Delivering:
    """The loop of one destination. `breaker` may be looked at by other threads."""

    def __init__(self, destination: str, sink: Sink, means: Means) -> None:
        self._destination = destination
        self._means = means
        self._trying = Trying(destination, sink, means)
        self._at_once = means.patience.at_once if getattr(sink, "many_at_once", False) else 1
        self._pool = ThreadPoolExecutor(self._at_once, thread_name_prefix=f"{destination}-try")

    @property
    def breaker(self) -> Breaker:
        return self._trying.breaker

    def breaker_state(self) -> str:
        return self._trying.breaker_state()

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
        self._pool.shutdown()

    def round(self, bell: Waiting | None = None) -> bool:
        """Try what is due, once; returns whether anything was. Raises SQLAlchemyError."""
        state = self.breaker_state()
        if state == "open":
            return False
        left = deque(self._take(1 if state == "half-open" else ROUND))
        finished, count = deque[Tried](), len(left)
        trying = [self._pool.submit(self._try_all, left, finished, bell) for _ in range(min(self._at_once, count))]
        try:
            while wait(trying, MOMENT_SECONDS).not_done:
                self._settle(finished)
        finally:
            wait(trying)
        self._settle(finished)
        self._give_back(left)
        for one in trying:
            one.result()
        return count > 0

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

    def _give_back(self, left: Collection[Due]) -> None:
        """Their attempts were not made after all."""
        if left:
            with self._means.engine.begin() as c:
                store.write(c, [(one.id, one.obligation) for one in left], self._means.clock())

    def _try_all(self, left: deque[Due], finished: deque[Tried], bell: Waiting | None) -> None:
        """One thread's part of a round: what is left, until it is stopped or the breaker opens."""
        while not self._pauses(bell):
            try:
                one = left.popleft()
            except IndexError:
                return
            if not self._called_off(one):
                finished.append((one, self._trying.tried(one)))

    def _pauses(self, bell: Waiting | None) -> bool:
        return (bell is not None and bell.stopped) or self.breaker_state() == "open"

    def _settle(self, finished: deque[Tried]) -> None:
        """Write down what has come until now, and what follows from that for its cases."""
        if not finished:
            return
        tried = [finished.popleft() for _ in range(len(finished))]
        now, means = self._means.clock(), self._means
        with means.engine.begin() as c:
            store.write(c, [(one.id, outcome.obligation) for one, outcome in tried], now)
            store.record(c, [(one.id, outcome.obligation, outcome.code) for one, outcome in tried], now)
            taken = [(one, outcome.receipt) for one, outcome in tried if outcome.receipt is not None]
            store.know_their_numbers(c, self._destination, taken)
            for one, outcome in tried:
                if outcome.obligation.state is State.DEAD:
                    parked = 0 if one.timed else store.park_behind(c, self._destination, one)
                    letters.bury(c, self._destination, one, outcome.obligation, means.letter_key())
                    means.log.error(
                        "delivery failed for good", connector=self._destination, step=one.step, parked=parked
                    )
        for _, outcome in tried:
            means.metrics.deliveries.labels(self._destination, outcome.code).inc()
