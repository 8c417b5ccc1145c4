"""The example workbook: what its script makes, and what its document reads in it."""

from pathlib import Path

import pytest

import ops.demo
from ops.demo import make_standards
from ops.reference.standards import cells, document, workbook
from ops.reference.standards.cells import NotAWorkbook
from ops.reference.standards.workbook import Reading
from schemas.events import CandidateKind
from streams.core.standards import Limit
from streams.core.working_time import Unit

SHIPPED = Path(ops.demo.__file__).parent / "standards.xlsx"


def shown(path: Path) -> list[tuple[str, list[list[str]]]]:
    """Everything that people see in a workbook."""
    return [
        (one.name, [[one.cell(row, column).text for column in range(1, 10)] for row in range(1, one.rows + 1)])
        for one in cells.sheets(path)
    ]


@pytest.fixture(scope="module")
def reading() -> Reading:
    return workbook.read(SHIPPED, document.load(SHIPPED.with_suffix(".toml")))


def test_the_script_makes_the_shipped_workbook(tmp_path: Path) -> None:
    make_standards.write(tmp_path / "again.xlsx")
    assert shown(tmp_path / "again.xlsx") == shown(SHIPPED)


def test_with_its_document_everything_is_accepted_but_what_nobody_can_read(reading: Reading) -> None:
    assert (reading.conditions, reading.types, len(reading.accepted)) == (70, 18, 59)
    assert len(reading.refused) == len(reading.without_limit) == 11
    read = {"1紧急工作时到场"}  # its document has decided about it
    assert {one.text for one in reading.refused} >= {str(odd) for odd in make_standards.ODD if odd} - read
    assert [one.text for one in reading.notes] == ["注：天指工作日，遇调休顺延。"]


def test_without_a_document_more_is_refused_and_nothing_else_is_counted() -> None:
    found = workbook.read(SHIPPED, document.default())
    assert (found.conditions, found.types, len(found.accepted)) == (70, 18, 57)
    assert {(one.sheet, one.row) for one in found.refused} >= {("填表说明", 1), ("事务类", 36)}


def test_what_stands_in_the_cells_arrives(reading: Reading) -> None:
    by_filing = {one.filing: one for one in reading.accepted}
    leaning = by_filing["杆身歪斜，可能砸到人"]
    assert (leaning.class_name, leaning.type_code, leaning.type_name) == ("管井与线缆", "1-0102", "通信杆")
    assert (leaning.closing, leaning.limit) == (
        "扶正或移除",
        Limit(4, Unit.URGENT_HOURS, "4 紧急\n工作时", "紧急工作时", "zhongyuan 1"),
    )
    assert [one.kind for one in leaning.disposers] == [CandidateKind.NAMED, CandidateKind.NAMED, CandidateKind.OWNER]
    assert [one.name for one in leaning.supervisors] == ["商务局"]
    assert by_filing["两个街道都说不归自己"].type_code == "2-0999"
    assert by_filing["上面各类都不合适"].type_code == "2-0998"


def test_every_code_is_there_once(reading: Reading) -> None:
    codes = [one.condition.code for one in reading.placed]
    assert len(set(codes)) == len(codes) == reading.conditions


def test_a_file_that_is_no_workbook_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "paper.xlsx"
    path.write_text("大类代码,大类名称\n", "utf-8")
    with pytest.raises(NotAWorkbook, match="it cannot be read as a workbook") as caught:
        workbook.read(path, document.default())
    assert "\n" not in str(caught.value)
    path.write_bytes(b"\0" * (cells.MAX_BYTES + 1))
    with pytest.raises(NotAWorkbook, match="larger than 20 MB"):
        workbook.read(path, document.default())
