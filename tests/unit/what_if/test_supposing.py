"""A supposed document takes a place, or is refused; every number stays."""

from __future__ import annotations

from typing import Any

import pytest

from ops.reference.documents import Document
from ops.what_if.supposing import InPlaceOfNothing, takes_the_place
from schemas.events import Calendar, Standard
from streams.core.reference import EMPTY, Reference, instead
from tests.builders import T0
from tests.reference_samples import load, org


def standard(scheme: str, version: str, amount: int = 2) -> Standard:
    return Standard(scheme, version, "0105", "pole", "7", "leans", amount, "working_day")


def calendar(name: str, version: str = "1") -> Calendar:
    return Calendar(name, version, "Asia/Shanghai", (), (6, 7), ())


def reference(*documents: tuple[str, str, Any]) -> Reference:
    return EMPTY.after(load(n, kind, [item], name=name) for n, (kind, name, item) in enumerate(documents, 1))


LOADED = reference(
    ("standards", "gb 2025", standard("gb", "2025")),
    ("standards", "gb 2026", standard("gb", "2026")),
    ("standards", "park 2026", standard("park", "2026")),
    ("calendars", "china", calendar("china")),
    ("organisations", "city", org("street")),
    ("standards", "gb 2026", standard("gb", "2026", 3)),
)


def supposed(kind: str, name: str, item: Any, instead_of: str | None = None) -> dict[tuple[str, str], Any]:
    return takes_the_place(LOADED, Document(kind, name, (item,), file="f"), instead_of)


def test_a_document_takes_the_place_of_its_name_alone() -> None:
    new = standard("gb", "2026", 9)
    assert supposed("standards", "gb 2026", new) == {("standards", "gb 2026"): (new,)}


def test_another_version_of_a_standard_takes_the_place_of_all_of_its_scheme_as_cases_cite_them() -> None:
    found = supposed("standards", "gb 2027", standard("gb", "2027", 9))
    assert found == {
        ("standards", "gb 2025"): (standard("gb", "2025", 9),),
        ("standards", "gb 2026"): (standard("gb", "2026", 9),),
    }


def test_a_calendar_takes_the_place_of_the_only_one_under_its_name() -> None:
    assert supposed("calendars", "port", calendar("port", "4")) == {("calendars", "china"): (calendar("china", "4"),)}


def test_a_name_can_be_given() -> None:
    found = supposed("standards", "gb 2027", standard("gb", "2027", 9), "park 2026")
    assert found == {("standards", "park 2026"): (standard("park", "2026", 9),)}


@pytest.mark.parametrize("name", ["gb", "none"])
def test_a_name_that_was_never_loaded_is_refused_with_those_that_were(name: str) -> None:
    with pytest.raises(InPlaceOfNothing, match=r"loaded are gb 2025, gb 2026, park 2026; name one with --instead-of"):
        supposed("standards", "gb 2027", standard("gb", "2027"), name)


def test_a_document_in_the_place_of_nothing_is_refused() -> None:
    with pytest.raises(InPlaceOfNothing, match="named other 1 whose place"):
        supposed("standards", "other 1", standard("other", "1"))
    with pytest.raises(InPlaceOfNothing, match="none was ever loaded; load one with threecross reference load"):
        takes_the_place(EMPTY, Document("calendars", "china", (calendar("china"),)))


def test_numbers_days_and_other_documents_stay() -> None:
    other = instead(LOADED, {("standards", "gb 2026"): (standard("gb", "2026", 9),)})
    assert [one.header for one in other.loads] == [one.header for one in LOADED.loads]
    for version in range(1, 7):
        assert other.at(version).version == version
        amounts = [item.limit_amount for item in other.at(version).in_force(T0).items(Standard)]
        assert amounts == [2, 9, 2][:version] if version < 3 else amounts == [2, 9, 2]
    untouched = [n for n, (a, b) in enumerate(zip(other.loads, LOADED.loads, strict=True), 1) if a == b]
    assert untouched == [1, 3, 4, 5]


def test_a_reference_that_nothing_is_supposed_of_is_the_same() -> None:
    assert instead(LOADED, {}).loads == LOADED.loads
