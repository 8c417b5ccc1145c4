"""Which claims a subject has decided: 24 bytes each, the claim's id (16) and the head of its digest (8)."""

from __future__ import annotations

from binascii import unhexlify

ENTRY = 24
"""Bytes of one claim."""


def remember(claims: bytes, claim_id: str, digest: bytes) -> bytes:
    """The claims with one more; facts of one claim follow each other, so it is looked for at the end only."""
    entry = unhexlify(claim_id.replace("-", "")) + digest[:8]
    return claims if claims.endswith(entry) else claims + entry


def seen(claims: bytes, claim_id: str, digest: bytes) -> bool | None:
    """Whether this claim id was decided before: True with this content, False only with other content, None never."""
    key = unhexlify(claim_id.replace("-", ""))
    if claims.find(key) < 0:
        return None
    if _holds(claims, key + digest[:8]):
        return True
    return False if _holds(claims, key) else None


def _holds(claims: bytes, start: bytes) -> bool:
    """True when an entry of `claims` begins so; a match across two entries is none."""
    at = claims.find(start)
    while at > 0 and at % ENTRY:
        at = claims.find(start, at + 1)
    return at >= 0
