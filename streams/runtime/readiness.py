"""What a process can say of itself: which partitions it has, how far each has come, and whether all can work."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Readiness:
    """Ready once a first assignment has come and every assigned partition has been taken over and none is stopped."""

    assigned: bool = False
    partitions: dict[int, str] = field(default_factory=dict)
    trouble: str = ""

    def taking(self, partition: int, done: int, total: int) -> None:
        """A takeover has folded `done` of `total` facts."""
        share = 100 if total <= 0 else min(99, done * 100 // total)
        self.partitions[partition] = f"replaying {share} %"

    def working(self, partition: int) -> None:
        self.partitions[partition] = "working"

    def stopped(self, partition: int, reason: str) -> None:
        self.partitions[partition] = f"stopped: {reason}"

    def keep(self, partitions: set[int]) -> None:
        """Forgets partitions that are no longer ours."""
        self.assigned = True
        self.partitions = {p: s for p, s in self.partitions.items() if p in partitions}

    @property
    def ready(self) -> bool:
        return self.assigned and not self.trouble and all(s == "working" for s in self.partitions.values())

    def report(self) -> dict[str, object]:
        """For /readyz: `{ready, partitions: {number: words}, trouble}`."""
        words = {str(p): s for p, s in sorted(self.partitions.items())}
        return {"ready": self.ready, "partitions": words, "trouble": self.trouble}
