"""Subscriptions as documents: what can become a feed, and what cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.reference import checks
from ops.reference.documents import Document, read
from schemas.events import Category, Subscription
from tests.builders import T0
from tests.reference_samples import org

DOCUMENT = """
kind = "subscriptions"
name = "departments"
items = [
  { code = "power-yicheng", owner = "power", involved_as = ["lead", "assist"], divisions = ["411702"], asked = true },
  { code = "all", owner = "centre", role = "dispatcher", start = "open", categories = ["gb/2021/01"], paused = true },
]
"""


def complaints(*items: Subscription) -> list[str]:
    organisations = Document("organisations", "yicheng", (org("power"),))
    return [one.what for one in checks.check_alone([organisations, Document("subscriptions", "d", items)], T0)]


def test_a_document_says_who_is_told_what(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(DOCUMENT, "utf-8")
    power, everything = read(tmp_path / "s.toml").items
    assert power == Subscription("power-yicheng", "power", "handler", ("lead", "assist"), (), ("411702",), asked=True)
    assert everything.categories == (Category("gb", "2021", "01"),)
    assert (everything.start, everything.paused, everything.scope) == ("open", True, "full")


@pytest.mark.parametrize(
    ("code", "owner", "what"),
    [
        ("Power", "power", "names no feed"),
        ("power/1", "power", "names no feed"),
        ("x" * 64, "power", "names no feed"),
        ("show", "power", "is a command of threecross feed"),
        ("power", "nobody", "there is no organisation nobody"),
    ],
)
def test_what_can_be_no_feed_is_named(code: str, owner: str, what: str) -> None:
    (found,) = complaints(Subscription(code, owner))
    assert what in found


def test_a_code_that_stands_in_two_documents_is_named() -> None:
    one = Document("subscriptions", "a", (Subscription("power", "power"),))
    two = Document("subscriptions", "b", (Subscription("power", "power"),))
    organisations = Document("organisations", "yicheng", (org("power"),))
    found = [one.what for one in checks.check_alone([organisations, one, two], T0)]
    assert found == ["the subscription power stands in another document, too"] * 2


def test_what_fits_gives_no_complaint() -> None:
    assert complaints(Subscription("power-1", "power"), Subscription("power-2", "power")) == []
