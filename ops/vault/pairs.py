"""Key pairs for sealed messages: processors get the public key, the private one never leaves the vault."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, text

from ops.vault.errors import NotInVault, Unreadable, VaultError
from ops.vault.keys import MasterKey
from ops.vault.tables import vault_key_pairs as table
from schemas.wire import sealing


def known_public_key(c: Connection) -> bytes | None:
    """The newest public key, without any secret; None before the first pair was made."""
    newest = select(table.c.public).order_by(table.c.created_at.desc(), table.c.key_id).limit(1)
    found = c.scalar(newest)
    return None if found is None else bytes(found)


def public_key(c: Connection, master: MasterKey) -> bytes:
    """The newest public key; the first call makes the pair."""
    if found := known_public_key(c):
        return found
    c.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))  # of several first calls one makes it
    return known_public_key(c) or _make(c, master)


def _make(c: Connection, master: MasterKey) -> bytes:
    pair = sealing.generate_keypair()
    name = sealing.key_id(pair.public)
    c.execute(insert(table).values(key_id=name, public=pair.public, wrapped=master.wrap(name, pair.private)))
    return pair.public


def opened(c: Connection, master: MasterKey, sealed: bytes) -> bytes | VaultError:
    """The original bytes of a sealed dead letter, or why they cannot be had."""
    try:
        name = sealing.sealed_for(sealed)
        wrapped = c.scalar(select(table.c.wrapped).where(table.c.key_id == name))
        if wrapped is None:
            return NotInVault("The dead letter was sealed for a key that this vault does not hold.")
        return sealing.open_sealed(master.unwrap(name, wrapped), sealed, sealing.DEAD_LETTER)
    except sealing.CannotOpen as error:
        return Unreadable(f"The dead letter cannot be opened: {error}.")
    except Unreadable as error:
        return error
