"""Sheets of orders: what is read surely, what is refused with a reason, what goes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from connectors.contract import Card, Department, Item, NumberRef
from connectors.orders import cells, orders, sheets, writing
from connectors.orders.cells import OddCell
from connectors.orders.config import Columns, Config, TheirCode
from connectors.orders.orders import BadOrder, Order
from connectors.orders.sheets import BadSheet, Row
from connectors.orders.translate import Seen, Told, drafts, steps
from schemas import ids
from schemas.events import (
    Amend,
    Category,
    Filed,
    HandedBack,
    Place,
    Report,
    ReporterAnswered,
    Source,
    Subject,
    Supplement,
    TextRef,
)
from tests.builders import fact

ZONE = ZoneInfo("Asia/Shanghai")
CONFIG = Config(
    folder="orders",
    system="hotline-12345",
    columns=Columns(
        number=("工单编号",),
        at=("受理时间",),
        category=("诉求类别", "问题类别"),
        text=("诉求内容",),
        division=("所属社区",),
        place=("事发地址",),
        caller=("来电人",),
        phone=("联系电话",),
    ),
    categories={"路灯不亮": TheirCode("xitu", "2026", "0101")},
    divisions={"富强社区": "150271001001"},
    statuses={"filed": "已立案"},
)
HEADINGS = ["工单编号", "受理时间", "诉求类别", "所属社区", "事发地址", "诉求内容", "来电人", "联系电话"]
ROW = ["GD-1", "2026-11-27 08:30", "路灯不亮", "富强社区", "富强路口", "桥头的灯坏了", "欧阳霁月", "13955190701"]
WANTED = [CONFIG.columns.number, CONFIG.columns.at, CONFIG.columns.category, CONFIG.columns.text]


def as_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8", headings: Sequence[str] = HEADINGS) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[Any]], above: int = 0, merged: str = "", hidden: bool = False) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet = book.add_worksheet("notes" if hidden else "工单")
        if hidden:
            sheet.write(0, 0, "nothing here")
            sheet = book.add_worksheet("工单")
        for number, row in enumerate([HEADINGS, *rows], above):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)
        if merged:
            sheet.merge_range(merged, "富强路口")
    return content.getvalue()


def read_one(name: str, content: bytes) -> Order:
    sheet = sheets.read(name, content, WANTED)
    (row,) = sheet.rows
    return orders.order(row, orders.reading(CONFIG, ZONE, sheet.headings))


AT = int(datetime(2026, 11, 27, 0, 30, tzinfo=UTC).timestamp()) * 1_000_000
ORDER = Order(
    2,
    "GD-1",
    AT,
    ("xitu", "2026", "0101"),
    "150271001001",
    "富强路口",
    "桥头的灯坏了",
    "欧阳霁月 13955190701",
)

# ------------------------------------------------------------ reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_each_encoding_that_hotlines_use(encoding: str) -> None:
    assert read_one("orders.csv", as_csv([ROW], encoding)) == ORDER
    assert sheets.read("orders.CSV", as_csv([ROW], encoding), WANTED).encoding == encoding


def test_a_workbook_is_read_with_a_title_above_a_date_that_is_one_and_a_phone_that_became_a_number() -> None:
    row = [*ROW[:1], datetime(2026, 11, 27, 8, 30), *ROW[2:7], 13955190701]  # noqa: DTZ001  a spreadsheet knows no zones
    found = read_one("orders.xlsx", as_xlsx([row], above=3))
    assert found.row == 5
    assert orders.order(Row(2, dict(zip(HEADINGS, row, strict=True))), HOW) == ORDER
    assert found.caller == ORDER.caller


HOW = orders.reading(CONFIG, ZONE, tuple(HEADINGS))


def test_headings_are_found_by_one_of_their_names_in_whatever_order_and_others_are_passed_over() -> None:
    headings = ["备注", "诉求\n类别", *HEADINGS[:2], *HEADINGS[3:]]
    row = ["secret remark", ROW[2], *ROW[:2], *ROW[3:]]
    other = [name.replace("诉求\n类别", "问题类别") for name in headings]
    assert read_one("a.csv", as_csv([row], headings=headings)) == ORDER
    assert read_one("a.csv", as_csv([row], headings=other)) == ORDER


def test_blank_rows_are_passed_over_and_rows_are_numbered_as_people_count() -> None:
    sheet = sheets.read("a.xlsx", as_xlsx([ROW, [""] * 8, ROW], above=2), WANTED)
    assert [row.number for row in sheet.rows] == [4, 6]


BAD_FILES = {
    "no headings": ("a.csv", as_csv([ROW], headings=["a", "b"]), "has the headings"),
    "a heading twice": ("a.csv", as_csv([ROW], headings=[*HEADINGS, "工单编号"]), "stands twice"),
    "UTF-16": ("a.csv", as_csv([ROW], "utf-16"), "UTF-16"),
    "neither encoding": ("a.csv", as_csv([ROW], "gb18030")[:-1] + b"\xff\xff", "neither"),
    "a quote never closed": ("a.csv", as_csv([ROW]) + b'"open', "no CSV file"),
    "zero bytes": ("a.csv", as_csv([ROW]) + b"\0", "zero bytes"),
    "cut off": ("a.xlsx", as_xlsx([ROW])[:2000], "workbook"),
    "no workbook": ("a.xlsx", b"rubbish", "workbook"),
    "empty": ("a.csv", b"", "headings"),
}


@pytest.mark.parametrize("how", BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(how: str) -> None:
    name, content, why = BAD_FILES[how]
    with pytest.raises(BadSheet, match=why):
        sheets.read(name, content, WANTED)


def test_a_sheet_that_is_no_first_one_is_found() -> None:
    assert read_one("a.xlsx", as_xlsx([ROW], hidden=True)) == ORDER


BAD_CELLS: dict[str, tuple[dict[str, Any], str]] = {
    "no number": ({"工单编号": ""}, '"工单编号" is empty'),
    "a number that lost digits": ({"工单编号": 1234567890123456789.0}, "15 digits"),
    "no time": ({"受理时间": "昨天下午"}, "no time like"),
    "a number for a time": ({"受理时间": 46353.35}, "no date"),
    "a day that is none": ({"受理时间": "2026-02-30 08:00"}, "calendar"),
    "a category that nobody knows": ({"诉求类别": "其他"}, "诉求类别"),
    "a community that nobody knows": ({"所属社区": "别处"}, "所属社区"),
    "true": ({"事发地址": True}, "true or false"),
}


@pytest.mark.parametrize("how", BAD_CELLS)
def test_an_odd_cell_is_named_and_its_content_is_not(how: str) -> None:
    change, why = BAD_CELLS[how]
    with pytest.raises(BadOrder, match=why) as bad:
        orders.order(Row(2, {**dict(zip(HEADINGS, ROW, strict=True)), **change}), HOW)
    assert not any(str(value) in str(bad.value) for value in (*change.values(), *ROW) if value not in ("", True))


def test_a_merged_cell_is_named_and_its_row_refused() -> None:
    sheet = sheets.read("a.xlsx", as_xlsx([ROW, ["GD-2", *ROW[1:]], ["GD-3", *ROW[1:]]], merged="E2:E3"), WANTED)
    how = orders.reading(CONFIG, ZONE, sheet.headings)
    for row in sheet.rows[:2]:
        with pytest.raises(BadOrder, match=r"事发地址.*merged"):
            orders.order(row, how)
    assert orders.order(sheet.rows[2], how).number == "GD-3"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-27 08:30",
        "2026-11-27 08:30:00",
        "2026-11-27T08:30",
        "2026/11/27 8:30",
        "2026.11.27 8:30",
        "2026年11月27日8时30分",
        "2026年11月27日 8时30分00秒",
        "2026年11月27日上午8点30分",
        "20261127 0830",
        "20261127083000",
        "２０２６－１１－２７　０８：３０",
        " 2026-11-27  08:30 ",
        datetime(2026, 11, 27, 8, 30),  # noqa: DTZ001  a spreadsheet knows no zones
    ],
)
def test_times_are_read_as_people_write_them(written: Any) -> None:
    assert cells.moment(written, ZONE) == AT


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026年11月27日", 0),
        ("2026年11月27日下午3时", 15),
        ("2026-11-27 晚上8:00", 20),
        ("2026-11-27 中午12:00", 12),
        ("2026-11-27 凌晨12:00", 0),
        ("2026-11-27 下午15:00", 15),
    ],
)
def test_halves_of_the_day_are_understood(written: str, hour: int) -> None:
    assert cells.moment(written, ZONE) == AT + (hour * 60 - 8 * 60 - 30) * 60_000_000


@pytest.mark.parametrize("odd", ["", None, "11月27日", "27/11/2026 08:30", "2026-13-01", "2026-11-27 25:00", 20261127])
def test_a_time_that_could_be_another_is_none(odd: Any) -> None:
    with pytest.raises(OddCell):
        cells.moment(odd, ZONE)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" a ", "a"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (13955190701.0, "13955190701"),
        ("a\r\nb", "a\nb"),
        (clock_time(8, 30), "08:30:00"),
        (timedelta(hours=1), "1:00:00"),
    ],
)
def test_a_cell_shows_what_a_person_sees(cell: Any, text: str) -> None:
    assert cells.text(cell) == text


def test_a_number_is_read_in_plain_digits() -> None:
    assert cells.code(" ＧＤ－１２ ３") == "GD-123"


@pytest.mark.parametrize(
    ("number", "personal"),
    [
        ("GD-1", False),
        ("13955190701", True),
        ("20261127-13955190701", True),
        ("15020319900101001X", True),
        ("20261127083000123", False),
        ("239551907011", False),
    ],
)
def test_a_number_made_from_a_phone_is_personal(number: str, personal: bool) -> None:
    assert orders.is_personal(number, CONFIG) is personal


# ------------------------------------------------------------ telling

HOTLINE = Department("hotline", "hotline", "operator", ZONE)


def seen(before: Told | None = None, open_part: str = "o1", words: str = "w1") -> Seen:
    return Seen(ORDER, "GD-1", open_part, words, before)


def test_a_new_order_is_a_report_whose_words_and_caller_go_to_the_vault() -> None:
    (draft,) = drafts(seen(), HOTLINE, CONFIG.system)
    assert draft.body == Report(Category("xitu", "2026", "0101"), Place("150271001001", None, "富强路口"), "12345")
    assert draft.personal[::2] == ("桥头的灯坏了", "欧阳霁月 13955190701")
    assert draft.meta.subject == Subject("case", ids.case_id(CONFIG.system, "GD-1"))
    assert (draft.meta.occurred_at, draft.meta.actor.org, draft.meta.source.number) == (AT, "hotline", "GD-1")


def test_what_has_not_changed_says_nothing() -> None:
    assert drafts(seen(Told("o1", "w1")), HOTLINE, CONFIG.system) == []


def test_a_changed_order_is_one_claim() -> None:
    (words,) = drafts(seen(Told("o1", "w0")), HOTLINE, CONFIG.system)
    assert (type(words.body), words.personal.text) == (Supplement, "桥头的灯坏了\n欧阳霁月 13955190701")
    (both,) = drafts(seen(Told("o0", "w0")), HOTLINE, CONFIG.system)
    assert (type(both.body), both.personal.text) == (Amend, "桥头的灯坏了\n欧阳霁月 13955190701")
    (place,) = drafts(seen(Told("o0", "w1")), HOTLINE, CONFIG.system)
    assert (type(place.body), place.personal.text) == (Amend, None)


def test_a_change_back_is_told_too_and_the_same_change_leads_to_the_same_claim() -> None:
    there = seen(Told("o0", "w0", 0))
    back = Seen(ORDER, "GD-1", "o0", "w0", there.now)
    again = seen(back.now)
    claim_ids = [drafts(one, HOTLINE, CONFIG.system)[0].meta.claim_id for one in (there, back, again)]
    assert len(set(claim_ids)) == 3
    assert drafts(there, HOTLINE, CONFIG.system) == drafts(there, HOTLINE, CONFIG.system)


# ------------------------------------------------------------ answering

TEXT = TextRef("11111111-1111-4111-8111-111111111111", b"\x01" * 32)
CASE = ids.case_id(CONFIG.system, "GD-1")
ALIAS = "22222222-2222-4222-8222-222222222222"


def answer(body: Any, number: str = "GD-1", system: str = CONFIG.system) -> dict[str, Any] | None:
    meta, _ = fact(body, 4, at=AT)
    card = Card(number="N-1", stage="filed", lead="street", source=Source(system, number), text=TEXT)
    found = steps(Item("hotline", 0, 1, "fact", Subject("case", CASE), 4, card, AT, meta, body), CONFIG.system)
    return found[0].body if found else None


def test_an_answer_names_their_number_ours_and_how_it_stands() -> None:
    row = answer(Filed("N-1"))
    assert row is not None
    assert (row["number"], row["hub_number"], row["status"], row["org"]) == ("GD-1", "N-1", "filed", "street")


def test_only_what_is_meant_for_the_caller_goes_along_in_words() -> None:
    told, between_parties = answer(ReporterAnswered("phone", TEXT)), answer(HandedBack("street", TEXT))
    assert told is not None
    assert between_parties is not None
    assert (told["text"], between_parties["text"]) == (TEXT, None)


def test_an_alias_is_opened_at_delivery_only() -> None:
    row, other = answer(Filed("N-1"), ALIAS), answer(Filed("N-1"), "GD-1", "another-system")
    assert row is not None
    assert other is not None
    assert (row["number"], other["number"]) == (NumberRef(ALIAS), None)


def test_what_the_hotline_need_not_know_makes_no_row() -> None:
    assert answer(Supplement()) is None


FORMULAS = ["=1+1", "+86 138", "-1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("encoding", [None, "utf-8", "gb18030"])
def test_what_looks_like_a_formula_is_written_as_text(encoding: str | None) -> None:
    content = writing.written(["=heading"], [[text] for text in [*FORMULAS, "plain"]], encoding)
    if encoding is None:
        grid = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert b"<f>" not in content
    else:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        grid = [list(row) for row in csv.reader(io.StringIO(text, newline=""))]
    cells_read = [str(row[0]) for row in grid]
    assert [cell[0] for cell in cells_read[:-1]] == ["'"] * (len(FORMULAS) + 1)
    assert cells_read[-1] == "plain"


def test_the_same_rows_are_the_same_bytes() -> None:
    assert writing.written(["a"], [["1"]], None) == writing.written(["a"], [["1"]], None)
