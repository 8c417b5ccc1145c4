"""Signatures of webhooks, as the Standard Webhooks specification has them. Pure.

`webhook-signature` holds `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several, separated by spaces.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises ValueError where what follows `whsec_` is no base64."""
    return b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else secret.encode()


def headers(keys: Iterable[bytes], identity: str, seconds: int, body: bytes) -> dict[str, str]:
    """Headers of a message that is sent at a time (Unix seconds), signed with each key."""
    signed = " ".join(signature(key, identity, str(seconds), body) for key in keys)
    return {ID: identity, TIMESTAMP: str(seconds), SIGNATURE: signed}


def signature(key: bytes, identity: str, timestamp: str, body: bytes) -> str:
    """One signature."""
    content = f"{identity}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, content, sha256).digest()).decode()
