"""A limit's text as (amount, unit), by a table of unit words; or the reason why it is none. Nothing is guessed."""

from __future__ import annotations

import re

from ops.reference.standards.document import UnitTable
from streams.core.standards import Limit, Unreadable

FULL_WIDTH = {ord("０") + digit: str(digit) for digit in range(10)}
"""Only these are other ways to write a digit; ②, ½ or 二 are not read."""

PLAIN = re.compile(r"([0-9]{1,3})\s*([^0-9]+)")
NUMBER = re.compile(r"[0-9]+(?:[.．,，][0-9]+)?")
RANGE = re.compile(r"[0-9]\D*[-–—~～至到]\s*[0-9]")
SPACE = re.compile(r"\s+")


def read(cell: str, units: UnitTable) -> Limit | Unreadable:
    """The limit that stands in a cell."""
    decided = units.decided.get(cell)
    if decided is not None:
        return Limit(decided.amount, decided.unit, cell, "", units.version)
    plain = PLAIN.fullmatch(cell.translate(FULL_WIDTH).strip())
    word = SPACE.sub("", plain[2]) if plain else ""
    if plain and word in units.words and int(plain[1]):
        return Limit(int(plain[1]), units.words[word], cell, word, units.version)
    return Unreadable(cell, _reason(cell.translate(FULL_WIDTH).strip(), units))


def _reason(text: str, units: UnitTable) -> str:
    numbers = NUMBER.findall(text)
    if not text:
        return "the limit is empty"
    if not numbers:
        return "no amount in digits"
    if RANGE.search(text):
        return "a range, not one limit"
    if len(numbers) > 1:
        return "more than one number: two limits in one cell, or a note with a number"
    if not numbers[0].isdigit():
        return f"{numbers[0]} is not a whole number"
    before, after = (SPACE.sub("", part) for part in text.split(numbers[0]))
    if before:
        return f'words before the amount: "{before}"'
    if not int(numbers[0]) or len(numbers[0]) > 3:
        return f"{numbers[0]} is not an amount from 1 to 999"
    return _unknown(after, units)


def _unknown(after: str, units: UnitTable) -> str:
    if not after:
        return "no unit behind the amount"
    longest = max((word for word in units.words if after.startswith(word)), key=len, default="")
    if longest:
        return f'words behind the unit "{longest}": "{after.removeprefix(longest)}"'
    return f'"{after}" is not in table of units {units.version}'
