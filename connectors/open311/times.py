"""Times as GeoReport writes them: the W3C profile of ISO 8601, always with a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)")
_UNQUOTED_PLUS = re.compile(r" (\d\d:\d\d)$")


class BadTime(ValueError):
    """A text that is no time with a zone; the message is one sentence."""


def read(text: str) -> int:
    """UTC microseconds. A plus sign that a careless URL has turned into a space is taken for one. Raises BadTime."""
    plain = _UNQUOTED_PLUS.sub(r"+\1", text.strip())
    if not _W3C.fullmatch(plain):
        raise BadTime("is no time with a zone as in 2026-11-27T08:00:00Z or 2026-11-27T16:00:00+08:00")
    try:
        return (datetime.fromisoformat(plain) - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        raise BadTime("is no moment of the calendar") from None


def write(at: int, zone: tzinfo) -> str:
    """UTC microseconds in whole seconds, with the offset of the zone."""
    return (_EPOCH + timedelta(seconds=at // SECOND)).astimezone(zone).isoformat()
