"""The hub's one clock."""

from __future__ import annotations

import time


def utc_now() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000
