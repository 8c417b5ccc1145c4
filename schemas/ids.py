"""Deterministic ids, and the numbers that people speak.

An id is a UUID of version 5 (RFC 9562: SHA-1 over a namespace and a name) in a namespace of our own. The name is a
JSON array of texts and integers in UTF-8, without white space, characters as themselves (no escapes where JSON needs
none). Nothing here may ever change: every id in Kafka, in departments and in audits was made by it.

A speakable number is `411702-261123-003-00017-8`: division code, date (yymmdd), partition, counter of at least 5
digits, and the check digit of ISO 7064 MOD 11,10 (the one of GB/T 17710) over all digits before it.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from hashlib import sha1
from typing import Final
from uuid import UUID

from msgspec.json import Encoder

NAMESPACE: Final = UUID("e6b190da-e81e-5f35-a451-e8c1b3864b09")
"""Version 5 of "threecross" in the namespace of URLs."""

_SEED: Final = NAMESPACE.bytes
_canonical: Final = Encoder().encode
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def uuid5(name: bytes) -> str:
    """The id of a name: equal to `str(uuid.uuid5(NAMESPACE, name))`, in a third of the time."""
    h = sha1(_SEED + name, usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"


def canonical(parts: list[str | int]) -> bytes:
    """JSON of an array, the bytes that ids are made from. Raises ValueError for lone surrogates."""
    return _canonical(parts)


def case_id(system: str, number: str) -> str:
    """Id of the case that was opened by the report with this number of this source system."""
    return uuid5(_canonical(["case", system, number]))


def subject_id(kind: str, system: str, number: str) -> str:
    """Id of a subject of any kind that this source system knows by this number; of a case it is its `case_id`.

    A worker's is that of ("worker", "person", the opaque reference of the person), an account's holder likewise.
    """
    return uuid5(_canonical([kind, system, number]))


def part_id(case: str, part: int) -> str:
    """Id of the case that a part of a divided case becomes; its parts count from 1 over all its divisions."""
    return case_id(f"division:{case}", str(part))


def claim_id(system: str, number: str, action: str, occurrence: str) -> str:
    """Id of a claim. `occurrence` is the source's own event id or version, else a digest of the row's state."""
    return uuid5(_canonical(["claim", system, number, action, occurrence]))


def fact_id(claim: str, index: int) -> str:
    """Id of the fact with this index (from 0) among the facts that the claim led to. `claim` is a claim_id."""
    return uuid5(f'["{claim}",{index}]'.encode())


def delivery_key(destination: str, subject: str, step: str) -> str:
    """Idempotency key of one step of a subject (its id) towards a destination: the same at every attempt, for ever."""
    return uuid5(_canonical(["delivery", destination, subject, step]))


def item_id(subscription: str, partition: int, number: int) -> str:
    """Id of an item of a feed: its subscription, partition, and number there."""
    return uuid5(_canonical(["item", subscription, partition, number]))


@dataclass(frozen=True, slots=True)
class Number:
    """The parts of a speakable number."""

    division: str
    day: date
    partition: int
    counter: int


class NotANumber(ValueError):
    """A text that is no speakable number; the message is one sentence that says why."""


def number(division: str, date_yymmdd: str, partition: int, counter: int) -> str:
    """The speakable number of a case. Raises ValueError for parts that have no place in it."""
    if not 0 <= partition <= 999 or counter < 0:
        raise ValueError(f"Partition {partition} must lie between 0 and 999, counter {counter} must not be negative.")
    digits = f"{division}{date_yymmdd}{partition:03}{counter:05}"
    if len(division) != 6 or len(date_yymmdd) != 6 or not digits.isascii() or not digits.isdigit():
        raise ValueError(f"Division {division!r} and date {date_yymmdd!r} must be 6 digits each.")
    return f"{division}-{date_yymmdd}-{partition:03}-{counter:05}-{check_digit(digits)}"


def parse_number(text: str) -> Number:
    """The parts of a speakable number, however its groups are separated. Raises NotANumber, which says why."""
    digits = _digits(text)
    if not digits.isascii() or not digits.isdigit():
        raise NotANumber(f"{text!r} is no case number: apart from hyphens and spaces it must consist of digits.")
    if len(digits) < 21:
        raise NotANumber(f"{text!r} is no case number: it has {len(digits)} digits, at least 21 are needed.")
    if check_digit(digits[:-1]) != digits[-1]:
        raise NotANumber(
            f"{text!r} is no case number: its check digit is wrong, so a digit was misread or two were swapped."
        )
    found = Number(digits[:6], _day(text, digits[6:12]), int(digits[12:15]), int(digits[15:-1]))
    if len(digits) > 21 and digits[15] == "0":
        raise NotANumber(f"{text!r} is no case number: a counter of more than 5 digits never starts with 0.")
    return found


def is_number(text: str) -> bool:
    """Whether a text is a speakable number with the right check digit."""
    try:
        parse_number(text)
    except NotANumber:
        return False
    return True


def check_digit(digits: str) -> str:
    """Check digit of ISO 7064 MOD 11,10: finds every wrong digit and almost every swap of two neighbours."""
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def _digits(text: str) -> str:
    """Text without what separates its groups; full-width digits become plain ones."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) != "Pd")


def _day(text: str, yymmdd: str) -> date:
    try:
        return date(2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
    except ValueError as error:
        raise NotANumber(f"{text!r} is no case number: {yymmdd} is no day.") from error
