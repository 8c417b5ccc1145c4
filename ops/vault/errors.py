"""What the vault can answer instead of content. No message repeats content, names or numbers."""

from __future__ import annotations


class VaultError(Exception):
    """Base of all errors of the vault; the text is one sentence for the user."""


class TooLarge(VaultError, ValueError):
    """A text or file above its limit; a ValueError, so that a connector can tell it from a fault of the vault."""


class NotAllowed(VaultError):
    """The role may not see this kind of entry for this purpose."""


class NotInVault(VaultError):
    """No entry or person with this reference."""


class Erased(VaultError):
    """It was here and has been erased for ever."""


class Unreadable(VaultError):
    """The stored bytes or the digest do not fit: somebody changed them."""


class MasterKeyMissing(VaultError):
    """The database holds entries, the file with the master key is gone."""


class MasterKeyUnusable(VaultError):
    """The file with the master key is damaged, open to others, or belongs to another vault."""
