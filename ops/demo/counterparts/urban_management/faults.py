"""What shall go wrong, and how often."""

from __future__ import annotations

from threading import Lock

TABLES = ("half", "half-then-whole", "wrong-checksum", "twice", "same-number", "edited", "slow-commit", "refuse")
"""In the tables. `half`: a row that is never finished; `edited`: it is changed once the hub has read it; `slow-commit`:
its transaction stays open while later rows are written; `same-number`: another content under the number before."""

PUSH = ("500", "busy", "conflict", "hang", "refuse", "unreadable", "forgets")
"""When an order is pushed. `hang`: it is taken, and the answer comes too late; `forgets`: it is told to be taken, and
stands in no book."""

CALLING = ("twice", "replayed", "reordered", "forged", "skewed", "other-body")
"""When it calls back. `replayed`: the very same message again; `other-body`: the same nonce with another body."""

KINDS = tuple(dict.fromkeys((*TABLES, *PUSH, *CALLING)))


class Faults:
    """Faults that are still to happen. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left: dict[str, int] = {}

    def set(self, kind: str, times: int) -> None:
        """A fault happens so many times from now on; 0 takes it back. Raises ValueError."""
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
