"""A call-back as it is understood: read strictly from the company's JSON, by its own names of fields. Pure."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from connectors.contract import Attached, BadMessage
from connectors.rest.settings import EventFields

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 200
"""Characters of an id or status; whatever is longer is none."""


class Event(msgspec.Struct, frozen=True):
    """What a company says of an order: `id` is its own id of the event, `sequence` counts 1, 2, 3 … within the order
    (None: it does not count), `at` is when it happened, UTC µs. `note` and `photos` may be personal."""

    id: str
    order: str
    status: str
    at: int
    key: str | None = None
    sequence: int | None = None
    to: str | None = None
    reason: str | None = None
    due: int | None = None
    note: str | None = None
    photos: tuple[Attached, ...] = ()


class Photo(msgspec.Struct, frozen=True):
    """A photo as it is sent: base64."""

    media_type: str
    content: str


def parse(body: bytes, names: EventFields, zone: tzinfo) -> Event:
    """The event in a body. Raises BadMessage, whose reason has no personal content."""
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadMessage("call-back", "the body is no JSON") from None
    if not isinstance(content, dict):
        raise BadMessage("call-back", "the body is no JSON object")
    return read(content, names, zone)


def read(content: dict[str, Any], names: EventFields, zone: tzinfo) -> Event:
    """The event in a parsed body, or in an entry of an order's history. Raises BadMessage."""
    found = {ours: content.get(theirs) for ours, theirs in msgspec.structs.asdict(names).items()}
    event = _text(found, "event", names) or ""
    place = event or "call-back"
    for needed in ("event", "order", "status", "at"):
        if found[needed] in (None, ""):
            raise BadMessage(place, f'"{getattr(names, needed)}" is missing')
    return Event(
        id=event,
        order=_text(found, "order", names) or "",
        status=_text(found, "status", names) or "",
        at=_time(place, found["at"], names.at, zone),
        key=_text(found, "key", names),
        sequence=_sequence(place, found["sequence"], names.sequence),
        to=_text(found, "to", names),
        reason=_text(found, "reason", names),
        due=None if found["due"] is None else _time(place, found["due"], names.due, zone),
        note=_note(place, found["note"], names.note),
        photos=_photos(place, found["photos"], names.photos),
    )


def _text(found: dict[str, Any], ours: str, names: EventFields) -> str | None:
    value = found[ours]
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and (not isinstance(value, str) or len(value) > LONGEST):
        raise BadMessage("call-back", f'"{getattr(names, ours)}" must be a text of at most {LONGEST} characters')
    return value or None


def _note(place: str, value: Any, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadMessage(place, f'"{name}" must be a text')
    return value or None


def _sequence(place: str, value: Any, name: str) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise BadMessage(place, f'"{name}" must be a whole number from 1 on')
    return value


def _time(place: str, value: Any, name: str, zone: tzinfo) -> int:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadMessage(place, f'"{name}" is no time in ISO 8601') from None
    return ((found if found.tzinfo else found.replace(tzinfo=zone)) - EPOCH) // timedelta(microseconds=1)


def _photos(place: str, value: Any, name: str) -> tuple[Attached, ...]:
    if value is None:
        return ()
    try:
        photos = msgspec.convert(value, tuple[Photo, ...])
        return tuple([Attached(b64decode(photo.content, validate=True), photo.media_type) for photo in photos])
    except (msgspec.ValidationError, Error, ValueError):
        raise BadMessage(place, f'"{name}" must be a list of {{"media_type", "content" in base64}}') from None
