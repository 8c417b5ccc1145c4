"""A batch: numbered within its lane, chained to the one before it, signed, whole.

A batch is one file of JSON lines in UTF-8, each line ended by a line feed:

    line 1   the manifest
    line 2   the signature (Ed25519) of `MANIFEST` and the bytes of line 1, with the name of the key
    others   as many lines as the manifest counts

Promise: what `opened` gives is what its sender signed, whole; anything else is a BadBatch with its reason. The name of
a file proves nothing. Pure but for the signature.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Lane = Literal["regular", "urgent"]
"""regular: closed at each interval · urgent: one line each, at once."""

LANES: tuple[Lane, ...] = ("regular", "urgent")
MANIFEST = b"threecross batch manifest\n"
"""What the signature of a manifest begins with, so that it is good for nothing else."""

LARGEST = 16 << 20
"""Bytes of the largest file that is read."""


class BadBatch(Exception):
    """A file that is no batch to be trusted; `code` and one sentence without content. `claims`: lane and number that
    it says it has, which nobody vouches for."""

    def __init__(self, code: str, why: str, claims: tuple[Lane, int] | None = None) -> None:
        super().__init__(why)
        self.code = code
        self.claims = claims


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sender signs. `previous`: digest of the batch with the number before, null for the first; `made_at`: UTC
    microseconds; `interval_seconds`: when the next one is due (0: whenever there is something); `content`: SHA-256 of
    the bytes behind line 2."""

    format: Literal["threecross-batch-1"]
    sender: str
    receiver: str
    lane: Lane
    number: int
    previous: str | None
    made_at: int
    interval_seconds: int
    count: int
    content: str


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Line 2: the first 16 hex digits of SHA-256 of the public key, and the signature in base64."""

    key: str
    signature: str


class Capsule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Personal content, sealed to the receiver (see capsule.py): good once, under `id`, until `expires_at`."""

    id: str
    expires_at: int
    sealed: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing said. `key`: the same for the same thing, whenever it is said; `case`: the sender's name of the case;
    `n`: 1, 2, 3 … within this case and lane; `kind` and `body`: what; `capsule`: what is personal, sealed."""

    key: str
    case: str
    n: int
    kind: str
    body: dict[str, Any] = {}
    capsule: Capsule | None = None


class Batch(NamedTuple):
    """A batch that is what its sender signed. A line that cannot be read is its reason."""

    manifest: Manifest
    digest: str
    lines: tuple[Line | str, ...]
    raw: tuple[bytes, ...]


_encode = msgspec.json.Encoder(order="deterministic").encode


def key_name(public: Ed25519PublicKey) -> str:
    """The name by which a signature says which key it is of."""
    return sha256(public.public_bytes_raw()).hexdigest()[:16]


def signed(content: bytes, use: bytes, key: Ed25519PrivateKey) -> bytes:
    """The line behind `content` that signs it for `use`, without line feed."""
    signature = b64encode(key.sign(use + content)).decode()
    return _encode(Signature(key_name(key.public_key()), signature))


def verify(content: bytes, use: bytes, line: bytes, keys: Mapping[str, Ed25519PublicKey]) -> None:
    """Raises BadBatch unless `line` is the signature of `content` for `use` by one of the keys."""
    try:
        found = msgspec.json.decode(line, type=Signature)
        signature = b64decode(found.signature, validate=True)
    except ValueError:  # of msgspec and of base64
        raise BadBatch("bad-signature", "its second line is no signature") from None
    key = keys.get(found.key)
    if key is None:
        raise BadBatch("bad-signature", "it is signed with a key that is not the sender's")
    try:
        key.verify(signature, use + content)
    except InvalidSignature:
        raise BadBatch("bad-signature", "its signature does not fit what it says") from None


def packed(manifest: Manifest, lines: Sequence[Line], key: Ed25519PrivateKey) -> tuple[bytes, str]:
    """The bytes of a batch, and its digest. `count` and `content` are filled in here."""
    content = b"".join(_encode(line) + b"\n" for line in lines)
    whole = msgspec.structs.replace(manifest, count=len(lines), content=sha256(content).hexdigest())
    head = _encode(whole)
    return b"\n".join([head, signed(head, MANIFEST, key), content]), sha256(head).hexdigest()


def opened(raw: bytes, keys: Mapping[str, Ed25519PublicKey], sender: str, receiver: str) -> Batch:
    """The batch in the bytes of a file. Raises BadBatch."""
    head, _, rest = raw.partition(b"\n")
    signature, feed, content = rest.partition(b"\n")
    manifest = _manifest(head)
    claims = (manifest.lane, manifest.number)
    try:
        if not feed:
            raise BadBatch("truncated", "it ends before its signature does")
        verify(head, MANIFEST, signature, keys)
        _check(manifest, content, sender, receiver)
    except BadBatch as bad:
        raise BadBatch(bad.code, str(bad), claims) from None
    lines = tuple(content.split(b"\n")[:-1])
    return Batch(manifest, sha256(head).hexdigest(), tuple(_line(line) for line in lines), lines)


def _manifest(head: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(head, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadBatch("no-manifest", "its first line is no manifest") from None
    if found.number < 1 or found.count < 0:
        raise BadBatch("wrong-manifest", "its numbers are below what they can be")
    return found


def _check(manifest: Manifest, content: bytes, sender: str, receiver: str) -> None:
    if (manifest.sender, manifest.receiver) != (sender, receiver):
        raise BadBatch("wrong-manifest", "it is from somebody else, or for somebody else")
    if not (content.endswith(b"\n") or not content) or content.count(b"\n") < manifest.count:
        raise BadBatch("truncated", f"it has fewer than the {manifest.count} lines that its manifest counts")
    if content.count(b"\n") > manifest.count:
        raise BadBatch("wrong-manifest", f"it has more than the {manifest.count} lines that its manifest counts")
    if sha256(content).hexdigest() != manifest.content:
        raise BadBatch("wrong-manifest", "its lines are not those of its manifest")


def _line(raw: bytes) -> Line | str:
    try:
        return msgspec.json.decode(raw, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "bad-line"
