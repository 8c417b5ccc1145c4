"""Headers of the hub's own records.

A fact carries where it came from: (epoch of the claims topic, offset of the claim, index of the fact, number of
facts of that claim). Positions compare lexicographically; takeover resumes behind the largest.
A dead letter carries the headers that Kafka Connect writes, so that its tools can read them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

POSITION = "position"
_LAYOUT = struct.Struct(">IQHh")
pack_position = _LAYOUT.pack
unpack_position = _LAYOUT.unpack


class Position(NamedTuple):
    """How far a partition of claims has been decided; `fact` is -1 where the claim led to none."""

    epoch: int
    offset: int
    fact: int
    facts: int


_position: Callable[[tuple[int, int, int, int]], Position] = partial(tuple.__new__, Position)
"""One for every fact that is folded: half the time of the class's own call."""
START = Position(0, -1, -1, 0)


def position_of(headers: tuple[tuple[str, bytes], ...]) -> Position:
    """The position that a fact carries. Raises ValueError when the record has none: it is not one of casework's."""
    for name, value in headers:
        if name == POSITION:
            epoch, offset, count, index = unpack_position(value)
            return _position((epoch, offset, index, count))
    raise ValueError("a fact without a position header: not written by casework")


def position_bytes(epoch: int, offset: int, index: int, count: int) -> bytes:
    """The 16 bytes of a position header."""
    return pack_position(epoch, offset, count, index)


ERROR_TOPIC = "__connect.errors.topic"
ERROR_PARTITION = "__connect.errors.partition"
ERROR_OFFSET = "__connect.errors.offset"
ERROR_STAGE = "__connect.errors.stage"
ERROR_REASON = "__connect.errors.exception.class.name"
ERROR_DETAIL = "__connect.errors.exception.message"


def dead_letter_headers(
    topic: str, partition: int, offset: int, stage: str, reason: str, detail: str
) -> list[tuple[str, bytes]]:
    """Headers of a dead letter; `detail` must not repeat personal content of the record."""
    return [
        (ERROR_TOPIC, topic.encode()),
        (ERROR_PARTITION, b"%d" % partition),
        (ERROR_OFFSET, b"%d" % offset),
        (ERROR_STAGE, stage.encode()),
        (ERROR_REASON, reason.encode()),
        (ERROR_DETAIL, detail.encode()),
    ]
