"""Signatures as the hub's protocol has them: HMAC-SHA256 over key, digest of the body, nonce and moment."""

from __future__ import annotations

import hmac
from hashlib import sha256


def signed(app_key: str, secret: str, at: float, nonce: str, body: bytes) -> dict[str, str]:
    """Headers that sign a body at a moment (Unix seconds)."""
    fields = {"appKey": app_key, "body": sha256(body).hexdigest(), "nonce": nonce, "timestamp": str(round(at * 1000))}
    message = "&".join(f"{name}={value}" for name, value in sorted(fields.items()))
    signature = hmac.new(secret.encode(), message.encode(), sha256).hexdigest()
    names = {"X-App-Key": app_key, "X-Timestamp": fields["timestamp"], "X-Nonce": nonce}
    return {**names, "X-Signature": signature}
