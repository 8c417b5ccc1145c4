"""A real city's workbook, where it lies beside the project: counted whole, odd cells named, nothing of it copied."""

from pathlib import Path

import pytest

import ops.demo
from ops.reference.standards import cells, document, workbook
from ops.reference.standards.workbook import Reading

EXAMPLE = Path(ops.demo.__file__).parent / "standards.xlsx"
REAL = Path(__file__).parents[3] / "shared/data/standards-yuncheng.xlsx"
WORKBOOKS = [(EXAMPLE, 70, 18, 57, {"15天（雨季顺延）", "1紧急工作时到场", "两天"})]
if REAL.is_file():
    WORKBOOKS.append((REAL, 519, 190, 516, {"1紧急工作时制止"}))


@pytest.mark.parametrize(
    ("path", "conditions", "types", "accepted", "odd"), WORKBOOKS, ids=[path.stem for path, *_ in WORKBOOKS]
)
def test_a_workbook_is_counted_whole_and_its_odd_cells_are_named(
    path: Path, conditions: int, types: int, accepted: int, odd: set[str]
) -> None:
    found = workbook.read(path, document.default())
    assert (found.conditions, found.types, len(found.accepted)) == (conditions, types, accepted)
    assert odd <= {one.text for one in found.refused}
    assert all(one.sheet and one.row and one.reason for one in found.refused)
    assert _of_conditions(found) == found.conditions - len(found.accepted)


def _of_conditions(found: Reading) -> int:
    return sum(one.text != one.sheet and not one.reason.startswith("no such headings") for one in found.refused)


def _texts(path: Path) -> set[str]:
    shown = {
        one.cell(row, column).text
        for one in cells.sheets(path)
        for row in range(3, one.rows + 1)
        for column in (2, 4, 5, 6, 7, 8)
    }
    return {text for text in shown if len(text) > 4}


def test_no_sentence_of_a_real_workbook_is_in_the_example() -> None:
    assert {text for path, *_ in WORKBOOKS[1:] for text in _texts(path)} & _texts(EXAMPLE) == set()
