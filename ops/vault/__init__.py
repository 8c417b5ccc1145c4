"""The vault: the only place that holds names, contacts, free text and files.

Everything personal is put here at the edge, before anything is produced; claims and facts carry random references and
salted digests. Each person has a key; erasing destroys it, and with it every entry of that person.

    vault = open_vault(engine, data_dir / "vault.key")
    ref = vault.put_text("The lamp at my door is out", person)      # TextRef for a claim
    vault.get(ref, who="zhang", role="dispatcher", purpose="dispatch")    # recorded, whether granted or not

`engine` comes from ops.database.engine for a schema that ops.database.migrate has prepared.
"""

from ops.vault.access import Access, load_access
from ops.vault.errors import (
    Erased,
    MasterKeyMissing,
    MasterKeyUnusable,
    NotAllowed,
    NotInVault,
    TooLarge,
    Unreadable,
    VaultError,
)
from ops.vault.looks import Look
from ops.vault.opening import open_vault
from ops.vault.store import Limits, Vault, message_name

__all__ = [
    "Access",
    "Erased",
    "Limits",
    "Look",
    "MasterKeyMissing",
    "MasterKeyUnusable",
    "NotAllowed",
    "NotInVault",
    "TooLarge",
    "Unreadable",
    "Vault",
    "VaultError",
    "load_access",
    "message_name",
    "open_vault",
]
