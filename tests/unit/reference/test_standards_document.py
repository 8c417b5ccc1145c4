"""The document beside a workbook: strict, and whole where half would be a mixture."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ops.reference.standards import document
from ops.reference.standards.document import DocumentProblem
from streams.core.working_time import Unit


def parsed(**said: Any) -> document.Document:
    return document.parse("lamps.toml", said)


def test_what_a_document_leaves_out_is_as_in_the_default_one() -> None:
    found = parsed(scheme="lamps", layout={"type_digits": 3})
    assert (found.scheme, found.layout.type_digits, found.layout.class_digits) == ("lamps", 3, 2)
    assert found.units == document.default().units


def test_a_table_of_units_is_taken_whole() -> None:
    found = parsed(units={"version": "lamps 1", "words": {"天": "urgent_days"}})
    assert found.units.words == {"天": Unit.URGENT_DAYS}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"scehme": "x"}, "unknown field `scehme`"),
        ({"units": {"words": {"天": "working_days"}}}, "missing required field `version`.*units"),
        ({"units": {"version": "1", "words": {"天": "days"}}}, "Invalid enum value 'days'.*units.words"),
        ({"layout": {"columns": {"limt": "时限"}}}, "unknown field `limt`.*layout.columns"),
        ({"layout": {"blank_class": "guess"}}, "Invalid enum value 'guess'.*blank_class"),
        ({"layout": 7}, "object.*layout"),
        ({"kind": "grids"}, "Invalid enum value 'grids'.*kind"),
        ({"refused": "ignore"}, "Invalid enum value 'ignore'.*refused"),
        ({"valid_from": "tomorrow"}, "datetime.*valid_from"),
        ({"valid_from": date(2026, 1, 1), "zone": "Asia/Nowhere"}, '"zone" is not a time zone'),
    ],
)
def test_a_document_that_is_not_understood_names_file_and_key(said: dict[str, Any], told: str) -> None:
    with pytest.raises(DocumentProblem, match=f"^lamps.toml: .*{told}"):
        document.parse("lamps.toml", said)


@pytest.mark.parametrize(
    ("since", "zone", "moment"),
    [
        ("2026-01-01", "Asia/Shanghai", "2025-12-31T16:00:00+00:00"),
        ("2026-01-01", "America/New_York", "2026-01-01T05:00:00+00:00"),
        ("2026-01-01T12:00:00", "Asia/Shanghai", "2026-01-01T04:00:00+00:00"),
        ("2026-01-01T00:00:00+02:00", "Asia/Shanghai", "2025-12-31T22:00:00+00:00"),
    ],
)
def test_a_day_begins_in_the_zone_of_the_document(since: str, zone: str, moment: str, tmp_path: Path) -> None:
    path = tmp_path / "lamps.toml"
    path.write_text(f'valid_from = {since}\nzone = "{zone}"\n', "utf-8")
    assert document.load(path).valid_from == datetime.fromisoformat(moment)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lamps.toml"
    path.write_text("scheme = ", "utf-8")
    with pytest.raises(DocumentProblem, match=r"^lamps\.toml: not readable as TOML"):
        document.load(path)


def test_the_document_stands_beside_its_workbook(tmp_path: Path) -> None:
    workbook = tmp_path / "lamps.xlsx"
    assert document.beside(workbook) is None
    (tmp_path / "lamps.toml").touch()
    assert document.beside(workbook) == tmp_path / "lamps.toml"
