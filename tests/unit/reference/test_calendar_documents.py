"""A calendar that ships with the hub is a document of the reference, and clocks read it back as it was."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ops.reference import calendars, checks, documents
from ops.reference.documents import Document, read_all
from ops.reference.loading import By, header
from ops.reference.problems import BadDocuments
from schemas.events import Calendar
from streams.core.clocks import from_reference
from streams.core.reference import EMPTY, Loaded
from tests.builders import T0

FOLDER = Path(calendars.__file__).parent / "calendars"


def test_the_shipped_calendars_are_documents() -> None:
    found = read_all([FOLDER])
    assert [(d.kind, d.name) for d in found] == [("calendars", name) for name in calendars.names()]
    for document in found:
        (item,) = document.items
        assert isinstance(item, Calendar)
        shipped = calendars.load(document.name)
        assert (item.name, item.version, item.zone) == (document.name, document.edition, shipped.data.zone)
        assert [year.year for year in item.years] == [year.year for year in shipped.data.years]
        assert sum(len(y.holidays) for y in item.years) == sum(len(y.holidays) for y in shipped.data.years)


def test_a_calendar_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "china.toml").read_text("utf-8").replace("opens = 480", "opens = 730")
    (tmp_path / "c.toml").write_text(text, "utf-8")
    with pytest.raises(BadDocuments):
        read_all([tmp_path])


def china(folder: Path, old: str = "", new: str = "") -> Document:
    """China's calendar with a change."""
    text = (FOLDER / "china.toml").read_text("utf-8")
    assert old in text
    (folder / "china.toml").write_text(text.replace(old, new, 1), "utf-8")
    return documents.read(folder / "china.toml")


def complaints(before: Document, document: Document) -> list[str]:
    known = EMPTY.after([Loaded(header(1, before, By("centre", "steward"), T0), before.items)])
    return [one.what for one in checks.check(known, [document], T0)]


def test_a_calendar_edited_in_place_is_refused_and_a_new_version_is_not(tmp_path: Path) -> None:
    before = china(tmp_path)
    version = f'version = "{before.edition}"'
    assert complaints(before, before) == []
    assert complaints(before, china(tmp_path, version, 'version = "2027.9"')) == []
    (told,) = complaints(before, china(tmp_path, "opens = 480", "opens = 510"))
    assert told == f"calendar china {before.edition} is known with another content: give the new one another version"


def test_the_names_of_holidays_arrive_at_the_clocks(tmp_path: Path) -> None:
    (item,) = china(tmp_path).items
    named = from_reference.document(item)
    assert named == calendars.load("china").data
    old = replace(item, years=tuple(replace(year, holiday_names=()) for year in item.years))
    assert {holiday.name for year in from_reference.document(old).years for holiday in year.holidays} == {""}
