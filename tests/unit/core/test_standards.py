"""Standards: chosen by version, never replaced; a limit that could not be read is a state of its own."""

import msgspec
import pytest

from streams.core import standards
from streams.core.standards import Condition, Limit, Standard, StandardChanged, Standards, Unit, Units, Unreadable

YEAR = 31_536_000_000_000
UNITS = Units("1", {"天": Unit.WORKING_DAYS})
LIMIT = Limit(2, Unit.WORKING_DAYS, "2天", "天")


def condition(code: str = "1-0101-3a94c0", limit: Limit | Unreadable = LIMIT, of: str = "1-0101") -> Condition:
    return Condition(code, "1-01", "照明", of, "街灯", "灯不亮", "亮了", limit)


def standard(version: str, valid_from: int, *conditions: Condition, scheme: str = "lamps") -> Standard:
    return Standard(scheme, version, valid_from, UNITS, {one.code: one for one in conditions or (condition(),)})


def known(*these: Standard) -> Standards:
    found: Standards = {}
    for one in these:
        found = standards.with_standard(found, one)
    return found


FIRST, SECOND = standard("2026", YEAR), standard("2027", 2 * YEAR, condition(limit=Limit(1, Unit.URGENT_DAYS, "1", "")))


def test_a_later_version_stands_beside_the_earlier_one() -> None:
    both = known(FIRST, SECOND)
    assert standards.condition(both, "lamps", "2026", "1-0101-3a94c0") == FIRST.conditions["1-0101-3a94c0"]
    assert standards.condition(both, "lamps", "2027", "1-0101-3a94c0") == SECOND.conditions["1-0101-3a94c0"]


def test_keeping_only_the_newest_would_lose_what_cases_were_judged_by() -> None:
    newest_only = {(FIRST.scheme, FIRST.version): FIRST} and {(SECOND.scheme, SECOND.version): SECOND}
    assert standards.condition(newest_only, "lamps", "2026", "1-0101-3a94c0") is None


def test_the_same_version_again_changes_nothing_and_with_another_content_is_refused() -> None:
    assert known(FIRST, FIRST) == known(FIRST)
    with pytest.raises(StandardChanged, match="standard lamps 2026 is known with another content"):
        known(FIRST, standard("2026", YEAR, condition(limit=Unreadable("2", "no unit behind the amount"))))


@pytest.mark.parametrize(
    ("at", "version"), [(0, None), (YEAR - 1, None), (YEAR, "2026"), (2 * YEAR - 1, "2026"), (2 * YEAR, "2027")]
)
def test_the_version_in_force_is_the_latest_that_has_begun(at: int, version: str | None) -> None:
    found = standards.in_force(known(SECOND, FIRST, standard("2030", 0, scheme="other")), "lamps", at)
    assert (found.version if found else None) == version


def test_what_is_not_known_is_none_never_a_neighbour() -> None:
    assert standards.condition(known(FIRST), "lamps", "2027", "1-0101-3a94c0") is None
    assert standards.condition(known(FIRST), "lamps", "2026", "1-0101-000000") is None


def test_the_conditions_of_a_type_keep_the_order_of_the_table() -> None:
    codes = ["1-0101-b", "1-0102-c", "1-0101-a"]
    one = standard("2026", 0, *(condition(code, of=code[:6]) for code in codes))
    assert [found.code for found in standards.conditions_of(one, "1-0101")] == ["1-0101-b", "1-0101-a"]


def test_the_reading_of_a_limit_is_told_with_cell_word_and_version() -> None:
    assert standards.reading(FIRST, condition()) == (
        '2 working days from "2天": "天" is read as working days by table of units 1; '
        "standard lamps 2026, condition 1-0101-3a94c0"
    )
    decided = standards.reading(FIRST, condition(limit=Limit(1, Unit.URGENT_HOURS, "1紧急工作时到场", "")))
    assert decided.startswith('1 urgent hours from "1紧急工作时到场": decided for this cell by table of units 1;')


def test_a_limit_that_could_not_be_read_is_told_as_such() -> None:
    found = condition(limit=Unreadable("两天", "no amount in digits"))
    assert standards.reading(FIRST, found).startswith('limit not readable: "两天" (no amount in digits);')


def test_a_standard_survives_writing_and_reading() -> None:
    whole = standard("2026", 0, condition(), condition("1-0101-ffffff", Unreadable("", "the limit is empty")))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Standard) == whole
