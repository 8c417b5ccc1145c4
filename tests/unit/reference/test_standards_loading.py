"""A workbook becomes a document of the reference, or says what stops it."""

import shutil
from pathlib import Path

import pytest

import ops.demo
from ops.reference import checks, documents
from ops.reference.documents import Document
from ops.reference.loading import By, header
from ops.reference.problems import BadDocuments
from schemas import events
from streams.core import standards
from streams.core.reference import EMPTY, Loaded, Reference
from streams.core.standards import Limit, Unreadable
from streams.core.working_time import Unit
from tests.builders import T0

EXAMPLE = Path(ops.demo.__file__).parent / "standards.xlsx"
FAR = 1 << 62
TOML = EXAMPLE.with_suffix(".toml").read_text("utf-8")


def placed(folder: Path, toml: str = TOML) -> Path:
    """The example workbook in a folder of its own, with this document beside it."""
    (folder / "standards.toml").write_text(toml, "utf-8")
    return Path(shutil.copy(EXAMPLE, folder))


def later(folder: Path, old: str, new: str) -> Document:
    assert old in TOML
    return documents.read(placed(folder, TOML.replace(old, new)))


def holding(*loaded: Document) -> Reference:
    by = By("centre", "steward")
    return EMPTY.after(Loaded(header(n, one, by, T0), one.items) for n, one in enumerate(loaded, 1))


def complaints(reference: Reference, document: Document) -> list[str]:
    return [one.what for one in checks.check(reference, [document], T0)]


def test_a_workbook_is_one_document_named_by_scheme_and_version() -> None:
    found = documents.read(EXAMPLE)
    assert (found.kind, found.name, found.edition) == ("standards", "zhongyuan-standard 2026.1", "2026.1")
    assert len(found.items) == len(found.lines) == 70
    assert found.valid_from == 1_767_196_800_000_000  # 2026-01-01 in Shanghai


def test_workbook_document_and_folder_mean_the_same(tmp_path: Path) -> None:
    placed(tmp_path)
    ways = [tmp_path / "standards.xlsx", tmp_path / "standards.toml", tmp_path]
    assert len({documents.read_all([way])[0].digest for way in ways}) == 1


def test_conditions_arrive_with_limit_and_reading_or_without_a_limit() -> None:
    known = standards.known(holding(documents.read(EXAMPLE)).in_force(FAR))
    (standard,) = known.values()
    limits = {one.filing: one.limit for one in standard.conditions.values()}
    leaning = limits["杆身歪斜，可能砸到人"]
    assert standards.reading(leaning) == (
        '4 urgent hours from "4 紧急\n工作时": "紧急工作时" is read as urgent hours by table of units zhongyuan 1'
    )
    assert limits["检查井的盖有别的情况"] == Unreadable(
        "15天（雨季顺延）", 'words behind the unit "天": "（雨季顺延）"'
    )
    assert sum(isinstance(limit, Unreadable) for limit in limits.values()) == 11


def test_a_condition_without_a_limit_never_has_an_amount() -> None:
    items = [one for one in documents.read(EXAMPLE).items if one.unreadable is not None]
    assert len(items) == 11
    assert {one.limit_amount for one in items} == {0}


def test_what_is_refused_stops_the_load_unless_the_document_says_otherwise(tmp_path: Path) -> None:
    with pytest.raises(BadDocuments) as caught:
        later(tmp_path, 'refused = "load without limit"', 'refused = "stop"')
    assert len(caught.value.found) == 11
    assert str(caught.value.found[0]) == (
        'standards.xlsx, sheet 设施类, line 7: "15天（雨季顺延）": words behind the unit "天": "（雨季顺延）"'
    )


def test_a_row_that_is_no_condition_stops_the_load_in_any_case(tmp_path: Path) -> None:
    with pytest.raises(BadDocuments, match="大类代码 is empty here") as caught:
        later(tmp_path, 'blank_class = "as above"', 'blank_class = "refuse"')
    assert len(caught.value.found) == 1


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        (TOML.replace('version = "2026.1"\n', ""), "has to name scheme and version"),
        (TOML.replace("scheme =", "shceme ="), r"standards\.toml: .*unknown field `shceme`"),
        (TOML.replace('workbook = "standards.xlsx"', 'workbook = "other.xlsx"'), "there is no workbook other.xlsx"),
    ],
)
def test_a_document_that_is_not_complete_is_refused(toml: str, told: str, tmp_path: Path) -> None:
    placed(tmp_path, toml)
    with pytest.raises(BadDocuments, match=told):
        documents.read(tmp_path / "standards.toml")


def test_a_file_that_is_not_there_or_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDocuments, match=r"none\.xlsx: no such file"):
        documents.read(tmp_path / "none.xlsx")
    (tmp_path / "paper.xlsx").write_text("paper", "utf-8")
    with pytest.raises(BadDocuments, match=r"paper\.xlsx: it cannot be read as a workbook"):
        documents.read(tmp_path / "paper.xlsx")


# ------------------------------------------------------------------ versions


def test_the_next_version_stands_beside_the_one_before(tmp_path: Path) -> None:
    first = documents.read(EXAMPLE)
    second = later(tmp_path, 'version = "2026.1"', 'version = "2027.1"')
    assert complaints(holding(first), second) == []
    known = standards.known(holding(first, second).in_force(FAR))
    assert {version for _, version in known} == {"2026.1", "2027.1"}


def test_a_version_that_is_known_never_changes(tmp_path: Path) -> None:
    first = documents.read(EXAMPLE)
    assert complaints(holding(first), first) == []
    for old, new in [('"天" = "working_days"', '"天" = "urgent_days"'), ("2026-01-01", "2026-02-01")]:
        (told,) = complaints(holding(first), later(tmp_path, old, new))
        assert told.startswith("standard zhongyuan-standard 2026.1 is known with another content or beginning")


def test_two_versions_in_one_document_are_refused() -> None:
    items = [
        events.Standard("lamps", version, "0101", "街灯", f"0101-{version}", "灯不亮", 2, "working_day")
        for version in ("2026", "2027")
    ]
    (told,) = complaints(EMPTY, Document("standards", "lamps 2026", tuple(items)))
    assert told.startswith("holds conditions of lamps 2027: one version of a standard is one document")


def test_how_a_unit_is_read_belongs_to_the_version(tmp_path: Path) -> None:
    round_the_clock = later(tmp_path, '"天" = "working_days"', '"天" = "urgent_days"')
    (standard,) = standards.known(holding(round_the_clock).in_force(FAR)).values()
    limits = [one.limit for one in standard.conditions.values() if isinstance(one.limit, Limit)]
    assert {one.unit for one in limits if one.word == "天"} == {Unit.URGENT_DAYS}
