"""Effects on the other side: what is to be done there, what came of it, and the four ways in which it can fail."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from schemas.events import Subject


class ContactRef(msgspec.Struct, frozen=True):
    """Stands in a step's body for the contact of a person; opened at delivery, where the role may see it."""

    person: str


class CallerRef(msgspec.Struct, frozen=True):
    """Stands in a step's body for the contact of whoever reported the case, whom no feed names."""


class NumberRef(msgspec.Struct, frozen=True):
    """Stands in a step's body for an outside number that is personal: claims and facts carry this alias of it."""

    alias: str


class FileContent(msgspec.Struct, frozen=True):
    """A file of the vault, opened for one delivery."""

    content: bytes
    media_type: str


class Step(NamedTuple):
    """One effect on the other side, as a pure translation leaves it.

    `name` is unique within (destination, subject): "order", "update-5" … The key of its delivery is made of it, so the
    same item must always lead to the same names. `body` holds JSON values, and in any place TextRef, FileRef,
    ContactRef, CallerRef and NumberRef, which stay references until the moment of delivery.

    A step with `not_before` (UTC µs) is a timed one: it is tried from then on, and stands outside of the order of its
    case. With `unless` it is called off when an item of its case leads to CallOff(unless) before it is tried.
    """

    name: str
    body: dict[str, Any]
    not_before: int | None = None
    unless: str | None = None


class CallOff(NamedTuple):
    """What a translation leaves beside steps: those of the case that say `unless`, came from earlier items and have
    not been done, are not done any more."""

    unless: str


class Delivery(msgspec.Struct, frozen=True):
    """A step on its way. In `body` a TextRef or NumberRef has become a str, a FileRef a FileContent, a ContactRef or
    CallerRef a dict of str; None where it has been erased, or nobody left a contact. `their_number` is the other side's
    number of this case, if it gave one."""

    key: str
    destination: str
    subject: Subject
    seq: int
    step: str
    attempt: int
    body: dict[str, Any]
    their_number: str | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The other side has taken it. `detail` is kept and shown: no personal content. `nothing`: there was nothing to be
    done there, so nothing can be read back."""

    their_number: str | None = None
    detail: str = ""
    nothing: bool = False


class Undelivered(Exception):
    """It has not been taken, or nobody knows. The message is one sentence without personal content.

    `whole`: it speaks of the destination as a whole, which is then left alone for a while; otherwise of this step
    alone, as where a destination has several ways.
    """

    whole = True


class BadData(Undelivered):
    """It will never be taken as it is: dead letter, and what follows of this case waits behind it."""


class Conflict(Undelivered):
    """The other side is in another state than this step supposes: read back, then decide."""


class Busy(Undelivered):
    """Not now: nothing was taken. `retry_after`: seconds, where the other side said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Down(Undelivered):
    """Unreachable, silent, or failing: whether it was taken is unknown, so it is tried again under the same key."""
