"""How fast the robots of messengers take messages, kept on our side so that they need not say no. Pure.

WeCom and DingTalk take 20 messages a minute, Feishu 100 a minute and 5 a second; sources stand in shapes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.notices.settings import Shape

SECOND = 1_000_000
LIMITS: dict[Shape, tuple[tuple[int, int], ...]] = {
    "wecom": ((20, 60),),
    "dingtalk": ((20, 60),),
    "feishu": ((5, 1), (100, 60)),
}
"""So many messages in so many seconds."""


def free_at(shape: Shape, sent: Sequence[int], now: int) -> int:
    """When another message may be sent, given the times of earlier ones in order; all in UTC µs."""
    full = [sent[-many] + span * SECOND for many, span in LIMITS[shape] if len(sent) >= many]
    return max([now, *full])


def remembered(shape: Shape, sent: Sequence[int]) -> list[int]:
    """The times of `sent` that still matter."""
    return list(sent[-max(many for many, _ in LIMITS[shape]) :])
