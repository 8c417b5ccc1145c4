"""API keys: random, shown once, kept as a hash. Pure.

A key has 256 random bits, so a plain SHA-256 of it tells nobody what it was; slow hashes are for what people choose.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256

PREFIX = "tcf_"
RANDOM_BYTES = 32


def key_of(random: bytes) -> str:
    """The key made of so many random bytes. Raises ValueError for another number of them."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a key is made of {RANDOM_BYTES} random bytes, not of {len(random)}")
    return PREFIX + urlsafe_b64encode(random).decode().rstrip("=")


def hashed(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode()).hexdigest()


def is_known(key: str, kept: Iterable[str]) -> bool:
    """Whether it is one of these; all are compared, each in constant time."""
    mine = hashed(key)
    return bool(sum(hmac.compare_digest(mine, other) for other in kept))
