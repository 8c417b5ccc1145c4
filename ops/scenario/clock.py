"""The clock of a scenario: it stands still until the script moves it, and never goes back."""

from __future__ import annotations


class SimulatedClock:
    """UTC microseconds; called like the real clock, by every processor of one namespace."""

    def __init__(self, start: int) -> None:
        self._now = start

    def __call__(self) -> int:
        return self._now

    def move_to(self, moment: int) -> None:
        """Go on to a moment; an earlier one changes nothing."""
        self._now = max(self._now, moment)
