"""All connectors of a hub in one process: born, watched, paused and started again as operators wish, ended in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.exc import SQLAlchemyError

from connectors.department import Loaded
from connectors.running import states
from connectors.running.around import Around
from connectors.running.connector import Connector
from connectors.running.signals import Bell
from connectors.running.states import PAUSED, RUNNING, STOPPED, Wish

BEAT_SECONDS = 1.0


class Fleet:
    """One thread calls `start`, `watch` and `stop`; any may look at `connectors`."""

    def __init__(self, departments: Sequence[Loaded], around: Around) -> None:
        self._around = around
        self.connectors: Mapping[str, Connector] = {one.name: Connector(one, around) for one in departments}
        self._wishes: dict[str, Wish] = {}
        self.started = False

    def start(self) -> None:
        """Every connector that is not wished paused starts; one that fails is no reason for the others not to."""
        for name, connector in self.connectors.items():
            loaded = connector.loaded
            with self._around.engine.begin() as c:
                states.born(c, name, loaded.kind.name, loaded.head.org, self._around.clock())
                self._wishes[name] = states.wish(c, name)
            if self._wishes[name].wanted == PAUSED:
                connector.stop(PAUSED)
            else:
                connector.start()
        self.started = True

    def watch(self, bell: Bell) -> None:
        """Look after them each second, until the bell says stop."""
        while not bell.stopped:
            try:
                self.look()
            except SQLAlchemyError as wrong:
                self._around.log.warning("heartbeats wait for PostgreSQL", reason=type(wrong).__name__)
            bell.wait(BEAT_SECONDS)

    def look(self) -> None:
        """Do what is wished, say how each one is."""
        for name, connector in self.connectors.items():
            with self._around.engine.begin() as c:
                wish = states.wish(c, name)
            self._follow(connector, self._wishes[name], wish)
            self._wishes[name] = wish
            now, standing = self._around.clock(), connector.standing()
            with self._around.engine.begin() as c:
                states.beat(c, name, standing, now)
            self._around.metrics.heartbeat.labels(name).set(now / 1_000_000)

    def stop(self) -> None:
        """End all at once, each in order; say so."""
        if not self.connectors:
            return
        with ThreadPoolExecutor(len(self.connectors), thread_name_prefix="end") as pool:
            list(pool.map(lambda connector: connector.stop(STOPPED), self.connectors.values()))
        with self._around.engine.begin() as c:
            for name, connector in self.connectors.items():
                states.beat(c, name, connector.standing(), self._around.clock())

    def wish(self, name: str, wanted: str) -> None:
        """Write down that it is wanted running or paused."""
        with self._around.engine.begin() as c:
            states.want(c, name, wanted)

    def wish_restart(self, name: str) -> None:
        """Write down that it is to be started anew."""
        with self._around.engine.begin() as c:
            states.want_restart(c, name)

    def _follow(self, connector: Connector, before: Wish, now: Wish) -> None:
        """Make it as it is wished."""
        state = connector.standing().state
        if now.wanted == PAUSED and state != PAUSED:
            connector.stop(PAUSED)
        elif now.wanted == RUNNING and (state == PAUSED or now.restarts > before.restarts):
            connector.stop()
            connector.start()
        else:
            return
        self._around.log.info("connector follows a wish", connector=connector.name, wanted=now.wanted)
        with self._around.engine.begin() as c:
            loaded = connector.loaded
            states.born(c, connector.name, loaded.kind.name, loaded.head.org, self._around.clock())
