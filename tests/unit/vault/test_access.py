"""The table of who may see what: what ships, and what the loader refuses."""

from __future__ import annotations

import pytest

from ops.vault.access import KINDS, load_access, read_access

GOOD = '[purposes]\ncheck = "on site"\n[roles.checker]\ncheck = ["text", "file"]\n'


def test_what_is_listed_is_allowed_and_nothing_else() -> None:
    access = read_access(GOOD)
    assert access.allows("checker", "check", "text")
    assert not access.allows("checker", "check", "contact")
    assert not access.allows("checker", "disposal", "text")
    assert not access.allows("party", "check", "text")
    assert not access.allows("", "", "")


def test_the_shipped_table_shows_contacts_to_call_back_or_to_seal_and_erases_by_the_privacy_officer_only() -> None:
    grants = load_access().grants
    assert {(role, purpose) for role, purpose, kind in grants if kind == "contact"} == {
        ("dispatcher", "callback"),
        ("police_link", "delivery"),
        ("privacy_officer", "audit"),
        ("privacy_officer", "erasure"),
    }
    assert {role for role, purpose, _ in grants if purpose == "erasure"} == {"privacy_officer"}


def test_every_kind_of_the_shipped_table_can_be_seen_by_somebody_and_every_purpose_is_used() -> None:
    access = load_access()
    assert {kind for _, _, kind in access.grants} == KINDS
    assert {purpose for _, purpose, _ in access.grants} == set(access.purposes)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("[purposes]", "[purpose]"), "headings are"),
        (('["text", "file"]', '["text", "photo"]'), "no such kind as photo"),
        (('["text", "file"]', "[]"), "at least one of"),
        (('["text", "file"]', '"text"'), "give a list"),
        (('\ncheck = ["text"', '\nchek = ["text"'), "roles.checker.chek: no such purpose, there are check"),
    ],
)
def test_a_table_with_a_slip_is_refused_with_its_place(change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_access(GOOD.replace(*change))
