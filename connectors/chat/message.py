"""A message of a member as the chat assistant tells it, and what is wanted by it. Pure.

Promise: the same message of a group has one number for ever, whenever and however often it comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from connectors.chat.settings import Words
from connectors.contract import BadMessage
from schemas import ids

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that nobody takes for one another."""
LETTERS = 8
MISTAKEN = str.maketrans("OIL", "011")

Word = Annotated[str, Meta(min_length=1, max_length=200)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Sender(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wrote it: the assistant's own id of the member, and what it knows of the person."""

    id: Word
    name: Word | None = None
    phone: Word | None = None


class Point(Struct, frozen=True, forbid_unknown_fields=True):
    """Degrees east (x) and north (y) in a coordinate system."""

    x: Annotated[float, Meta(ge=-180, le=180)]
    y: Annotated[float, Meta(ge=-90, le=90)]
    system: Literal["WGS-84", "CGCS2000", "GCJ-02", "BD-09"]


class Whereabouts(Struct, frozen=True, forbid_unknown_fields=True):
    """Where it is: a point, words, or both."""

    point: Point | None = None
    address: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """One message. `id` is the assistant's own, `group` the alias under which the group is registered; `photos` are
    digests of files that were put before."""

    id: Word
    group: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    at: Annotated[datetime, Meta(tz=True)]
    sender: Sender
    text: Annotated[str, Meta(max_length=4_000)] = ""
    place: Whereabouts | None = None
    photos: tuple[Digest, ...] = ()

    @property
    def occurred_at(self) -> int:
        """When it was written, UTC µs."""
        return (self.at - EPOCH) // timedelta(microseconds=1)


class StatusAsked(NamedTuple):
    """How does the report with this number stand?"""

    number: str


class More(NamedTuple):
    """More about the report with this number."""

    number: str
    text: str


class NewReport(NamedTuple):
    """Something is to be reported."""


Wanted = StatusAsked | More | NewReport
_decode = msgspec.json.Decoder(Told).decode
_NUMBER = r"([A-Za-z0-9][A-Za-z0-9_.-]{5,80})"


def parse(body: bytes) -> Told:
    """A message from the body of a request. Raises BadMessage."""
    place = f"message {sha256(body).hexdigest()[:16]}"
    try:
        told = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadMessage(place, "the body is no message as agreed: see connectors/chat/README.md", body) from None
    if "\0" in told.text + told.id + told.sender.id + (told.sender.name or "") + (told.sender.phone or ""):
        raise BadMessage(place, "a text holds a zero byte", body)
    return told


def wanted(told: Told, words: Words) -> Wanted:
    """What the member wants: words at the beginning say it; whatever else is a report."""
    text = told.text.strip()
    if found := _after(words.status, text):
        return StatusAsked(found[1])
    if found := _after(words.supplement, text):
        return More(found[1], found[2].strip())
    if (
        told.place is None
        and not told.photos
        and (found := re.fullmatch(_NUMBER, text))
        and any(map(str.isdigit, text))
    ):
        return StatusAsked(text)
    return NewReport()


def _after(words: Iterable[str], text: str) -> re.Match[str] | None:
    named = "|".join(re.escape(word) for word in words)
    return re.match(rf"(?:{named})[\s:：]*{_NUMBER}(.*)", text, re.IGNORECASE | re.DOTALL) if named else None


def number(system: str, told: Told) -> str:
    """The number of a message's report: the group's alias and eight letters of a digest."""
    digest = sha256(ids.canonical(["chat", system, told.group, told.id])).digest()
    value = int.from_bytes(digest[:5], "big")
    return f"{told.group}-" + "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(LETTERS)))


def group_of(number: str) -> str:
    """The group in which a number was given."""
    return number.rpartition("-")[0]


def folded(number: str) -> str:
    """By what two spellings of a number are the same: small letters are large ones, O is 0, I and L are 1."""
    return number.strip().upper().translate(MISTAKEN)
