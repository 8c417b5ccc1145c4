"""The calendars that ship with the hub, and any other calendar from a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import events
from streams.core.calendars import Calendar, CalendarData, CalendarError, compile_calendar, parse_calendar

if TYPE_CHECKING:
    from ops.reference.documents import Document

DEFAULT = "china"


def names() -> list[str]:
    """Names of the calendars that the project ships."""
    folder = resources.files("ops.reference") / "calendars"
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def load(name: str) -> Calendar:
    """A shipped calendar by name, or any other by its path ending in .toml. Raises CalendarError."""
    if name.endswith(".toml"):
        return compile_calendar(parse_calendar(_text(Path(name)), name))
    if name not in names():
        raise CalendarError(f'There is no calendar "{name}": use {", ".join(names())} or the path of a .toml file.')
    text = (resources.files("ops.reference") / "calendars" / f"{name}.toml").read_text("utf-8")
    return compile_calendar(parse_calendar(text, f"{name}.toml"))


def read_document(path: Path) -> Document:
    """A calendar as a document of the reference. Raises BadDocuments."""
    from ops.reference.documents import Document  # brings geometry along, which a due time does not need
    from ops.reference.problems import bad

    try:
        data = load(str(path)).data
    except CalendarError as wrong:
        raise bad(path, 0, "", str(wrong)) from None
    return Document("calendars", data.name, (item(data),), edition=data.version, file=path.name)


def item(data: CalendarData) -> events.Calendar:
    """The item of the reference that holds a calendar."""
    years = tuple(
        events.CalendarYear(
            year.year,
            tuple(holiday.date.isoformat() for holiday in year.holidays),
            tuple(day.isoformat() for day in year.working_days),
            tuple(holiday.name for holiday in year.holidays),
        )
        for year in data.years
    )
    windows = tuple(events.Window(window.opens, window.closes) for window in data.windows)
    return events.Calendar(data.name, data.version, data.zone, windows, tuple(data.rest_weekdays), years)


def _text(path: Path) -> str:
    if not path.is_file():
        raise CalendarError(f"{path}: there is no such file; give a calendar's path, or one of {', '.join(names())}.")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise CalendarError(f"{path}: not readable as UTF-8.") from None
