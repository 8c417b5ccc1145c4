"""The cross-walk to the codes of the police, as the reference has it, for connectors: read anew once a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog

from ops.embedded.problem import ServerProblem
from ops.reference import stored
from schemas.events import PoliceCode
from schemas.wire.settings import HubSettings, KafkaSettings

log = structlog.get_logger(__name__)

GOOD_FOR = 60.0
"""Seconds for which what was read is used."""


class CrossWalk:
    """Every line that is in force; where Kafka does not answer, those that were read before. Threads may share it."""

    def __init__(
        self, kafka: KafkaSettings, hub: HubSettings, clock: Callable[[], int], monotonic: Callable[[], float]
    ) -> None:
        self._kafka = kafka
        self._hub = hub
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._lines: tuple[PoliceCode, ...] = ()
        self._read_at: float | None = None

    def __call__(self) -> Sequence[PoliceCode]:
        """The lines, each with the days on which it holds."""
        with self._lock:
            now = self._monotonic()
            if self._read_at is None or now - self._read_at >= GOOD_FOR:
                self._lines, self._read_at = self._read(), now
            return self._lines

    def _read(self) -> tuple[PoliceCode, ...]:
        try:
            reference = stored.stored(self._kafka, self._hub)
        except ServerProblem as wrong:
            log.warning("cross-walk not read", reason=str(wrong))
            return self._lines
        return tuple(reference.in_force(self._clock()).items(PoliceCode))
