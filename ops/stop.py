"""The wish that a hub ends, from a signal, another thread or a test."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Somebody's wish that the hub ends: once is in order, twice is at once."""

    def __init__(self) -> None:
        self.requested = threading.Event()
        self.hastened = threading.Event()
        self._interrupts = False

    def press(self) -> None:
        """Wish it once more."""
        (self.hastened if self.requested.is_set() else self.requested).set()

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Inside, a signal also raises KeyboardInterrupt in the main thread: for work that cannot look at events."""
        self._interrupts = True
        try:
            yield
        finally:
            self._interrupts = False

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.press()
        if self._interrupts:
            raise KeyboardInterrupt

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Inside, Ctrl-C, SIGTERM and a closed terminal press; main thread only."""
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
