"""A message of a member as the chat assistant tells it, and what is wanted by it. Pure.

Promise: the same message of a group has one number for ever, whenever and however often it comes.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import astuple

from connectors.chat.settings import Words
from connectors.contract import BadMessage
from connectors.intake.translate import Digest, Line, PlaceTold
from schemas import ids

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that nobody takes for one another."""
LETTERS = 8
MISTAKEN = str.maketrans("OIL", "011")


class Sender(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wrote it: the assistant's own id of the member, and what it knows of the person."""

    id: Line
    name: Line | None = None
    phone: Line | None = None


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """One message. `id` is the assistant's own, `group` the alias under which the group is registered; `photos` are
    digests of files that were put before."""

    id: Line
    group: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    at: Annotated[datetime, Meta(tz=True)]
    sender: Sender
    text: Annotated[str, Meta(max_length=4_000)] = ""
    place: PlaceTold | None = None
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
    address = told.place.address if told.place else None
    if any("\0" in (each or "") for each in (told.id, told.text, address, *astuple(told.sender))):
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


def spellings(number: str) -> list[str]:
    """The numbers that somebody may mean who has typed this: O is 0, I and L are 1, small letters of the digest large
    ones, and the group's alias may have been small or large."""
    group, _, letters = number.strip().rpartition("-")
    tail = letters.upper().translate(MISTAKEN)
    return [f"{each}-{tail}" for each in dict.fromkeys((group, group.lower(), group.upper()))]


def fingerprint(told: Told) -> bytes:
    """By what two messages with one id are the same. Only who knows the id can tell what it is of."""
    return hmac.digest(told.id.encode(), msgspec.json.encode(told), "sha256")
