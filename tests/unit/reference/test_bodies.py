"""Who is named in a cell: departments, owners, descriptions."""

from collections.abc import Callable

import pytest

from ops.reference.standards import bodies, document
from schemas.events import Candidate, CandidateKind, CandidateKindSymbol

WORDS = document.default().bodies
NAMED: CandidateKindSymbol = CandidateKind.NAMED
OWNER, DESCRIBED = CandidateKind.OWNER, CandidateKind.DESCRIBED

CELLS = {
    "照明管理所": [("照明管理所", NAMED)],
    "照明管理所、各产权单位": [("照明管理所", NAMED), ("各产权单位", OWNER)],
    "照明管理所、及各产权单位": [("照明管理所", NAMED), ("各产权单位", OWNER)],
    "\n照明管理所\n公园 管理所": [("照明管理所", NAMED), ("公园管理所", NAMED)],
    "所属街道、属地社区；各网格长": [("所属街道", DESCRIBED), ("属地社区", DESCRIBED), ("各网格长", DESCRIBED)],
    "住房和城乡建设局": [("住房和城乡建设局", NAMED)],
    "供气所及各供油、供电部门、各产权单位": [("供气所及各供油、供电部门", DESCRIBED), ("各产权单位", OWNER)],
    "照明管理所、照明管理所": [("照明管理所", NAMED)],
    "": [],
}

Reader = Callable[[str], tuple[Candidate, ...]]


def read(cell: str) -> tuple[Candidate, ...]:
    return bodies.read(cell, WORDS)


def mistakes(reader: Reader) -> list[str]:
    return [cell for cell, told in CELLS.items() if [(one.name, one.kind) for one in reader(cell)] != told]


def test_candidates_are_departments_owners_or_descriptions() -> None:
    assert mistakes(read) == []


def takes_the_owner_for_a_department(cell: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(one.name, NAMED) for one in read(cell))


def cuts_at_every_and(cell: str) -> tuple[Candidate, ...]:
    return read(cell.replace("及", "、").replace("和", "、"))


def keeps_the_cell_whole(cell: str) -> tuple[Candidate, ...]:
    return (Candidate(cell, NAMED),)


@pytest.mark.parametrize("twin", [takes_the_owner_for_a_department, cuts_at_every_and, keeps_the_cell_whole])
def test_a_reader_that_takes_words_for_departments_is_found(twin: Reader) -> None:
    assert mistakes(twin) != []
