"""Where a reader of a feed stands: for each partition the number of the last item and where the next one lies.

As text it is opaque: whoever gets one gives it back as it is, to the same feed. Pure.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from connectors.contract import Refused

_encode = msgspec.json.Encoder().encode


class BadCursor(Refused):
    """A text that is no cursor of this feed; one sentence."""


class Place(NamedTuple):
    """In one partition: the number of the last item that was read, and the offset behind it."""

    number: int = 0
    offset: int = 0


Cursor = Mapping[int, Place]


def beginning(partitions: int) -> dict[int, Place]:
    """Before the first item."""
    return dict.fromkeys(range(partitions), Place())


def text(subscription: str, cursor: Cursor) -> str:
    """The cursor as a text without spaces."""
    places = [cursor[partition] for partition in range(len(cursor))]
    return urlsafe_b64encode(_encode((subscription, places))).decode().rstrip("=")


def parse(told: str, subscription: str, partitions: int) -> dict[int, Place]:
    """The cursor of a text. Raises BadCursor."""
    try:
        raw = urlsafe_b64decode(told.encode("ascii") + b"=" * (-len(told) % 4))
        code, places = msgspec.json.decode(raw, type=tuple[str, list[Place]])
    except (ValueError, msgspec.DecodeError):
        raise BadCursor("This is no cursor: give one as it came, or read from the beginning.") from None
    if code != subscription:
        raise BadCursor(f"The cursor is of another feed, not of {subscription}.")
    if len(places) != partitions or any(min(place) < 0 for place in places):
        raise BadCursor("The cursor is not of this hub: read from the beginning.")
    return dict(enumerate(places))
