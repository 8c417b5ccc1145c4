"""What goes wrong, so many times: "wecom 45009" (a code), "dingtalk 500" (a status), "feishu lost" (taken, and no
answer in time), "mail 451" (a reply to the recipient), "mail lost"."""

from __future__ import annotations

import threading

STATUSES = frozenset({"429", "500", "502", "503"})


class Trouble:
    """Any thread may ask; each trouble is used up. `skew`: seconds by which the robots' clock is fast."""

    def __init__(self, hang_seconds: float) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, int] = {}
        self.hang_seconds, self.skew = hang_seconds, 0.0

    def expect(self, troubles: dict[str, int]) -> None:
        with self._lock:
            self._left |= troubles

    def happens(self, what: str) -> bool:
        with self._lock:
            left = self._left.get(what, 0)
            self._left[what] = max(0, left - 1)
            return left > 0

    def status(self, who: str) -> int:
        """An HTTP status to answer with; 0: none."""
        return next((int(code) for code in self._codes(who) if code in STATUSES and self.happens(f"{who} {code}")), 0)

    def code(self, who: str) -> int:
        """A code to answer with; 0: none."""
        found = (code for code in self._codes(who) if code not in STATUSES and code.lstrip("-").isdigit())
        return next((int(code) for code in found if self.happens(f"{who} {code}")), 0)

    def _codes(self, who: str) -> list[str]:
        with self._lock:
            named = [what.split(" ") for what, left in self._left.items() if left]
        return [code for name, code in named if name == who]
