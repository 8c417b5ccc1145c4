"""Putting and looking: what goes in, who may see it, and that every look is recorded."""

from __future__ import annotations

import dataclasses
import uuid
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from connectors.contract import Draft, Personal
from connectors.contract import Vault as VaultOfConnectors
from connectors.references import TOGETHER, with_references
from ops.vault import (
    Erased,
    Limits,
    NotAllowed,
    NotInVault,
    TooLarge,
    Vault,
    open_vault,
)
from schemas.events import FileRef, HandBack, TextRef
from tests.builders import claim
from tests.integration.vault.samples import DISPATCHER, NAME, OFFICER, PHONE, PHOTO, STORY, rows


def test_what_was_put_comes_back_to_who_may_see_it(vault: Vault) -> None:
    note, photo = vault.put_text(STORY), vault.put_file(PHOTO, "image/jpeg")
    assert vault.get(note, **DISPATCHER) == STORY
    assert vault.get(photo, **DISPATCHER) == PHOTO
    assert vault.get(note.ref, **DISPATCHER) == STORY
    assert (photo.media_type, photo.size, len(photo.digest)) == ("image/jpeg", len(PHOTO), 32)


def test_the_vault_is_what_connectors_ask_for(vault: Vault) -> None:
    asked: VaultOfConnectors = vault
    person = asked.person("12345", PHONE)
    assert asked.person("12345", PHONE) == person
    assert [type(ref) for ref in asked.put_texts([("a", person), ("b", None)])] == [TextRef, TextRef]


def test_many_texts_come_back_in_their_order(vault: Vault) -> None:
    person = vault.person("app", {"phone": "13900000001"})
    texts = [(f"text {n} 文", person if n % 3 else None) for n in range(300)]
    refs = vault.put_texts(texts)
    assert [vault.get(ref, **DISPATCHER) for ref in refs[::37]] == [content for content, _ in texts[::37]]
    assert len({ref.ref for ref in refs}) == len({ref.digest for ref in refs}) == 300
    assert vault.put_texts([]) == []


def test_the_same_text_twice_has_nothing_in_common(vault: Vault) -> None:
    first, second = vault.put_text("OK"), vault.put_text("OK")
    assert first.ref != second.ref
    assert first.digest != second.digest


@pytest.mark.parametrize(
    ("role", "purpose"),
    [("party", "dispatch"), ("dispatcher", "audit"), ("nobody", "check"), ("", ""), ("Dispatcher", "dispatch")],
)
def test_a_wrong_role_or_purpose_is_refused_and_recorded(vault: Vault, role: str, purpose: str) -> None:
    ref = vault.put_text(STORY)
    with pytest.raises(NotAllowed, match="may not look at a text"):
        vault.get(ref, who="li", role=role, purpose=purpose)
    [look] = vault.looks(ref.ref)
    assert (look.who, look.role, look.purpose, look.kind) == ("li", role, purpose, "text")
    assert (look.granted, look.outcome) == (False, "not-allowed")


def test_every_look_is_recorded_with_who_role_purpose_and_time(vault: Vault) -> None:
    ref = vault.put_text(STORY)
    vault.get(ref, **DISPATCHER)
    vault.get(ref, who="wang", role="auditor", purpose="audit")
    first, second = vault.looks(ref.ref)
    assert (first.who, second.who) == ("zhang", "wang")
    assert first.granted
    assert first.outcome == "shown"
    assert first.at < second.at


def test_a_look_without_a_name_shows_nothing(vault: Vault) -> None:
    ref = vault.put_text(STORY)
    with pytest.raises(ValueError, match="must say who"):
        vault.get(ref, who=" ", role="dispatcher", purpose="dispatch")
    assert vault.looks(ref.ref) == []


def test_a_look_that_cannot_be_recorded_shows_nothing(vault: Vault, database: Engine) -> None:
    ref = vault.put_text(STORY)
    with database.begin() as c:
        c.execute(text("ALTER TABLE vault_looks RENAME TO vault_looks_away"))
    try:
        with pytest.raises(Exception, match="vault_looks"):
            vault.get(ref, **DISPATCHER)
    finally:
        with database.begin() as c:
            c.execute(text("ALTER TABLE vault_looks_away RENAME TO vault_looks"))


def test_an_unknown_reference_is_said_to_be_unknown_and_recorded(vault: Vault) -> None:
    unknown = str(uuid.uuid4())
    with pytest.raises(NotInVault, match=unknown):
        vault.get(unknown, **DISPATCHER)
    assert [look.outcome for look in vault.looks(unknown)] == ["not-in-vault"]


def test_what_is_no_reference_is_refused_without_being_repeated(vault: Vault) -> None:
    for ask in (lambda: vault.get(PHONE, **DISPATCHER), lambda: vault.put_text("x", PHONE)):
        with pytest.raises(NotInVault) as caught:
            ask()
        assert PHONE not in str(caught.value)


