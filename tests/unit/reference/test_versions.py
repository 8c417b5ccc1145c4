"""Loads become versions; what is in force is a question of the moment and of the version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.events import Organisation
from streams.core.reference import EMPTY, BadLoad, Loaded, NotReadYet, Reference, whole_loads
from streams.runtime.reference import Gathering
from tests.builders import T0
from tests.reference_samples import DAY, load, org, records

FIRST = load(1, "organisations", [org("street")])
SECOND = load(2, "organisations", [org("street"), org("power")], valid_from=T0 + 10 * DAY)
OTHER = load(3, "organisations", [org("police")], name="zhongyuan")
CORRECTED = load(4, "organisations", [org("street", "district")], valid_from=T0 + 5 * DAY)
LOADS = (FIRST, SECOND, OTHER, CORRECTED)


def codes(reference: Reference, now: int) -> list[str]:
    return sorted(item.code for item in reference.in_force(now).items(Organisation))


def test_before_the_first_load_nothing_is_in_force() -> None:
    assert EMPTY.version == 0
    assert codes(EMPTY, T0) == []


def test_a_document_holds_from_its_day_on() -> None:
    reference = EMPTY.after([FIRST, SECOND])
    assert codes(reference, T0 - 1) == []
    assert codes(reference, T0) == ["street"]
    assert codes(reference, T0 + 10 * DAY - 1) == ["street"]
    assert codes(reference, T0 + 10 * DAY) == ["power", "street"]


def test_documents_of_other_names_stay() -> None:
    assert codes(EMPTY.after(LOADS[:3]), T0 + 10 * DAY) == ["police", "power", "street"]


def test_a_later_load_replaces_from_its_day_on_even_what_began_later() -> None:
    reference = EMPTY.after(LOADS)
    assert codes(reference, T0 + 4 * DAY) == ["police", "street"]
    assert reference.in_force(T0 + 4 * DAY).coded(Organisation, "street") == org("street")
    assert reference.in_force(T0 + 20 * DAY).coded(Organisation, "street") == org("street", "district")
    assert codes(reference, T0 + 20 * DAY) == ["police", "street"]


def test_a_new_table_never_changes_what_held_in_an_older_version() -> None:
    reference = EMPTY.after(LOADS)
    for version in range(len(LOADS) + 1):
        before = EMPTY.after(LOADS[:version])
        for now in (T0 - 1, T0, T0 + 5 * DAY, T0 + 20 * DAY):
            assert codes(reference.at(version), now) == codes(before, now)
        assert reference.at(version).version == version


def test_a_version_that_was_not_read_is_never_guessed() -> None:
    with pytest.raises(NotReadYet, match="Version 2 of the reference has not been read, only up to 1"):
        EMPTY.after([FIRST]).at(2)


def test_between_two_changes_the_same_view_is_given_so_that_its_indexes_are_made_once() -> None:
    reference = EMPTY.after(LOADS)
    assert reference.in_force(T0 + DAY) is reference.in_force(T0 + 2 * DAY)
    assert reference.in_force(T0 + DAY) is not reference.in_force(T0 + 6 * DAY)


@pytest.mark.parametrize("wrong", [FIRST, OTHER], ids=["a repeated version", "a missing version"])
def test_versions_follow_each_other(wrong: Loaded) -> None:
    with pytest.raises(BadLoad, match="follows version 1"):
        EMPTY.after([FIRST]).after([wrong])


@given(st.lists(st.integers(1, 3), max_size=8))
def test_however_the_records_are_cut_the_loads_are_the_same(cuts: list[int]) -> None:
    gathering, rest = Gathering(), records(*LOADS)
    for cut in cuts:
        gathering.take(rest[:cut])
        rest = rest[cut:]
    gathering.take(rest)
    assert gathering.reference == EMPTY.after(LOADS)


def test_half_a_load_is_no_version_yet() -> None:
    gathering = Gathering()
    gathering.take(records(FIRST, SECOND)[:-1])
    assert gathering.reference.version == 1


def test_an_item_without_a_header_is_refused() -> None:
    with pytest.raises(BadLoad, match="Organisation stands in the reference topic where a Load should begin"):
        whole_loads([org("street")])


def test_an_item_of_another_kind_is_refused() -> None:
    with pytest.raises(BadLoad, match=r"Version 1 of the reference \(grids\) holds Organisation"):
        whole_loads([replace(FIRST.header, kind="grids"), org("street")])


def test_a_kind_that_is_not_known_is_refused_never_skipped() -> None:
    with pytest.raises(BadLoad, match="of the kind horoscopes, which is not known here"):
        whole_loads([replace(FIRST.header, kind="horoscopes", items=0)])
