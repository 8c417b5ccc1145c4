"""What somebody sees, or can change unseen, who has the tables without the master key."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from ops.vault import (
    MasterKeyMissing,
    MasterKeyUnusable,
    NotAllowed,
    NotInVault,
    Unreadable,
    Vault,
    message_name,
    open_vault,
)
from ops.vault.tables import vault_entries
from schemas.events import TextRef
from schemas.wire.sealing import DEAD_LETTER, generate_keypair, seal
from tests.integration.databases import fresh
from tests.integration.vault.samples import DISPATCHER, NAME, OFFICER, PHONE, PHOTO, STORY, raw


def test_no_table_holds_anything_in_clear(vault: Vault, database: Engine, dsn: str, key_file: Path) -> None:
    person = vault.person("12345", {"name": NAME, "phone": PHONE})
    vault.put_text(STORY, person)
    vault.put_text(f"{NAME} {PHONE}")
    photo = vault.put_file(PHOTO, "image/jpeg", person)
    alias = vault.alias("12345", PHONE)
    sealed = seal(vault.dead_letter_public_key(), STORY.encode(), DEAD_LETTER)
    vault.open_dead_letter(sealed, who="op", role="operator", purpose="repair")
    vault.get(photo, **DISPATCHER)
    vault.get(alias, who="csv", role="connector", purpose="delivery")
    vault.erase_entry(photo.ref, **OFFICER)
    found = raw(database)
    assert uuid.UUID(alias).bytes in found
    for planted in (NAME.encode(), PHONE.encode(), STORY.encode(), "赵大爷".encode(), b"4-302", b"FACE"):
        assert planted not in found
    assert bytes.fromhex(key_file.read_text()) not in found


def test_the_search_finds_what_somebody_stores_in_clear(vault: Vault, database: Engine) -> None:
    ref = vault.put_text(STORY)
    with database.connect() as c:
        c.execute(update(vault_entries).where(vault_entries.c.ref == ref.ref).values(sealed=STORY.encode()))
        c.commit()
    try:
        assert STORY.encode() in raw(database)
    finally:
        vault.erase_entry(ref.ref, **OFFICER)


def test_a_database_that_refuses_a_text_is_said_so_without_the_text(vault: Vault, database: Engine) -> None:
    with database.connect() as c:
        c.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(DBAPIError, match="read-only") as caught:
            vault.within(c).put_text(STORY)
    assert STORY not in str(caught.value)


def test_an_error_of_the_database_does_not_repeat_what_was_put(vault: Vault, database: Engine) -> None:
    with database.connect() as c:
        c.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(Exception, match="read-only") as caught:
            vault.within(c).alias("12345", "13611112222")
    assert "13611112222" not in str(caught.value)
    assert "hide_parameters" in str(caught.value) or "parameters hidden" in str(caught.value)


def test_changed_bytes_of_an_entry_are_noticed_and_recorded(vault: Vault, database: Engine) -> None:
    ref = vault.put_text(STORY)
    with database.begin() as c:
        sealed = c.scalar(select(vault_entries.c.sealed).where(vault_entries.c.ref == ref.ref)) or b""
        changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        c.execute(update(vault_entries).where(vault_entries.c.ref == ref.ref).values(sealed=changed))
    with pytest.raises(Unreadable, match="changed"):
        vault.get(ref, **DISPATCHER)
    assert vault.looks(ref.ref)[-1].outcome == "unreadable"


def test_exchanged_entries_keys_and_kinds_are_noticed(vault: Vault, database: Engine) -> None:
    person = vault.person("12345", {"phone": "10"})
    first, second = vault.put_texts([("to one", person), ("to all", person)])
    with database.begin() as c:
        sealed = c.scalar(select(vault_entries.c.sealed).where(vault_entries.c.ref == first.ref))
        c.execute(update(vault_entries).where(vault_entries.c.ref == second.ref).values(sealed=sealed))
        c.execute(update(vault_entries).where(vault_entries.c.ref == person).values(kind="text"))
    for ref in (second.ref, person):
        with pytest.raises(Unreadable):
            vault.get(ref, **DISPATCHER)


def test_a_reference_with_another_digest_is_noticed(vault: Vault) -> None:
    with pytest.raises(Unreadable, match="digest"):
        vault.get(TextRef(ref=vault.put_text(STORY).ref, digest=bytes(32)), **DISPATCHER)


def test_a_lost_master_key_is_said_clearly_and_no_new_one_is_made(
    vault: Vault, database: Engine, key_file: Path
) -> None:
    ref = vault.put_text("before")
    away = key_file.rename(key_file.with_suffix(".away"))
    with pytest.raises(MasterKeyMissing, match=r"vault\.key does not exist; restore it from your backup"):
        open_vault(database, key_file)
    assert not key_file.exists()
    away.rename(key_file)
    assert open_vault(database, key_file).get(ref, **DISPATCHER) == "before"


def test_the_master_key_of_another_vault_is_refused(vault: Vault, database: Engine, dsn: str, tmp_path: Path) -> None:
    with fresh(dsn) as other:
        open_vault(other, tmp_path / "vault.key")
    with pytest.raises(MasterKeyUnusable, match="not the one of this database"):
        open_vault(database, tmp_path / "vault.key")


def test_a_dead_letter_is_opened_by_its_role_and_every_attempt_recorded(vault: Vault) -> None:
    sealed = seal(vault.dead_letter_public_key(), STORY.encode(), DEAD_LETTER)
    with pytest.raises(NotAllowed):
        vault.open_dead_letter(sealed, **DISPATCHER)
    assert vault.open_dead_letter(sealed, who="op", role="operator", purpose="repair") == STORY.encode()
    assert [look.outcome for look in vault.looks(message_name(sealed))] == ["not-allowed", "shown"]


def test_what_is_no_dead_letter_of_this_vault_is_said_so(vault: Vault) -> None:
    operator = {"who": "op", "role": "operator", "purpose": "repair"}
    foreign = seal(generate_keypair().public, b"x", DEAD_LETTER)
    changed = bytearray(seal(vault.dead_letter_public_key(), b"x", DEAD_LETTER))
    changed[-1] ^= 1
    for sealed, error in ((foreign, NotInVault), (bytes(changed), Unreadable), (b"junk", Unreadable)):
        with pytest.raises(error):
            vault.open_dead_letter(sealed, **operator)
        assert [look.granted for look in vault.looks(message_name(sealed))][-1] is False
