"""Which rows are conditions: merged areas bring values down, blank cells do not."""

from typing import Any

import pytest

from ops.reference.standards import workbook
from ops.reference.standards.cells import Cell, Sheet
from ops.reference.standards.workbook import Reading
from tests.standards_sheets import HEADINGS, merged, more, read, refused, row, sheet, with_layout


def filings(reading: Reading) -> list[str]:
    return [one.filing for one in reading.accepted]


def test_a_merged_area_brings_class_type_and_bodies_down_to_each_of_its_rows() -> None:
    found = read(sheet(row(filing="灯不亮"), more("灯杆歪"), merged=merged("3:4")))
    assert refused(found) == []
    assert [(one.type_code, one.type_name, one.filing) for one in found.accepted] == [
        ("设施-0101", "灯01", "灯不亮"),
        ("设施-0101", "灯01", "灯杆歪"),
    ]
    assert found.accepted[0].disposers == found.accepted[1].disposers != ()


def test_below_the_area_nothing_is_brought_down() -> None:
    found = read(sheet(row(filing="灯不亮"), more("灯杆歪"), more("灯罩碎"), merged=merged("3:4")))
    assert (found.conditions, len(found.accepted)) == (3, 2)
    assert refused(found) == [(5, "灯罩碎", "大类代码 is empty here and no merged area brings one down")]


def test_a_document_may_say_that_a_blank_class_is_the_one_above_but_never_a_blank_type() -> None:
    classless = row(of="02", filing="灯太亮", class_code="", class_name="")
    given = sheet(row(), classless, more("灯罩碎"))
    assert len(read(given).accepted) == 1
    found = read(given, blank_class="as above")
    assert [one.type_code for one in found.accepted] == ["设施-0101", "设施-0102"]
    assert refused(found) == [(5, "灯罩碎", "小类代码 is empty here and no merged area brings one down")]


def test_a_limit_merged_over_several_conditions_is_the_limit_of_each() -> None:
    found = read(sheet(row(limit="3天"), more("灯杆歪", ""), merged=merged("3:4", "ABCDEFI")))
    assert [one.limit for one in found.accepted] == [found.accepted[0].limit] * 2


def test_a_condition_merged_over_several_rows_is_one_condition() -> None:
    found = read(sheet(row(), [""] * 9, [""] * 9, merged=merged("3:5", "ABCDEFGHI")))
    assert (found.conditions, len(found.accepted), refused(found)) == (1, 1, [])


def test_two_limits_beside_one_condition_are_no_limit() -> None:
    found = read(sheet(row(limit="1天"), more("", "3天"), merged=merged("3:4", "ABCDEFG")))
    reason = "row 4 has another 结案条件 beside one and the same condition"
    assert (found.conditions, refused(found)) == (1, [(3, "亮了", reason)])
    found = read(sheet(row(limit="1天"), [*[""] * 8, "3天"], merged=merged("3:4", "ABCDEFG")))
    assert refused(found) == [(3, "3天", "row 4 has another 处置时限 beside one and the same condition")]


def test_blank_rows_repeated_headings_and_titles_are_no_conditions() -> None:
    found = read(sheet(row(), [""] * 9, list(HEADINGS), row(of="02")))
    assert (found.conditions, found.types, refused(found)) == (2, 2, [])


def test_a_note_is_kept_and_other_text_outside_of_conditions_is_refused() -> None:
    found = read(sheet(row(), ["注：天指工作日"], ["本表自发布之日起施行"]))
    assert [one.text for one in found.notes] == ["注：天指工作日"]
    assert refused(found) == [(5, "本表自发布之日起施行", "立案条件 is empty in this row")]


def test_a_limit_without_condition_is_refused() -> None:
    found = read(sheet(row(), [*[""] * 8, "5天"]))
    assert (found.conditions, refused(found)) == (1, [(4, "5天", "立案条件 is empty in this row")])


def test_a_column_that_is_not_read_is_told() -> None:
    given = Sheet("设施", [[*HEADINGS, "备注"], [*row(), "冬季另定"]], [])
    assert [one.text for one in read(given).notes] == ['column "备注" is not read']


def test_a_sheet_without_headings_is_refused_not_passed_over() -> None:
    given = Sheet("设施", [["说明"], HEADINGS[:-1], row()], [])
    found = read(given)
    assert (found.conditions, refused(found)) == (
        0,
        [(2, "处置时限", "no such headings, so nothing of this sheet is read")],
    )


def test_codes_that_lost_their_zeros_as_numbers_get_them_back_and_texts_do_not() -> None:
    found = read(sheet(row(type_code=2.0, type_name="灯甲"), row(type_code="３３", type_name="灯乙")))
    assert [one.type_code for one in found.accepted] == ["设施-0102", "设施-0133"]
    reason = "小类代码 is not a code of the digits that the document says"
    for bad in ("2", "2a", 2.5, 133.0):
        assert refused(read(sheet(row(type_code=bad)))) == [(3, str(bad).removesuffix(".0"), reason)]


# ------------------------------------------------------------------ sheets


