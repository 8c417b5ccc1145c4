"""How the threads of a connector wait: for a time, for something to do, or for the end."""

from __future__ import annotations

import threading


class Bell:
    """One thread waits, any thread rings; `stop` ends all waiting for good."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def ring(self) -> None:
        """There is something to do."""
        self._rung.set()

    def stop(self) -> None:
        """No more: every waiting ends at once."""
        self._stopped.set()
        self._rung.set()

    def wait(self, seconds: float) -> None:
        """Until it rings, at most so long."""
        self._rung.wait(seconds)
        if not self.stopped:
            self._rung.clear()
