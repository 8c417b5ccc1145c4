"""The file with the master key: created once, readable by its owner only, never replaced.

Without this file every entry of the vault is lost, so it belongs into the backup, apart from the database's.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ops.vault.errors import MasterKeyMissing, MasterKeyUnusable


def read_master(path: Path) -> bytes:
    """The 32 bytes in the file.

    Raises MasterKeyMissing when there is none, MasterKeyUnusable when others may read it or it is damaged.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise MasterKeyUnusable(f"The vault's master key {path} can be read by others; run: chmod 600 {path}")
        key = bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError:
        raise MasterKeyMissing(f"The vault's master key {path} does not exist; restore it from your backup.") from None
    except OSError as error:
        raise MasterKeyUnusable(f"The vault's master key {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        key = b""
    if len(key) != 32:
        raise MasterKeyUnusable(f"The vault's master key {path} is damaged; restore it from your backup.")
    return key


def create_master(path: Path) -> None:
    """Write a new random key where there is no file yet. Of several processes that try at once, one wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write(draft, secrets.token_bytes(32).hex() + "\n")
            _publish(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise MasterKeyUnusable(f"The vault's master key {path} cannot be created: {error.strerror}.") from None


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _publish(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # unlike a rename it never replaces a key that is there
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
