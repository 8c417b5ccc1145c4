"""Bodies of steps: kept as JSON with references in it, opened at the moment of delivery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from connectors.contract import CallerRef, ContactRef, FileContent, NumberRef
from schemas.events import FileRef, TextRef

_TEXT, _FILE, _CONTACT, _CALLER, _NUMBER = "$text", "$file", "$contact", "$caller", "$number"
Reference = TextRef | FileRef | ContactRef | CallerRef | NumberRef


class Reading(Protocol):
    """Opening what is personal, for one department; every look is recorded. None: it has been erased.

    Raises BadData where the department's role may not see it.
    """

    def text(self, ref: TextRef) -> str | None: ...
    def file(self, ref: FileRef) -> FileContent | None: ...
    def contact(self, person: str) -> dict[str, str] | None: ...
    def caller(self, subject: str) -> dict[str, str] | None: ...
    def number(self, alias: str) -> str | None: ...


def kept(value: Any) -> Any:
    """A body as it is stored: JSON alone, references as objects of one key."""
    match value:
        case TextRef():
            return {_TEXT: [value.ref, value.digest.hex()]}
        case FileRef():
            return {_FILE: [value.ref, value.digest.hex(), value.media_type, value.size]}
        case ContactRef():
            return {_CONTACT: [value.person]}
        case CallerRef():
            return {_CALLER: []}
        case NumberRef():
            return {_NUMBER: [value.alias]}
        case dict():
            return {str(name): kept(inner) for name, inner in value.items()}
        case list() | tuple():
            return [kept(inner) for inner in value]
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"a body of a step holds a {type(value).__name__}, which is no JSON value and no reference")


def restored(value: Any) -> Any:
    """The body of a step from what was stored."""
    return _walk(value, lambda reference: reference)


def unopened(value: Any) -> Any:
    """The body of a step from what was stored, with nothing in the place of each reference."""
    return _walk(value, lambda _reference: None)


def opened(value: Any, reading: Reading, subject: str) -> Any:
    """What is delivered about a subject: each reference opened, and the look recorded. Raises BadData."""

    def look(reference: Reference) -> Any:
        match reference:
            case TextRef():
                return reading.text(reference)
            case FileRef():
                return reading.file(reference)
            case ContactRef():
                return reading.contact(reference.person)
            case CallerRef():
                return reading.caller(subject)
            case NumberRef():
                return reading.number(reference.alias)

    return _walk(value, look)


def _walk(value: Any, use: Callable[[Reference], Any]) -> Any:
    match value:
        case {"$text": [str(ref), str(digest)]}:
            return use(TextRef(ref=ref, digest=bytes.fromhex(digest)))
        case {"$file": [str(ref), str(digest), str(kind), int(size)]}:
            return use(FileRef(ref=ref, digest=bytes.fromhex(digest), media_type=kind, size=size))
        case {"$contact": [str(person)]}:
            return use(ContactRef(person))
        case {"$caller": []}:
            return use(CallerRef())
        case {"$number": [str(alias)]}:
            return use(NumberRef(alias))
        case dict():
            return {name: _walk(inner, use) for name, inner in value.items()}
        case list():
            return [_walk(inner, use) for inner in value]
    return value
