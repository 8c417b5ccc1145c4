"""Capsules: what is personal crosses only sealed to its reader, good once, for a while, for one case.

The sealed message is that of schemas.wire.sealing (HPKE, X25519). Its info is `CAPSULE`, the capsule's id, the moment
at which it expires and the case, so that nobody can give it another id, another date or another case. The reader opens
an id once, records who looked, and refuses a second time.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import msgspec

from connectors.batches.batch import Capsule
from schemas import ids
from schemas.wire import sealing

CAPSULE = "threecross capsule"


class CannotOpen(ValueError):
    """A capsule that may not be opened, or not any more; `code`, and a sentence without its content."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def capsule_id(key: str) -> str:
    """The id under which the capsule of a delivery is good once; the same whenever it is sealed again."""
    return ids.uuid5(ids.canonical(["capsule", key]))


def sealed(public_key: bytes, key: str, case: str, content: dict[str, Any], expires_at: int) -> Capsule:
    """Seal personal content for the holder of the private key."""
    name = capsule_id(key)
    message = sealing.seal(public_key, msgspec.json.encode(content), _info(name, expires_at, case))
    return Capsule(name, expires_at, b64encode(message).decode())


def opened(private_key: bytes, capsule: Capsule, case: str, now: int) -> dict[str, Any]:
    """What is in a capsule that came to us. Raises CannotOpen."""
    if now >= capsule.expires_at:
        raise CannotOpen("capsule-expired", "its capsule has expired")
    try:
        message = b64decode(capsule.sealed, validate=True)
        plain = sealing.open_sealed(private_key, message, _info(capsule.id, capsule.expires_at, case))
        return msgspec.json.decode(plain, type=dict[str, Any])
    except (sealing.CannotOpen, ValueError):
        raise CannotOpen("capsule-not-ours", "its capsule cannot be opened with our key for this case") from None


def _info(name: str, expires_at: int, case: str) -> bytes:
    return ids.canonical([CAPSULE, name, expires_at, case])