def test_every_sheet_is_read_and_the_same_code_in_another_list_is_another_type() -> None:
    found = read(sheet(row()), sheet(row(), name="事务"))
    assert (found.conditions, found.types) == (2, 2)
    assert [one.type_code for one in found.accepted] == ["设施-0101", "事务-0101"]


def test_lists_get_the_codes_that_the_document_gives() -> None:
    found = read(sheet(row()), sheet(row(), name="事务"), lists={"设施": "1", "事务": "2"})
    assert [one.type_code for one in found.accepted] == ["1-0101", "2-0101"]


def test_a_sheet_that_the_document_does_not_name_is_refused_and_one_that_it_ignores_is_not() -> None:
    given = [sheet(row()), sheet(row(), name="事务"), sheet(row(), name="说明")]
    found = read(*given, lists={"设施": "1", "道路": "2"}, ignored_sheets=["说明"])
    assert found.conditions == 1
    assert [(one.sheet, one.reason[:31]) for one in found.refused] == [
        ("事务", "the document names this sheet n"),
        ("道路", "the document names this sheet, "),
    ]


def test_a_hidden_sheet_is_refused() -> None:
    assert [one.reason[:19] for one in read(sheet(row(), visible=False)).refused] == ["the sheet is hidden"]


# ------------------------------------------------------------------ contradictions


def test_of_rows_that_contradict_each_other_none_is_taken() -> None:
    twice = read(sheet(row(limit="1天"), row(limit="3天"), row(filing="灯杆歪")))
    assert filings(twice) == ["灯杆歪"]
    assert [reason for *_, reason in refused(twice)] == [
        "the same filing condition stands more than once: rows 3, 4"
    ] * 2
    names = read(sheet(row(type_name="甲灯"), row(filing="灯杆歪", type_name="乙灯")))
    assert [reason for *_, reason in refused(names)] == [
        'type 设施-0101 has several names: "甲灯" in row 3, "乙灯" in row 4'
    ] * 2
    classes = read(sheet(row(), row(of="02", class_name="灯具")))
    assert [reason for *_, reason in refused(classes)] == [
        'class 设施-01 has several names: "照明" in row 3, "灯具" in row 4'
    ] * 2


# ------------------------------------------------------------------ codes


def codes(*rows: list[Any]) -> dict[str, str]:
    return {one.filing: one.code for one in read(sheet(*rows)).accepted}


def test_a_condition_keeps_its_code_when_rows_come_go_and_move() -> None:
    before = codes(row(filing="灯不亮"), row(filing="灯杆歪"))
    after = codes(
        row(of="07", filing="灯太亮"), row(filing="灯罩碎"), row(filing="灯杆 歪", limit="9天"), row(filing="灯不亮")
    )
    assert after["灯不亮"] == before["灯不亮"]
    assert after["灯杆 歪"] == before["灯杆歪"]
    assert len({*before.values(), *after.values()}) == 4


def test_a_code_is_pinned() -> None:
    assert codes(row(filing="灯不亮")) == {"灯不亮": "设施-0101-3a94c0"}


def test_codes_by_place_would_change() -> None:
    def by_place(filings: list[str]) -> dict[str, int]:
        return {filing: place for place, filing in enumerate(filings, 1)}

    assert by_place(["灯不亮", "灯杆歪"])["灯杆歪"] != by_place(["灯不亮", "灯罩碎", "灯杆歪"])["灯杆歪"]


# ------------------------------------------------------------------ readers that must be found


def given(kind: type[Sheet] = Sheet) -> list[Sheet]:
    """An area that ends above the last row, and a condition over two rows on the second sheet."""
    over_two = sheet(
        *(row(limit="1天"), [""] * 9, row(of="02")), merged=merged("3:4", "ABCDEFGHI"), name="事务", kind=kind
    )
    return [sheet(row(), more("灯杆歪"), more("灯罩碎"), merged=merged("3:4"), kind=kind), over_two]


def outcome(sheets: list[Sheet]) -> tuple[int, int, int, list[tuple[str, int]]]:
    found = workbook.read_sheets(sheets, with_layout())
    return found.conditions, found.types, len(found.accepted), [(one.sheet, one.row) for one in found.refused]


RIGHT = (5, 4, 4, [("设施", 5)])


class FilledDown(Sheet):
    """A blank cell shows the value above it, merged or not."""

    def cell(self, row: int, column: int) -> Cell:
        above = (super(FilledDown, self).cell(place, column) for place in range(row, 2, -1))
        return next((found for found in above if found.text), Cell("", row))


class Unmerged(Sheet):
    """Merged areas are not looked at."""

    def cell(self, row: int, column: int) -> Cell:
        return self._value(row, column)


class EachRowItsOwn(Sheet):
    """A value that an area brings down counts as one of that row."""

    def cell(self, row: int, column: int) -> Cell:
        return super().cell(row, column)._replace(top=row)


def test_the_true_reader_reads_what_stands_there() -> None:
    assert outcome(given()) == RIGHT


@pytest.mark.parametrize(
    "trapped",
    [given(FilledDown), given(Unmerged), given(EachRowItsOwn), given()[:1]],
    ids=lambda sheets: type(sheets[0]).__name__,
)
def test_a_reader_that_falls_into_a_trap_is_found(trapped: list[Sheet]) -> None:
    assert outcome(trapped) != RIGHT
