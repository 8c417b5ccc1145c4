"""When somebody who was too busy wants to be asked again."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds of Retry-After, which is a number or a date; a date is counted from the answer's own Date."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - parsedate_to_datetime(answer.headers["Date"])).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None
