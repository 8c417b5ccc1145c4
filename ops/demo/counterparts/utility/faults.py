"""What shall go wrong, and how often."""

from __future__ import annotations

from threading import Lock

ASKED = ("500", "429", "409", "503", "hang")
"""When it is asked something. `hang`: it takes what it is told, and does not answer in time."""

TELLING = ("twice", "reordered", "forged", "skewed", "lost")
"""When it tells something: an event is told twice, after the next one, with a wrong signature, by a clock that is an
hour off, never."""

KINDS = (*ASKED, *TELLING)


class Faults:
    """Faults that are still to happen. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left: dict[str, int] = {}

    def set(self, kind: str, times: int) -> None:
        """A fault happens so many times from now on; 0 takes it back."""
        if kind not in KINDS:
            raise ValueError(f"there is no fault {kind}; there are {', '.join(KINDS)}")
        with self._lock:
            self._left[kind] = times

    def happens(self, kind: str) -> bool:
        """Whether it happens now; counts it."""
        with self._lock:
            left = self._left.get(kind, 0)
            self._left[kind] = max(0, left - 1)
            return left > 0

    def left(self) -> dict[str, int]:
        with self._lock:
            return {kind: times for kind, times in self._left.items() if times}
