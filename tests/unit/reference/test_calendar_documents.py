"""A calendar that ships with the hub is a document of the reference, and clocks read it back as it was."""

from pathlib import Path

import pytest

from ops.reference import calendars
from ops.reference.documents import read_all
from ops.reference.problems import BadDocuments
from schemas.events import Calendar

FOLDER = Path(calendars.__file__).parent / "calendars"


def test_the_shipped_calendars_are_documents() -> None:
    documents = read_all([FOLDER])
    assert [(d.kind, d.name) for d in documents] == [("calendars", name) for name in calendars.names()]
    for document in documents:
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
