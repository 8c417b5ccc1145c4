"""Batches, acknowledgements and capsules as the format describes them, written from it alone."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

BATCH, ACKNOWLEDGEMENT = b"threecross batch manifest\n", b"threecross batch acknowledgement\n"
_HUB = uuid.UUID("e6b190da-e81e-5f35-a451-e8c1b3864b09")
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class NotTrusted(Exception):
    """A file or capsule that is not what it should be; the text is a code."""


class Keys(NamedTuple):
    """Ours to sign and to open with, the hub's to verify and to seal with."""

    signing: Ed25519PrivateKey
    opening: X25519PrivateKey
    theirs: Ed25519PublicKey
    sealing: X25519PublicKey


class Read(NamedTuple):
    """A batch that could be verified."""

    manifest: dict[str, Any]
    digest: str
    lines: list[dict[str, Any]]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _signed(head: bytes, use: bytes, key: Ed25519PrivateKey) -> bytes:
    name = hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]
    return head + b"\n" + _json({"key": name, "signature": b64encode(key.sign(use + head)).decode()}) + b"\n"


def _verified(raw: bytes, use: bytes, key: Ed25519PublicKey) -> tuple[bytes, bytes]:
    """(line 1, what stands behind line 2)."""
    parts = raw.split(b"\n", 2)
    if len(parts) < 3:
        raise NotTrusted("truncated")
    head, signature, rest = parts
    try:
        key.verify(b64decode(json.loads(signature)["signature"]), use + head)
    except (InvalidSignature, ValueError, KeyError, TypeError):
        raise NotTrusted("bad-signature") from None
    return head, rest


def batch(manifest: dict[str, Any], lines: Sequence[dict[str, Any]], key: Ed25519PrivateKey) -> tuple[bytes, str]:
    """Bytes and digest of a batch."""
    content = b"".join(_json(line) + b"\n" for line in lines)
    whole = {**manifest, "count": len(lines), "content": hashlib.sha256(content).hexdigest()}
    head = _json(whole)
    return _signed(head, BATCH, key) + content, hashlib.sha256(head).hexdigest()


def read_batch(raw: bytes, key: Ed25519PublicKey) -> Read:
    """A batch from the hub. Raises NotTrusted."""
    head, content = _verified(raw, BATCH, key)
    manifest = json.loads(head)
    if hashlib.sha256(content).hexdigest() != manifest["content"] or content.count(b"\n") != manifest["count"]:
        raise NotTrusted("truncated")
    lines = [json.loads(line) for line in content.split(b"\n")[:-1]]
    return Read(manifest, hashlib.sha256(head).hexdigest(), lines)


def acknowledgement(said: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Bytes of an acknowledgement of ours."""
    return _signed(_json({"format": "threecross-acknowledgement-1", **said}), ACKNOWLEDGEMENT, key)


def read_acknowledgement(raw: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """What the hub acknowledges. Raises NotTrusted."""
    found: dict[str, Any] = json.loads(_verified(raw, ACKNOWLEDGEMENT, key)[0])
    return found


def seal(key: X25519PublicKey, line: str, case: str, content: dict[str, Any], expires_at: int) -> dict[str, Any]:
    """A capsule for the hub, which belongs to one line."""
    name = _uuid(["capsule", line])
    heading = b"\x01" + hashlib.sha256(key.public_bytes_raw()).digest()[:8]
    info = heading + _json(["threecross capsule", name, expires_at, case])
    sealed = heading + _SUITE.encrypt(_json(content), key, info)
    return {"id": name, "expires_at": expires_at, "sealed": b64encode(sealed).decode()}


def unseal(key: X25519PrivateKey, capsule: dict[str, Any], case: str) -> dict[str, Any]:
    """What is in a capsule of the hub. Raises NotTrusted."""
    sealed = b64decode(capsule["sealed"])
    info = sealed[:9] + _json(["threecross capsule", capsule["id"], capsule["expires_at"], case])
    try:
        found: dict[str, Any] = json.loads(_SUITE.decrypt(sealed[9:], key, info))
    except InvalidTag:
        raise NotTrusted("capsule-not-ours") from None
    return found


def _uuid(parts: list[str]) -> str:
    """Version 5, its name being bytes of UTF-8."""
    digest = bytearray(hashlib.sha1(_HUB.bytes + _json(parts), usedforsecurity=False).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))


def put(path: Path, content: bytes) -> None:
    """A file that appears whole."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
