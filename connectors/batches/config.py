"""[batches] of a department's file."""

from __future__ import annotations

import msgspec

from connectors.contract import Secret


class TheirCategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a category of theirs means here."""

    scheme: str
    version: str
    code: str


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two one-way folders, the names and keys of both sides, and how patient each is."""

    outgoing: str
    """Folder out of which a carrier takes what is for them."""

    incoming: str
    """Folder into which a carrier puts what is from them."""

    us: str
    """Our name in manifests."""

    them: str
    """Their name in manifests."""

    signing_key: Secret
    """Our Ed25519 key, 32 bytes in hex."""

    opening_key: Secret
    """Our X25519 key, 32 bytes in hex: capsules that come are sealed for it."""

    their_signing_keys: tuple[str, ...]
    """Their public Ed25519 keys, 32 bytes in hex; two while they change theirs."""

    their_sealing_key: str
    """Their public X25519 key, 32 bytes in hex: capsules that leave are sealed for it."""

    system: str
    """What their case numbers are called here; it makes the ids of their cases: never change it."""

    interval_seconds: int = 900
    """A regular batch is closed so often, even when it is empty; it says so in its manifest."""

    patience_seconds: int = 3600
    """A batch that is not acknowledged is sent again after so long; a number that is missing holds up no longer."""

    capsule_seconds: int = 86_400
    """A capsule may be opened for so long."""

    reports_as: str = "operator"
    """Role in which they report what they hand over to the hotline."""

    categories: dict[str, TheirCategory] = {}
    """Their categories in terms of ours."""

    def __post_init__(self) -> None:
        if self.interval_seconds < 1 or self.patience_seconds < self.interval_seconds or self.capsule_seconds < 1:
            raise ValueError("seconds must be at least 1, and patience_seconds no less than interval_seconds")
        for key in (*self.their_signing_keys, self.their_sealing_key):
            if len(key) != 64 or set(key) - set("0123456789abcdef"):
                raise ValueError("a public key is 64 hexadecimal digits")
