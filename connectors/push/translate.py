"""The body of an order and the answer in a call-back. Pure."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any

import msgspec

from connectors.contract import Attached, BadMessage
from connectors.push.settings import Push
from connectors.tasks.answers import Answer
from connectors.tasks.orders import TIMES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def order_body(config: Push, key: str, body: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """What is pushed: of an order what their platform has fields for. Files stay as the runner opened them."""
    told = {**body, "key": key}
    found: dict[str, Any] = {}
    for name, theirs in config.fields.items():
        value = told.get(name)
        if value is not None:
            found[theirs] = _told_time(config, value, zone) if name in TIMES else value
    return found


def answer(config: Push, body: bytes, zone: tzinfo) -> Answer:
    """What a call-back says. Raises BadMessage."""
    digest = sha256(body).hexdigest()
    place = f"call-back {digest[:16]}"
    try:
        content = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise BadMessage(place, "the body is no JSON object") from None
    names = config.call_back

    def said(name: str, *, needed: bool = False) -> str:
        value = content.get(name)
        if needed and value in (None, ""):
            raise BadMessage(place, f'the field "{name}" is missing')
        if value is not None and not isinstance(value, str | int):
            raise BadMessage(place, f'the field "{name}" is no text')
        return "" if value is None else str(value).strip()

    message = said(names.message, needed=True)
    return Answer(
        f"call-back {message}",
        said(names.word, needed=True),
        said(names.number, needed=True),
        _moment(config, place, names.at, content.get(names.at), zone),
        message,
        said(names.text),
        said(names.reason),
        None
        if content.get(names.until) in (None, "")
        else _moment(config, place, names.until, content[names.until], zone),
        _files(place, content.get(names.files) or []),
    )


def _told_time(config: Push, value: int, zone: tzinfo) -> int | str:
    if config.time_format is None:
        return value // 1_000
    return (EPOCH + timedelta(microseconds=value)).astimezone(zone).strftime(config.time_format)


def _moment(config: Push, place: str, name: str, value: Any, zone: tzinfo) -> int:
    try:
        if config.time_format is None:
            return int(value) * 1_000
        return (datetime.strptime(str(value), config.time_format).replace(tzinfo=zone) - EPOCH) // MICROSECOND
    except (ValueError, TypeError):
        raise BadMessage(place, f'the field "{name}" is no time as agreed') from None


def _files(place: str, listed: Any) -> tuple[Attached, ...]:
    try:
        return tuple([Attached(b64decode(one["content"], validate=True), str(one["type"])) for one in listed])
    except (KeyError, TypeError, ValueError, Error):
        raise BadMessage(place, "its attachments are no list of name, type and content in base64") from None
