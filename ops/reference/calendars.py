"""The calendars that ship with the hub, and any other calendar from a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from streams.core.calendars import Calendar, CalendarError, compile_calendar, parse_calendar

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


def _text(path: Path) -> str:
    if not path.is_file():
        raise CalendarError(f"{path}: there is no such file; give a calendar's path, or one of {', '.join(names())}.")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise CalendarError(f"{path}: not readable as UTF-8.") from None
