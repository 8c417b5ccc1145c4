"""Signed call-backs: HMAC-SHA256 over the time of sending and the body. Pure; the time is an argument.

`X-Timestamp` is in Unix seconds, `X-Signature` is `v1=` and hexadecimal digits; several, separated by commas, while a
company changes its secret. Who replays a call-back later than the window allows is refused by its time, who replays it
within is told what was answered before.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

TIMESTAMP = "X-Timestamp"
SIGNATURE = "X-Signature"
VERSION = "v1="

Why = Literal["unsigned", "forged", "skewed"]


class NotTrusted(Exception):
    """A call-back that is not believed; `why` is a code, the message one sentence."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why: Why = why


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What `X-Signature` says of a body that is sent at a time."""
    return VERSION + hmac.new(secret, timestamp.encode("ascii", "replace") + b"." + body, sha256).hexdigest()


def verify(
    secrets: Iterable[bytes], timestamp: str | None, signed: str | None, body: bytes, now: float, skew: float
) -> None:
    """Nothing where one of the secrets has signed it within `skew` seconds of `now`. Raises NotTrusted.

    All secrets and signatures are compared, each in constant time. The signature is looked at before the time, so that
    only who knows the secret learns about our clock.
    """
    if not timestamp or not signed:
        raise NotTrusted("unsigned", f"a call-back carries {TIMESTAMP} and {SIGNATURE}")
    given = [part.strip().encode() for part in signed.split(",")]
    wanted = [signature(secret, timestamp, body).encode() for secret in secrets]
    if not sum(hmac.compare_digest(one, other) for one in wanted for other in given):
        raise NotTrusted("forged", "the signature is not that of the agreed secret over timestamp and body")
    if not timestamp.isascii() or not timestamp.isdigit():
        raise NotTrusted("skewed", f"{TIMESTAMP} must be whole Unix seconds")
    if abs(now - int(timestamp)) > skew:
        raise NotTrusted(
            "skewed", f"it was sent {abs(now - int(timestamp)):.0f} s away from our clock; {skew:.0f} are allowed"
        )
