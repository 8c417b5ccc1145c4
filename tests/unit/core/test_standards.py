"""Standards: chosen by version, never replaced; a limit that could not be read is a state of its own."""

import msgspec
import pytest

from schemas import events
from streams.core import standards
from streams.core.reference import EMPTY, Reference
from streams.core.standards import Condition, Limit, Standard, StandardChanged, Standards, Unreadable
from streams.core.working_time import Unit
from tests.builders import T0
from tests.reference_samples import DAY, load

LIMIT = Limit(2, Unit.WORKING_DAYS, "2天", "天", "1")
CODE = "1-0101-3a94c0"


def condition(code: str = CODE, limit: Limit | Unreadable = LIMIT, of: str = "1-0101") -> Condition:
    return Condition(code, "1-01", "照明", of, "街灯", "灯不亮", "亮了", limit)


def standard(version: str, valid_from: int, *conditions: Condition, scheme: str = "lamps") -> Standard:
    return Standard(scheme, version, valid_from, {one.code: one for one in conditions or (condition(),)})


def known(*these: Standard) -> Standards:
    found: Standards = {}
    for one in these:
        found = standards.with_standard(found, one)
    return found


FIRST = standard("2026", T0)
SECOND = standard("2027", T0 + DAY, condition(limit=Limit(1, Unit.URGENT_DAYS)))


def test_a_later_version_stands_beside_the_earlier_one() -> None:
    both = known(FIRST, SECOND)
    assert standards.condition(both, "lamps", "2026", CODE) == FIRST.conditions[CODE]
    assert standards.condition(both, "lamps", "2027", CODE) == SECOND.conditions[CODE]


def test_the_same_version_again_changes_nothing_and_with_another_content_is_refused() -> None:
    assert known(FIRST, FIRST) == known(FIRST)
    with pytest.raises(StandardChanged, match="standard lamps 2026 is known with another content"):
        known(FIRST, standard("2026", T0, condition(limit=Unreadable("2", "no unit behind the amount"))))


@pytest.mark.parametrize(
    ("at", "version"), [(0, None), (T0 - 1, None), (T0, "2026"), (T0 + DAY - 1, "2026"), (T0 + DAY, "2027")]
)
def test_the_version_in_force_is_the_latest_that_has_begun(at: int, version: str | None) -> None:
    found = standards.in_force(known(SECOND, FIRST, standard("2030", 0, scheme="other")), "lamps", at)
    assert (found.version if found else None) == version


def test_what_is_not_known_is_none_never_a_neighbour() -> None:
    assert standards.condition(known(FIRST), "lamps", "2027", CODE) is None
    assert standards.condition(known(FIRST), "lamps", "2026", "1-0101-000000") is None


def test_the_conditions_of_a_type_keep_the_order_of_the_table() -> None:
    one = standard("2026", 0, *(condition(code, of=code[:6]) for code in ["1-0101-b", "1-0102-c", "1-0101-a"]))
    assert [found.code for found in one.of_type("1-0101")] == ["1-0101-b", "1-0101-a"]


# ------------------------------------------------------------------ from the reference


def item(version: str, amount: int = 2, **changes: object) -> events.Standard:
    plain = events.Standard("lamps", version, "1-0101", "街灯", CODE, "灯不亮", amount, "working_day")
    return msgspec.structs.replace(plain, **changes)


def loaded(*names: str) -> Reference:
    """A year's table in each load, by the name of its document."""
    items = [[item("2026")], [item("2027", 3)]]
    return EMPTY.after(
        load(n, "standards", items[n - 1], name=name, valid_from=T0 + (n - 1) * DAY) for n, name in enumerate(names, 1)
    )


def test_the_table_of_next_year_leaves_the_one_of_this_year() -> None:
    found = standards.known(loaded("lamps 2026", "lamps 2027").in_force(T0 + DAY))
    assert set(found) == {("lamps", "2026"), ("lamps", "2027")}
    assert standards.condition(found, "lamps", "2026", CODE) is not None
    assert [one.valid_from for one in found.values()] == [T0, T0 + DAY]


def test_one_document_for_all_versions_would_lose_the_table_that_old_cases_were_judged_by() -> None:
    found = standards.known(loaded("lamps", "lamps").in_force(T0 + DAY))
    assert standards.condition(found, "lamps", "2026", CODE) is None


def test_a_table_that_has_not_begun_is_not_known_yet() -> None:
    assert set(standards.known(loaded("lamps 2026", "lamps 2027").in_force(T0))) == {("lamps", "2026")}


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, Limit(2, Unit.WORKING_DAYS)),
        ({"limit_unit": "urgent_hour"}, Limit(2, Unit.URGENT_HOURS)),
        ({"reading": "2天", "limit_word": "天", "units_version": "1"}, LIMIT),
        ({"amount": 0, "reading": "两天", "unreadable": "no digits"}, Unreadable("两天", "no digits")),
        ({"unreadable": "no digits"}, Unreadable("", "no digits")),
        ({"amount": 0}, Unreadable("", "0 is no amount")),
        ({"limit_unit": "urgent_minute"}, Unreadable("2 urgent_minute", "a disposal limit has no such unit")),
    ],
)
def test_an_item_is_a_limit_or_says_that_there_is_none(changes: dict[str, object], limit: Limit | Unreadable) -> None:
    amount = changes.pop("amount", 2)
    assert isinstance(amount, int)
    assert standards.condition_of(item("2026", amount, **changes)).limit == limit


# ------------------------------------------------------------------ in words


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (LIMIT, '2 working days from "2天": "天" is read as working days by table of units 1'),
        (Limit(2, Unit.URGENT_DAYS), "2 urgent days, as the document says"),
        (
            Limit(1, Unit.URGENT_HOURS, "1紧急工作时到场", "", "1"),
            '1 urgent hours from "1紧急工作时到场": decided for this cell by table of units 1',
        ),
        (Unreadable("两天", "no amount in digits"), 'limit not readable: "两天" (no amount in digits)'),
    ],
)
def test_the_reading_of_a_limit_is_told_with_cell_word_and_version(limit: Limit | Unreadable, told: str) -> None:
    assert standards.reading(limit) == told


def test_the_reading_is_told_in_chinese_too() -> None:
    assert standards.reading(LIMIT, "zh") == "“2天”读作 2 工作日:按单位表 1,“天”即工作日"
    assert standards.reading(Unreadable("两天", "no digits"), "zh") == "时限无法读出:“两天”(no digits)"


def test_a_standard_survives_writing_and_reading() -> None:
    whole = standard("2026", 0, condition(), condition("1-0101-ffffff", Unreadable("", "the limit is empty")))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Standard) == whole
