"""The Confluent frame: a zero byte, the schema id as 4 bytes big-endian, then one Avro record.

Source: Confluent's wire format, https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/
"""

from typing import Final, Literal

MAGIC: Final = 0
FRAME_LENGTH: Final = 5

Reason = Literal["not-a-frame", "unknown-schema", "truncated", "trailing-bytes", "bad-value"]


class Unreadable(Exception):
    """Bytes that are no event of this contract. The only error that decoding raises.

    `reason` is a stable word, `detail` one sentence without any content of the record; `schema_id` is the id in the
    frame, or None when there is no frame.
    """

    def __init__(self, reason: Reason, detail: str, schema_id: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Final = reason
        self.detail: Final = detail
        self.schema_id: Final = schema_id


class Unwritable(ValueError):
    """A record that its schema cannot hold (a missing value, a text that is no UUID, a number out of range)."""


def frame(schema_id: int) -> bytes:
    """The 5 bytes in front of each record of this schema."""
    return bytes((MAGIC,)) + schema_id.to_bytes(4, "big")


def schema_id_of(value: bytes) -> int:
    """The schema id in the frame; Unreadable("not-a-frame") when there is none."""
    if not value or len(value) < FRAME_LENGTH or value[0] != MAGIC:
        raise Unreadable("not-a-frame", "The value does not start with a zero byte and a 4-byte schema id.")
    return int.from_bytes(value[1:FRAME_LENGTH], "big")
