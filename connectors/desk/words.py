"""One spoken claim as plain words: what stands in a JSON or TOML document, read strictly.

Subjects are named `kind:system:number` (`case:chat:7`, `group:centre:poles`; a case also `chat:7`), persons
`person:name` in the speaking system's own terms, times in ISO 8601.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from connectors.contract import Refused
from schemas import ids
from schemas.events import Subject, SubjectKind, SubjectKindSymbol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class BadWord(Refused):
    """The words cannot become a claim; one sentence says what, where and what to do. Nothing was sent."""


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says. `claim`: name of the claim; `about`: its subject; `by`: `org:role` or `org:role:person`;
    `at`: when it happened; `text`, `files`, `reporter` go to the vault; `occurrence` tells two equal words apart."""

    claim: str
    about: str
    by: str
    at: str
    fields: dict[str, Any] = {}
    text: str | None = None
    files: tuple[str, ...] = ()
    reporter: str | None = None
    source: str | None = None
    occurrence: str | None = None
    already_done: bool = False


def read(document: Any) -> Word:
    """The word in a parsed document. Raises BadWord."""
    try:
        return msgspec.convert(document, Word)
    except msgspec.ValidationError as wrong:
        raise BadWord(f"these words are no claim: {wrong}; a word has {', '.join(Word.__struct_fields__)}") from None


def subject(name: str) -> Subject:
    """The subject of `kind:system:number`, `system:number` (a case) or a UUID (a case). Raises BadWord."""
    if _UUID.fullmatch(name):
        return Subject(SubjectKind.CASE, name)
    first, _, rest = name.partition(":")
    kind: SubjectKindSymbol = SubjectKind.CASE
    for known in SubjectKind.ALL:
        if first == known and ":" in rest:
            kind, name = known, rest
    system, colon, number = name.partition(":")
    if not colon or not system or not number:
        raise BadWord(f'"{name}" names no subject: say kind:system:number, as in case:hotline:4711')
    return Subject(kind, ids.subject_id(kind, system, number))


def moment(value: datetime | str, zone: tzinfo) -> int:
    """UTC microseconds of an ISO 8601 time; one without offset is of the desk's zone. Raises BadWord."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise BadWord(f'"{value}" is no time: write it as 2026-11-26T08:30, with an offset if need be') from None
    return ((found if found.tzinfo else found.replace(tzinfo=zone)) - _EPOCH) // _MICROSECOND
