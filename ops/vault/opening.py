"""Opening the vault of a schema with the master key of a file, and only with that one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert as upsert

from ops.vault.access import Access, load_access
from ops.vault.errors import MasterKeyUnusable
from ops.vault.keys import MasterKey
from ops.vault.masterfile import create_master, read_master
from ops.vault.store import Limits, Vault
from ops.vault.tables import vault_master


def open_vault(engine: Engine, key_file: Path, *, access: Access | None = None, limits: Limits | None = None) -> Vault:
    """Open the vault of the engine's schema; the first opening creates the master key in `key_file`, mode 0600.

    Raises MasterKeyMissing when the file is gone though the database holds entries, MasterKeyUnusable when it is
    damaged, open to others, or another vault's.
    """
    with engine.begin() as c:
        if c.scalar(select(vault_master.c.fingerprint)) is None and not key_file.exists():
            create_master(key_file)
        master = MasterKey(read_master(key_file))
        c.execute(upsert(vault_master).values(id=1, fingerprint=master.fingerprint).on_conflict_do_nothing())
        known = c.scalar(select(vault_master.c.fingerprint))
    if known != master.fingerprint:
        raise MasterKeyUnusable(f"The master key {key_file} is not the one of this database; restore the right one.")
    return Vault(engine, master, access or load_access(), limits or Limits())
