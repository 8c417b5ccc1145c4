"""Sealing bytes for one reader: whoever holds the public key can seal, only the private key opens.

Dead letters keep the original bytes of what could not be read, and those bytes may be personal. A processor therefore
holds the public key alone; the private key stays in the vault.

A sealed message is HPKE (RFC 9180, mode base, single shot) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM:

    byte 0       version of this layout, 1
    bytes 1-8    key id: the first 8 bytes of SHA-256 of the public key
    bytes 9-40   encapsulated key
    the rest     ciphertext and 16 bytes of tag

The 9 leading bytes are bound into the HPKE info, so that nobody can change them unseen.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

DEAD_LETTER = b"threecross dead letter"
"""The info of every sealed dead letter, wherever it is kept."""

OVERHEAD = 57
"""Bytes that sealing adds: 9 of heading, 32 of encapsulated key, 16 of tag."""

_VERSION = b"\x01"
_HEADING = 9
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class CannotOpen(ValueError):
    """A sealed message that this key does not open; the text says why, without its content."""


class KeyPair(NamedTuple):
    """Raw X25519 keys, 32 bytes each."""

    private: bytes
    public: bytes


def generate_keypair() -> KeyPair:
    """A new random key pair."""
    private = X25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def key_id(public_key: bytes) -> bytes:
    """The 8 bytes by which a sealed message names the key that opens it."""
    return hashlib.sha256(public_key).digest()[:8]


def seal(public_key: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal `plaintext` for the holder of the private key.

    `public_key` is 32 bytes, `info` names the use (for example DEAD_LETTER) and must be the same at opening. Twice the
    same plaintext gives different bytes. Raises ValueError for a key that is not a public key.
    """
    heading = _VERSION + key_id(public_key)
    return heading + _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public_key), heading + info)


def sealed_for(sealed: bytes) -> bytes:
    """The id of the key that opens this message. Raises CannotOpen when it is not a sealed message of this layout."""
    if len(sealed) < OVERHEAD:
        raise CannotOpen(f"not a sealed message: {len(sealed)} bytes, at least {OVERHEAD} are needed")
    if sealed[:1] != _VERSION:
        raise CannotOpen(f"a sealed message of layout {sealed[0]}, this program knows layout {_VERSION[0]}")
    return sealed[1:_HEADING]


def open_sealed(private_key: bytes, sealed: bytes, info: bytes) -> bytes:
    """The plaintext of `sealed`.

    Raises CannotOpen when it is no sealed message, was sealed for another key or another info, or was changed.
    """
    key = X25519PrivateKey.from_private_bytes(private_key)
    if sealed_for(sealed) != key_id(key.public_key().public_bytes_raw()):
        raise CannotOpen("sealed for another key")
    try:
        return _SUITE.decrypt(sealed[_HEADING:], key, sealed[:_HEADING] + info)
    except InvalidTag:
        raise CannotOpen("changed since it was sealed, or sealed for another use") from None
