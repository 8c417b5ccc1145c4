"""The master key and what is derived from it. Only this module and `masterfile` ever hold it.

From the 32 bytes of the master key come, by HKDF-SHA256, one root for wrapping keys and one for looking up. Each stored
key is wrapped by a key of its own, derived from the root and its id, so that the number of wrapped keys is not bounded
by the randomness of nonces, and no wrapped key can stand in for another.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ops.vault.errors import Unreadable

NONCE: Final = 12


def _derive(key: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"threecross vault " + use).derive(key)


class MasterKey:
    """32 random bytes in use. Its repr tells nothing."""

    __slots__ = ("_lookup", "_wrap", "fingerprint")

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError(f"a master key has 32 bytes, not {len(key)}")
        self._wrap = _derive(key, b"wrap")
        self._lookup = _derive(key, b"lookup")
        self.fingerprint = _derive(key, b"fingerprint")
        """32 bytes that recognise the key and do not reveal it."""

    def __repr__(self) -> str:
        return "MasterKey(...)"

    def lookup(self, parts: Sequence[object]) -> bytes:
        """32 bytes under which something is found again without being stored: HMAC-SHA256 of a canonical array."""
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        return hmac.digest(self._lookup, text.encode(), "sha256")

    def wrap(self, key_id: bytes, key: bytes) -> bytes:
        """`key` encrypted, to be stored under `key_id`."""
        return encrypt(hmac.digest(self._wrap, key_id, "sha256"), key, key_id)

    def unwrap(self, key_id: bytes, wrapped: bytes) -> bytes:
        """The key. Raises Unreadable when it was wrapped under another id or master key, or changed."""
        return decrypt(hmac.digest(self._wrap, key_id, "sha256"), wrapped, key_id)


def encrypt(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """AES-256-GCM: 12 random bytes of nonce, ciphertext, 16 bytes of tag. `context` must be the same at decryption."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """The plaintext. Raises Unreadable when key, bytes or context do not fit."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], context)
    except (InvalidTag, ValueError):
        raise Unreadable("The vault cannot read an entry: its stored bytes have been changed.") from None
