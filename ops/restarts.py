"""When to start again what has ended: at once, then ever later, then no more. Pure: the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """Seconds to wait before each restart in a row; after so many a further failure is the last.

    What ran for `healthy_after` seconds starts with a clean record when it ends.
    """

    delays: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0)
    healthy_after: float = 30.0


class Restarts:
    """The record of one process."""

    def __init__(self, policy: RestartPolicy) -> None:
        self._policy = policy
        self.failures = 0

    def next_start(self, started: float, ended: float) -> float | None:
        """When to start again after a run from `started` to `ended` (monotonic seconds); None: no more."""
        if ended - started >= self._policy.healthy_after:
            self.failures = 0
        self.failures += 1
        if self.failures > len(self._policy.delays):
            return None
        return ended + self._policy.delays[self.failures - 1]