def test_a_person_is_the_same_for_the_same_identity_only(vault: Vault) -> None:
    person = vault.person("app", {"name": NAME, "phone": PHONE})
    assert vault.person("app", {"phone": f" {PHONE}", "name": NAME, "mail": ""}) == person
    assert vault.person("app", {"name": NAME}) != person
    assert vault.person("chat", {"name": NAME, "phone": PHONE}) != person
    assert uuid.UUID(person).version == 4


@pytest.mark.parametrize("identity", ["", "  ", {}, {"phone": " "}])
def test_people_without_any_identity_are_not_made_one_person(vault: Vault, identity: str | dict[str, str]) -> None:
    with pytest.raises(ValueError, match="without any identity"):
        vault.person("app", identity)


def test_an_alias_is_random_and_stable_and_leads_back_for_delivery_only(vault: Vault) -> None:
    alias = vault.alias("12345", PHONE)
    assert vault.alias("12345", PHONE) == alias
    assert vault.alias("110", PHONE) != alias
    assert uuid.UUID(alias).version == 4
    assert vault.get(alias, who="csv", role="connector", purpose="delivery") == PHONE
    with pytest.raises(NotAllowed, match="a number"):
        vault.get(alias, **DISPATCHER)


def test_many_aliases_at_once_keep_order_and_repeat(vault: Vault) -> None:
    numbers = [str(n % 50) for n in range(200)]
    aliases = vault.aliases("batch", numbers)
    assert aliases[:50] == aliases[150:]
    assert len(set(aliases)) == 50
    assert vault.aliases("batch", ["7", "51"])[0] == aliases[7]
    assert vault.aliases("batch", []) == []


def test_a_text_or_file_above_its_limit_is_refused_and_says_the_limit(database: Engine, key_file: Path) -> None:
    vault = open_vault(database, key_file)
    before = rows(database)
    assert vault.put_text("文" * 349_525).ref
    with pytest.raises(TooLarge, match=r"2,097,152 bytes is above the vault's limit of 1,048,576 bytes"):
        vault.put_text("x" * (2 << 20))
    with pytest.raises(TooLarge, match="16,777,216"):
        vault.put_file(bytes((16 << 20) + 1), "video/mp4")
    with pytest.raises(TooLarge):
        vault.put_texts([("fine", None), ("x" * (2 << 20), None)])
    assert rows(database) - before == 2
    small = open_vault(database, key_file, limits=dataclasses.replace(Limits(), text=4))
    with pytest.raises(ValueError, match="limit of 4 bytes"):
        small.put_text("文文")


def test_a_text_that_is_not_unicode_is_refused_without_repeating_it(vault: Vault) -> None:
    with pytest.raises(ValueError, match="surrogate") as caught:
        vault.put_text(f"{PHONE}\ud800")
    assert PHONE not in str(caught.value)


def test_a_file_reference_keeps_its_type(vault: Vault) -> None:
    ref = vault.put_file(b"", "text/plain")
    assert isinstance(ref, FileRef)
    assert vault.get(ref, **DISPATCHER) == b""


def test_many_files_at_once_keep_order_type_and_owner(vault: Vault) -> None:
    person = vault.person("12345", {"phone": PHONE})
    files = [(b"first", "text/plain", None), (b"second", "image/jpeg", person), (b"first", "text/plain", None)]
    refs = vault.put_files(files)
    assert [(ref.media_type, ref.size) for ref in refs] == [("text/plain", 5), ("image/jpeg", 6), ("text/plain", 5)]
    assert [vault.get(ref, **DISPATCHER) for ref in refs] == [b"first", b"second", b"first"]
    assert len({ref.ref for ref in refs}) == 3
    vault.erase_person(person, **OFFICER)
    with pytest.raises(Erased):
        vault.get(refs[1], **DISPATCHER)
    assert vault.get(refs[2], **DISPATCHER) == b"first"
    assert vault.put_files([]) == []


def test_the_files_of_many_rows_come_back_to_their_rows(vault: Vault) -> None:
    names = [(), ("a",), ("b", "c"), (), ("d",)]
    body = HandBack("power")
    drafts = [Draft(claim(body).meta, body, Personal(files=found)) for found in names]
    large = (TOGETHER // 2 + 1) * b"x"
    made = with_references(drafts, vault, "12345", lambda name: (name.encode() + large, "text/plain"))
    assert [len(draft.body.evidence) for draft in made] == [0, 1, 2, 0, 1]
    found = [vault.get(ref, **DISPATCHER)[:1].decode() for draft in made for ref in draft.body.evidence]
    assert found == ["a", "b", "c", "d"]
