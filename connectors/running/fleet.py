"""All connectors of a hub in one process: born, watched, paused and started again as operators wish, ended in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from connectors import department, kinds
from connectors.contract import Refused
from connectors.department import Loaded
from connectors.running import states
from connectors.running.around import Around
from connectors.running.connector import Connector
from connectors.running.signals import Bell
from connectors.running.states import PAUSED, RUNNING, STOPPED, Wish

BEAT_SECONDS = 1.0


class Fleet:
    """One thread calls `start`, `watch` and `stop`; any may look at `connectors`. `joined` is told the name of each
    department that joins later."""

    def __init__(
        self, departments: Sequence[Loaded], around: Around, joined: Callable[[str], None] = lambda _name: None
    ) -> None:
        self._around = around
        self._joined = joined
        self.connectors: Mapping[str, Connector] = {one.name: Connector(one, around) for one in departments}
        self._wishes: Mapping[str, Wish] = {}
        self.started = False

    @property
    def folder(self) -> Path | None:
        """Folder of the departments' files."""
        return self._around.departments

    def start(self) -> None:
        """Every connector that is not wished paused starts; one that fails is no reason for the others not to."""
        for connector in self.connectors.values():
            self._born(connector)
        with self._around.engine.begin() as c:
            self._wishes = states.wishes(c)
        for name, connector in self.connectors.items():
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
        with self._around.engine.begin() as c:
            before, self._wishes = self._wishes, states.wishes(c)
        for name, wish in self._wishes.items():
            if name in self.connectors:
                self._follow(self.connectors[name], before.get(name, Wish()), wish)
            elif name not in before or wish.restarts > before[name].restarts:
                self._join(name)
        for name, connector in self.connectors.items():
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
        state, anew = connector.standing().state, now.restarts > before.restarts
        if now.wanted == PAUSED and state != PAUSED:
            connector.stop(PAUSED)
        elif now.wanted == RUNNING and (state == PAUSED or anew):
            connector.stop()
            self._start(connector, anew=anew)
        else:
            return
        self._around.log.info("connector follows a wish", connector=connector.name, wanted=now.wanted)
        self._born(connector)

    def _start(self, connector: Connector, *, anew: bool) -> None:
        """Start it; anew, with its file as it is now."""
        try:
            if anew and (loaded := self._read(connector.name, connector.loaded.kind.name)):
                connector.loaded = loaded
        except Refused as wrong:
            connector.fail(str(wrong))
        else:
            connector.start()

    def _join(self, name: str) -> None:
        """Start a department whose file came later; where there is none, or none that can be used, that is told."""
        try:
            loaded = self._read(name)
        except Refused as wrong:
            self._around.log.error("department cannot join", connector=name, reason=str(wrong))
            return
        if loaded is None:
            return
        connector = Connector(loaded, self._around)
        self.connectors = {**self.connectors, name: connector}
        self._joined(name)
        self._born(connector)
        connector.start()
        self._around.log.info("department joins", connector=name)

    def _read(self, name: str, kind: str | None = None) -> Loaded | None:
        """A department's file as it is now, its own kind imported anew; None where there is none. Raises Refused."""
        path = self.folder / f"{name}.toml" if self.folder is not None else None
        if path is None or not path.is_file():
            return None
        if kind is not None:
            kinds.forget(kind, path.parent)
        return department.load(path)

    def _born(self, connector: Connector) -> None:
        loaded = connector.loaded
        with self._around.engine.begin() as c:
            states.born(c, connector.name, loaded.kind.name, loaded.head.org, self._around.clock())
