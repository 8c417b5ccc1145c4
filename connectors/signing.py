"""Signatures of messages over HTTP: who sent this, unchanged, now and not before. Pure.

A sender signs its key, the moment, a nonce and the digest of the body. A receiver refuses what is not signed so, what
is older or younger than its window, and a nonce that came before with another body. The very same message again is no
attack but a repetition: whoever keeps the nonces (`connectors.nonces`) tells both apart.

`hmac-sha256` is the default. `md5` is what many platforms still ask for: it is a plain digest over the message with the
secret at its end, so whoever finds collisions of MD5 can have something else signed; use it only inside a closed line.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

Algorithm = Literal["hmac-sha256", "md5"]
Why = Literal["unknown-key", "forged", "late", "early", "replayed"]

SECOND = 1_000_000


class NotTrusted(Exception):
    """A message that is not taken for what it says to be. `why` is a closed word, for counters and answers."""

    def __init__(self, why: Why, sentence: str) -> None:
        super().__init__(sentence)
        self.why: Why = why


class Envelope(NamedTuple):
    """What stands around a body. `timestamp`: UTC microseconds, whatever unit the wire has."""

    app_key: str
    timestamp: int
    nonce: str
    signature: str = ""


class Headers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the headers around a signed body."""

    app_key: str = "X-App-Key"
    timestamp: str = "X-Timestamp"
    nonce: str = "X-Nonce"
    signature: str = "X-Signature"


class Keys(NamedTuple):
    """Who may sign. Several secrets while one is being replaced: the first signs, each of them is believed."""

    app_key: str
    secrets: tuple[str, ...]
    algorithm: Algorithm = "hmac-sha256"
    window_seconds: int = 300


def canonical(fields: Mapping[str, str]) -> bytes:
    """What is signed of fields: sorted by name, `a=1&b=2`, in UTF-8; empty ones do not count."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name]).encode()


def signature(algorithm: Algorithm, secret: str, message: bytes) -> str:
    """Hexadecimal signature of a message: lower case of an HMAC, upper case of MD5, as platforms write them."""
    if algorithm == "md5":
        return hashlib.md5(message + f"&secret={secret}".encode()).hexdigest().upper()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def digest(body: bytes) -> str:
    """The digest by which a body stands in what is signed."""
    return hashlib.sha256(body).hexdigest()


def sign(keys: Keys, timestamp: int, nonce: str, body: bytes) -> Envelope:
    """The envelope of a body. `timestamp`: UTC microseconds, signed in whole milliseconds."""
    made = Envelope(keys.app_key, timestamp, nonce)
    return made._replace(signature=signature(keys.algorithm, keys.secrets[0], _signed(made, body)))


def verify(keys: Keys, envelope: Envelope, body: bytes, now: int) -> None:
    """Raises NotTrusted. `now`: UTC microseconds. Nonces are the caller's: they must be remembered."""
    if not hmac.compare_digest(envelope.app_key.encode(), keys.app_key.encode()):
        raise NotTrusted("unknown-key", "nobody has this app key: ask the hub for yours")
    message = _signed(envelope, body)
    if not matches(keys.algorithm, keys.secrets, message, envelope.signature):
        raise NotTrusted("forged", "the signature does not fit: sign key, moment, nonce and the body's digest")
    check_moment(envelope.timestamp, now, keys.window_seconds)


def received(names: Headers, headers: Mapping[str, str]) -> Envelope:
    """The envelope in the headers of a request, whose names are in lower case. Raises NotTrusted where it is none."""

    def header(name: str) -> str:
        return headers.get(name.lower(), "").strip()

    timestamp, nonce = header(names.timestamp), header(names.nonce)
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15 and 0 < len(nonce) <= 100):
        raise NotTrusted("forged", f"{names.timestamp} in milliseconds and {names.nonce} must stand in the headers")
    return Envelope(header(names.app_key), int(timestamp) * 1_000, nonce, header(names.signature))


def written(names: Headers, envelope: Envelope) -> dict[str, str]:
    """An envelope as headers."""
    return {
        names.app_key: envelope.app_key,
        names.timestamp: str(envelope.timestamp // 1_000),
        names.nonce: envelope.nonce,
        names.signature: envelope.signature,
    }


def matches(algorithm: Algorithm, secrets: Sequence[str], message: bytes, given: str) -> bool:
    """Whether one of the secrets made this signature; takes the same time whatever is wrong."""
    found = [hmac.compare_digest(signature(algorithm, s, message).lower(), given.lower()) for s in secrets]
    return any(found)


def check_moment(timestamp: int, now: int, window_seconds: int) -> None:
    """Raises NotTrusted where a message was signed too long ago, or by a clock that is too far ahead."""
    away = (now - timestamp) // SECOND
    if away > window_seconds:
        raise NotTrusted("late", f"signed {away} s ago, more than {window_seconds}: send it again with a new signature")
    if -away > window_seconds:
        raise NotTrusted("early", f"signed {-away} s ahead of the hub's clock: set the clock right")


def _signed(envelope: Envelope, body: bytes) -> bytes:
    return canonical(
        {
            "appKey": envelope.app_key,
            "body": digest(body),
            "nonce": envelope.nonce,
            "timestamp": str(envelope.timestamp // 1_000),
        }
    )
