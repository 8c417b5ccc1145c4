"""Twelve digits become fifteen: a division in the words of the police, at the moment when something was said.

Both kinds of codes are issued anew every year, so each line of the cross-walk holds from a day to a day. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.events import PoliceCode


def police_codes(lines: Iterable[PoliceCode], division: str | None, at: int) -> list[str]:
    """The police codes of a community at a moment (UTC µs): none, one, or several where the police have divided it."""
    return sorted(line.police_code for line in lines if line.division == division and _holds(line, at))


def division(lines: Iterable[PoliceCode], police_code: str | None, at: int) -> str | None:
    """The division that a police code means at a moment (UTC µs); None where nobody has said so."""
    return next((line.division for line in lines if line.police_code == police_code and _holds(line, at)), None)


def _holds(line: PoliceCode, at: int) -> bool:
    return line.valid_from <= at and (line.valid_until is None or at < line.valid_until)
