"""An acknowledgement: what became of a batch, line by line, and which batches are asked for again.

One JSON object and its signature, a line each, in a file of its own. It is good for the batch whose digest it names;
the same batch may be acknowledged again, and the acknowledgement that was made last counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from connectors.batches.batch import BadBatch, Lane, signed, verify

ACKNOWLEDGEMENT = b"threecross batch acknowledgement\n"
"""What the signature of an acknowledgement begins with."""

Outcome = Literal["taken", "quarantined", "waiting"]
LineOutcome = Literal["accepted", "refused", "waiting"]
"""waiting: an earlier line of its case has not come; the batch is acknowledged again when it has."""


class LineVerdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one line: `line` counts from 1, `reason` is a code, `number` the receiver's own of the case."""

    line: int
    key: str
    outcome: LineOutcome
    reason: str | None = None
    number: str | None = None


class Acknowledgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`outcome`: taken, quarantined (with `reason`, a code), or waiting for a number before it; `again`: numbers of the
    lane that are asked for again."""

    format: Literal["threecross-acknowledgement-1"]
    sender: str
    receiver: str
    lane: Lane
    number: int
    digest: str | None
    outcome: Outcome
    made_at: int
    reason: str | None = None
    again: tuple[int, ...] = ()
    lines: tuple[LineVerdict, ...] = ()


_encode = msgspec.json.Encoder(order="deterministic").encode


def packed(said: Acknowledgement, key: Ed25519PrivateKey) -> bytes:
    """The bytes of its file."""
    head = _encode(said)
    return b"\n".join([head, signed(head, ACKNOWLEDGEMENT, key), b""])


def opened(raw: bytes, keys: Mapping[str, Ed25519PublicKey], sender: str, receiver: str) -> Acknowledgement:
    """The acknowledgement in the bytes of a file. Raises BadBatch."""
    head, _, rest = raw.partition(b"\n")
    signature, feed, behind = rest.partition(b"\n")
    if not feed or behind:
        raise BadBatch("truncated", "an acknowledgement has two lines")
    verify(head, ACKNOWLEDGEMENT, signature, keys)
    try:
        found = msgspec.json.decode(head, type=Acknowledgement)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadBatch("no-acknowledgement", "its first line is no acknowledgement") from None
    if (found.sender, found.receiver) != (sender, receiver):
        raise BadBatch("wrong-manifest", "it is from somebody else, or for somebody else")
    return found
