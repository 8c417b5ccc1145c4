"""One department's connector in operation: its threads, its doors, how it stands, starting and ending in order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from fastapi import APIRouter

from connectors import department
from connectors.contract import Made, Refused
from connectors.csvfile.files import Attachments
from connectors.delivery.attempt import Means, place_of
from connectors.delivery.loop import Delivering
from connectors.department import Loaded
from connectors.running import states
from connectors.running.around import Around, numbers_of, surroundings
from connectors.running.feeds import Feeding
from connectors.running.ledger import Ledger
from connectors.running.sender import Sender
from connectors.running.signals import Bell
from connectors.running.sources import Asking
from connectors.running.states import Standing
from connectors.running.taking import Taking
from connectors.store import inlet_of, opened

END_SECONDS = 8.0
"""Threads that are still busy then are left behind: what they do is safe against that."""


class Connector:
    """Start, stop, start again. `standing` may be asked by other threads."""

    def __init__(self, loaded: Loaded, around: Around) -> None:
        self.loaded = loaded
        self.name = loaded.name
        self.router: APIRouter | None = None
        self._around = around
        self._log = around.log.bind(connector=loaded.name)
        self._bells: list[Bell] = []
        self._threads: list[threading.Thread] = []
        self._doors = ExitStack()
        self._resources = ExitStack()
        self._state, self._detail = states.STOPPED, ""
        self._delivering: Delivering | None = None
        self._waiting: list[Feeding | Asking] = []

    def standing(self) -> Standing:
        """How it is now."""
        waits = next((one.detail for one in self._waiting if one.detail), "")
        breaker = self._delivering.breaker_state() if self._delivering else "closed"
        return Standing(self._state, self._detail or waits, breaker)

    def start(self) -> None:
        """Make it and start its threads. What fails is told by `standing`."""
        self._state, self._detail, self._waiting, self._delivering = states.RUNNING, "", [], None
        try:
            for secret in department.secrets(self.loaded.options):
                self._around.secret(secret)  # one that is missing is told now, not by the first call-back at night
            made = self.loaded.kind.make(self.loaded.options, surroundings(self._around, self.loaded))
            self._resources.callback(made.close)
            self._start(made)
        except Refused as wrong:
            self.fail(str(wrong))
        except Exception as wrong:  # noqa: BLE001  a connector that cannot be made must not end the others
            self.fail(f"it cannot be started: {place_of(wrong)}")

    def stop(self, state: str = states.STOPPED) -> None:
        """End its threads in order and free what it holds."""
        for bell in self._bells:
            bell.stop()
        self._doors.close()
        for thread in self._threads:
            thread.join(END_SECONDS)
        self._resources.close()
        self._bells, self._threads, self.router = [], [], None
        self._state = state

    def fail(self, detail: str) -> None:
        """It stands still, for this reason, until somebody mends it and starts it anew."""
        self._log.error("connector failed", reason=detail)
        self._state, self._detail = states.FAILED, detail
        for bell in self._bells:
            bell.stop()

    def _start(self, made: Made) -> None:
        if made.sink is not None and self.loaded.head.subscription is not None:
            self._start_sink(made)
        if made.source is not None:
            self._start_source(made)
        if made.inlet is not None:
            self._start_inlet(made)

    def _start_sink(self, made: Made) -> None:
        around, bell = self._around, Bell()
        assert made.sink is not None  # whoever calls has looked
        self._resources.enter_context(opened(around.engine, f"{self.name}.sink"))
        means = Means(
            *(around.engine, around.reading(self.loaded), self.loaded.patience, around.clock, around.monotonic),
            *(around.chance, around.vault.dead_letter_public_key, around.metrics, self._log),
        )
        self._delivering = Delivering(self.name, made.sink, means)
        topic = around.hub.topic(f"feed.{self.loaded.head.subscription}")
        feeding = Feeding(self.name, topic, around.kafka, around.engine, made.sink, around.clock, bell.ring, self._log)
        self._waiting.append(feeding)
        reading = Bell()
        self._thread("feed", reading, partial(feeding.run, reading))
        self._thread("deliver", bell, partial(self._delivering.run, bell))

    def _start_source(self, made: Made) -> None:
        assert made.source is not None  # whoever calls has looked
        bell, ledger = Bell(), self._ledger(f"{self.name}.source")
        look_up = partial(numbers_of, self._around, self.loaded)
        asking = Asking(self.name, made.source, ledger, look_up, self._around.metrics, self._log)
        self._waiting.append(asking)
        self._thread("source", bell, partial(asking.run, bell, self.loaded.head.poll_seconds))

    def _start_inlet(self, made: Made) -> None:
        assert made.inlet is not None  # whoever calls has looked
        taking, bell = Taking(self._ledger(inlet_of(self.name)), self._log), Bell()
        self._doors.callback(taking.stop)
        self._thread("take", bell, taking.run)
        self.router = made.inlet.routes(taking)
        made.inlet.start(taking)
        self._doors.callback(made.inlet.stop)

    def _ledger(self, name: str) -> Ledger:
        around = self._around
        store = self._resources.enter_context(opened(around.engine, name))
        sender = self._resources.enter_context(Sender(around.kafka, around.hub.topic("claims")))
        files = Attachments(around.folder / self.name)
        return Ledger(store, sender, around.vault, self.name, files.read)

    def _thread(self, part: str, bell: Bell, work: Callable[[], None]) -> None:
        def watched() -> None:
            try:
                work()
            except Refused as wrong:
                self.fail(str(wrong))
            except Exception as wrong:  # noqa: BLE001  the thread ends, and everybody must see why
                self.fail(f"its part {part} ended: {place_of(wrong)}")

        thread = threading.Thread(target=watched, name=f"{self.name}-{part}", daemon=True)
        self._bells.append(bell)
        self._threads.append(thread)
        thread.start()
