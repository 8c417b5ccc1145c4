"""Every version reads every other one, according to fastavro and to Apache avro; and they refuse the same bad twins."""

from typing import Any

import pytest

from schemas import compat
from schemas.generate.model import load, newest
from tests.contract.evolution import Change, add_field, drop_field, drop_key, evolved, named, set_key

CLOSED = "threecross.fact.verification.Closed"
CHECKED = "threecross.fact.verification.Checked"
DISPATCH = "threecross.claim.dispatch.Dispatch"
both = pytest.mark.parametrize("checker", compat.CHECKERS.values(), ids=compat.CHECKERS.keys())


GOOD: dict[str, tuple[str, Change]] = {
    "a field with a default": (CLOSED, add_field("note", ["null", "string"], default=None)),
    "a list with a default": (CLOSED, add_field("notes", {"type": "array", "items": "string"}, default=[])),
    "a field with a default goes": (CLOSED, drop_field("reason")),
    "another symbol of an enum that has a default": (
        CLOSED,
        lambda document: named(document, "ClosingKind")["symbols"].append("merged"),
    ),
    "another doc": (CLOSED, set_key("reason", "doc", "Why.")),
}
BAD: dict[str, tuple[str, Change]] = {
    "a new field without default": (CLOSED, add_field("note", "string")),
    "a field without default goes": (CHECKED, drop_field("result")),
    "a changed type": (CLOSED, set_key("reason", "type", ["null", "long"])),
    "no longer nullable": (DISPATCH, set_key("basis", "type", "string")),
    "a renamed field": (CHECKED, set_key("result", "name", "outcome")),
    "another symbol of an enum without default": (
        CHECKED,
        lambda document: named(document, "CheckResult")["symbols"].append("unclear"),
    ),
    "a wider digest": (CHECKED, set_key("Digest", "size", 64)),
    "a changed type inside meta": (CLOSED, set_key("seq", "type", "string")),
    "a version in the full name": (CLOSED, set_key("Closed", "name", "ClosedV2")),
}


def test_all_released_versions_read_each_other() -> None:
    assert compat.check(load()) == []


@both
@pytest.mark.parametrize("twin", GOOD)
def test_a_good_change_is_compatible_both_ways(twin: str, checker: compat.Checker) -> None:
    old, new = versions(*GOOD[twin])
    assert checker(old, new) is None
    assert checker(new, old) is None


@both
@pytest.mark.parametrize("twin", BAD)
def test_a_bad_change_is_refused_by_each_checker_alone(twin: str, checker: compat.Checker) -> None:
    old, new = versions(*BAD[twin])
    assert checker(old, new) or checker(new, old)


@pytest.mark.parametrize("twin", [twin for twin in BAD if twin != "a version in the full name"])
def test_a_bad_change_is_named_with_file_and_checker(twin: str) -> None:
    complaints = compat.check(evolved(*BAD[twin]))
    assert any("says fastavro" in c for c in complaints)
    assert any("says Apache avro" in c and "v2.avsc" in c for c in complaints)


@both
def test_a_default_that_is_removed_breaks_the_version_before_it_was_added(checker: compat.Checker) -> None:
    first, _, third = [
        s.json
        for s in evolved(CLOSED, add_field("note", ["null", "string"], default=None), drop_key("note", "default"))
        if s.full_name == CLOSED
    ]
    assert checker(third, first)


def versions(full_name: str, change: Change) -> tuple[Any, Any]:
    """Newest released version of an event, and the one made from it."""
    released = load()
    old = next(s for s in newest(released) if s.full_name == full_name)
    known = {s.path for s in released}
    return old.json, next(s.json for s in evolved(full_name, change) if s.path not in known)


ITEM = "threecross.feed.Item"


def test_a_feed_may_lose_a_field_that_older_readers_need() -> None:
    assert compat.check(evolved(ITEM, drop_field("seq"))) == []


def test_a_feed_may_not_gain_a_field_that_older_items_lack() -> None:
    complaints = compat.check(evolved(ITEM, add_field("note", "string")))
    assert any("says fastavro" in c for c in complaints)
    assert any("says Apache avro" in c for c in complaints)


def test_a_fact_may_not_lose_what_a_feed_may() -> None:
    assert compat.check(evolved(CHECKED, drop_field("result")))
