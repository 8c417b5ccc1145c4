"""Reference data as connectors need it: the dated cross-walk to the codes of the police, the grid of a point, the grid
of a chat group, rosters.

Read from the reference topic as it stands. The first question waits for that; after a while it is read again beside
those who ask, who get what was read before: neither follows another load within seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog

from connectors.contract import Refused
from ops.embedded.problem import ServerProblem
from ops.reference import stored
from schemas.events import Grid, PoliceCode
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.reference import EMPTY, Reference, organisations, places
from streams.grids import grids_at

log = structlog.get_logger(__name__)
GOOD_FOR = 60.0
"""Seconds."""


class ReferenceNow:
    """What is in force; where Kafka does not answer, what was read before. Threads may share it."""

    def __init__(
        self, kafka: KafkaSettings, hub: HubSettings, clock: Callable[[], int], monotonic: Callable[[], float]
    ) -> None:
        self._kafka = kafka
        self._hub = hub
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._reference: Reference = EMPTY
        self._read_at: float | None = None
        self._was_read = False

    def police_codes(self) -> Sequence[PoliceCode]:
        """The lines of the cross-walk, each with the days on which it holds."""
        return tuple(self._now().in_force(self._clock()).items(PoliceCode))

    def grid_at(self, longitude: float, latitude: float) -> str | None:
        """Code of the finest grid at a point in CGCS2000/WGS-84; None where no grid is known to lie."""
        found = grids_at(self._now().in_force(self._clock()), longitude, latitude)
        return found[0].code if found else None

    def grid_of_group(self, system: str, group: str) -> Grid | None:
        """The grid to which a chat group belongs; None where it is not registered. Raises Refused where the list of
        groups could never be read: nobody should be told that his group is none."""
        now = self._now().in_force(self._clock())
        if not self._was_read:
            raise Refused("the list of chat groups cannot be read now")
        return places.grid(now, places.grid_of_chat_group(now, system, group))

    def on_duty(self, org: str, at: int) -> Sequence[str] | None:
        """Codes of the persons of an organisation who are on duty at a time (UTC µs); None where no roster speaks of
        that time."""
        return organisations.persons_on_duty(self._now().in_force(self._clock()), org, at)

    def _now(self) -> Reference:
        with self._lock:
            now = self._monotonic()
            if self._read_at is None:
                self._read()
            elif now - self._read_at >= GOOD_FOR:
                threading.Thread(target=self._read, name="reference", daemon=True).start()
            else:
                return self._reference
            self._read_at = now
            return self._reference

    def _read(self) -> None:
        try:
            self._reference = stored.stored(self._kafka, self._hub)
            self._was_read = True
        except ServerProblem as wrong:
            log.warning("reference not read", reason=str(wrong))
