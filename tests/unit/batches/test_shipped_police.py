"""The department that ships for the police: what it says, and what its loader refuses."""

import tomllib
from importlib import resources

import pytest

from connectors import department
from connectors.batches.config import Config
from ops.vault.access import load_access


def text() -> str:
    folder = resources.files("connectors") / "departments" / "examples"
    return (folder / "xitu-police.toml").read_text("utf-8")


def test_the_police_of_the_zone_are_linked_by_batches() -> None:
    found = department.example("xitu-police")
    assert (found.kind.name, found.head.org) == ("batches", "police")
    assert isinstance(found.options, Config)
    assert department.shown(found)["batches"]["signing_key"] == "***"


def test_only_the_link_to_the_police_may_open_a_contact_for_delivery() -> None:
    roles = {role for role, purpose, kind in load_access().grants if (purpose, kind) == ("delivery", "contact")}
    assert roles == {"police_link"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("patience_seconds = 3600", "patience_seconds = 60"),
        ('their_sealing_key = "00', 'their_sealing_key = "zz'),
        ("capsule_seconds = 86400", "capsule_seconds = 0"),
        ('us = "xitu-hub"', 'we = "xitu-hub"'),
        ('signing_key = "env:THREECROSS_POLICE_SIGNING_KEY"', f'signing_key = "{"0" * 64}"'),
    ],
)
def test_what_cannot_be_meant_is_refused(right: str, wrong: str) -> None:
    assert right in text()
    with pytest.raises(department.BadDepartment):
        department.checked("xitu-police", tomllib.loads(text().replace(right, wrong)))
