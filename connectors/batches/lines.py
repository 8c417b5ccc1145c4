"""What the lines of a batch can say, in both directions: kinds and their bodies, read strictly.

Promise: nothing personal stands in the open. Bodies hold codes, numbers, times and the public place of a defect; a
field that is not known here, or a value that looks like a phone or an identity number, makes the whole line refused.
Names and words travel in capsules. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

PHONE_OR_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{17}[\dXx])(?![0-9A-Za-z])"
)
"""A mobile number of mainland China, or an identity number, wherever it stands."""

CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/-]{0,63}")


class BadLine(Exception):
    """A line that is refused; `code` goes back to its sender, the sentence into our log."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`at`: when it happened, UTC microseconds."""

    at: int


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Degrees of CGCS2000 or WGS-84, which agree within a metre."""

    longitude: float
    latitude: float


class TransferIn(_Body, frozen=True, forbid_unknown_fields=True):
    """The police hand a matter over to the hotline 110 → 12345. `category` is a code of theirs; `place` an address that
    anybody may know, never a home."""

    category: str
    police_code: str | None = None
    place: str | None = None
    position: Position | None = None
    restricted: bool = False


class Answer(_Body, frozen=True, forbid_unknown_fields=True):
    """Whether they take what they were given, with their number; a refusal has a reason."""

    accepted: bool
    reason: str | None = None
    number: str | None = None


class Reference(_Body, frozen=True, forbid_unknown_fields=True):
    """An answer by reference only: who it is stays where it is known."""

    outcome: Literal["identified", "unknown", "refused"]
    reference: str | None = None


class Question(_Body, frozen=True, forbid_unknown_fields=True):
    """A question to another organisation, answered by reference."""

    party: str
    purpose: str


class HandOn(_Body, frozen=True, forbid_unknown_fields=True):
    """Danger to life that needs another service as well: 119 or 120."""

    service: Literal["119", "120"]
    org: str
    reason: str


class Work(_Body, frozen=True, forbid_unknown_fields=True):
    """They have come, are at it, or have done it; words stand in the capsule."""


IN: dict[str, type[_Body]] = {
    "transfer": TransferIn,
    "transfer-answer": Answer,
    "hand-over-answer": Answer,
    "hand-on": HandOn,
    "reference": Reference,
    "question": Question,
    "report-in": Work,
    "progress": Work,
    "hand-back": Work,
}
"""What the police may say."""

OUT = (
    "introduced",
    "hand-over",
    "transfer",
    "transfer-answer",
    "summons",
    "question",
    "reference",
    "news",
    "refused",
    "gone",
)
"""What the hub says."""


def read(kind: str, body: dict[str, Any]) -> Any:
    """The body of a line that came. Raises BadLine."""
    made = IN.get(kind)
    if made is None:
        raise BadLine("unknown-kind", "a line of a kind that is not known")
    check_open(body)
    try:
        found = msgspec.convert(body, made)
    except msgspec.ValidationError:
        raise BadLine("bad-body", f"a {kind} with other fields than it has") from None
    for name in ("category", "reason", "number", "reference", "party", "org", "purpose", "police_code"):
        value = getattr(found, name, None)
        if value is not None and not CODE.fullmatch(value):
            raise BadLine("not-a-code", f'a {kind} whose "{name}" is no code')
    return found


def check_open(value: Any) -> None:
    """Raises BadLine where something that travels in the open looks personal."""
    if any(PHONE_OR_IDENTITY.search(text) for text in _texts(value)):
        raise BadLine("personal-in-the-open", "a phone or identity number outside a capsule")


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield str(key)
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
