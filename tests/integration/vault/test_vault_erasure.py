"""Erasing: what can be read no more, and what stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from ops.vault import (
    Erased,
    NotAllowed,
    NotInVault,
    Vault,
    open_vault,
)
from ops.vault.tables import vault_keys, vault_lookups
from schemas.events import FileRef, TextRef
from tests.integration.vault.samples import DISPATCHER, OFFICER, PHOTO


def test_erasing_a_person_makes_theirs_unreadable_and_leaves_the_others(vault: Vault) -> None:
    gone, stays = vault.person("12345", {"phone": "1"}), vault.person("12345", {"phone": "2"})
    theirs: list[TextRef | FileRef] = [vault.put_text("mine", gone), vault.put_file(PHOTO, "image/jpeg", gone)]
    others = [vault.put_text("hers", stays), vault.put_text("nobody's")]
    assert vault.erase_person(gone, **OFFICER) == 3
    for ref in theirs:
        with pytest.raises(Erased):
            vault.get(ref.ref, **DISPATCHER)
    with pytest.raises(Erased):
        vault.get(gone, who="x", role="dispatcher", purpose="callback")
    assert [vault.get(ref, **DISPATCHER) for ref in others] == ["hers", "nobody's"]
    assert vault.looks(theirs[0].ref)[-1].outcome == "erased"
    assert vault.erase_person(gone, **OFFICER) == 0


def test_an_erased_person_takes_nothing_more_and_comes_back_as_somebody_new(vault: Vault) -> None:
    gone = vault.person("12345", {"phone": "3"})
    vault.erase_person(gone, **OFFICER)
    with pytest.raises(Erased):
        vault.put_text("late", gone)
    assert vault.person("12345", {"phone": "3"}) != gone


def test_erasing_destroys_the_key_itself(vault: Vault, database: Engine) -> None:
    gone = vault.person("12345", {"phone": "4"})
    vault.erase_person(gone, **OFFICER)
    with database.begin() as c:
        key = c.execute(select(vault_keys).where(vault_keys.c.key_id == gone)).one()
        left = c.scalar(select(func.count()).select_from(vault_lookups).where(vault_lookups.c.ref == gone))
    assert key.wrapped is None
    assert key.erased_at is not None
    assert left == 0


def test_erasing_needs_the_role_and_is_recorded_either_way(vault: Vault) -> None:
    person = vault.person("12345", {"phone": "5"})
    with pytest.raises(NotAllowed):
        vault.erase_person(person, who="zhang", role="dispatcher")
    assert vault.get(person, who="zhang", role="dispatcher", purpose="callback") == '{"phone": "5"}'
    vault.erase_person(person, **OFFICER)
    assert [look.outcome for look in vault.looks(person)] == ["not-allowed", "shown", "destroyed"]


def test_a_text_is_no_person_to_erase(vault: Vault) -> None:
    ref = vault.put_text("still here")
    with pytest.raises(NotInVault, match="no person"):
        vault.erase_person(ref.ref, **OFFICER)
    assert vault.get(ref, **DISPATCHER) == "still here"


def test_one_entry_can_be_erased_alone_with_or_without_a_person(vault: Vault) -> None:
    person = vault.person("12345", {"phone": "6"})
    first, second, third = vault.put_texts([("a", person), ("b", person), ("c", None)])
    assert [vault.erase_entry(ref.ref, **OFFICER) for ref in (first, third)] == [1, 1]
    for ref in (first, third):
        with pytest.raises(Erased):
            vault.get(ref, **DISPATCHER)
    assert vault.get(second, **DISPATCHER) == "b"


def test_an_entry_is_no_person_to_put_for(vault: Vault) -> None:
    with pytest.raises(NotInVault, match="no such person"):
        vault.put_text("x", vault.put_text("y").ref)


def test_an_alias_survives_reopening_and_an_erased_one_does_not_come_back(
    vault: Vault, database: Engine, key_file: Path
) -> None:
    alias = vault.alias("12345", "13700000000")
    again = open_vault(database, key_file)
    assert again.alias("12345", "13700000000") == alias
    again.erase_entry(alias, **OFFICER)
    assert again.alias("12345", "13700000000") != alias
