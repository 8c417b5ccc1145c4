"""Units of territory by their division codes: what is a street, what lies above it, what lies apart. Pure.

A code of 2, 4, 6, 9 or 12 digits names a province, prefecture, county or district, street or town, community or
village; zeros at the end say nothing. Where the reference names a superior it counts, else the digits do.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from streams.core.reference import InForce
from streams.core.reference.places import division

_LENGTHS = (12, 9, 6, 4, 2)
_PADDED = 12


def plain(code: str) -> str:
    """The code without the levels that are zero."""
    for length, shorter in pairwise(_LENGTHS):
        if len(code) == length and not code[shorter:].strip("0"):
            code = code[:shorter]
    return code


def street_of(code: str | None) -> str | None:
    """The unit of a division: its street or what is above; None where not even the district is known."""
    known = plain(code or "")
    return (known[:9] if len(known) > 9 else known) if len(known) >= 6 else None


def superior(view: InForce, code: str) -> str | None:
    """The division directly above; None above a province."""
    found = division(view, code) or division(view, code.ljust(_PADDED, "0"))
    if found is not None and found.parent:
        return plain(found.parent)
    return next((code[:length] for length in _LENGTHS if length < len(code)), None)


def _above(view: InForce, code: str) -> Iterator[str]:
    passed = {code}
    while (above := superior(view, code)) and above not in passed:
        passed.add(above)
        yield above
        code = above


def lies_apart(view: InForce, one: str, other: str) -> bool:
    """Whether two units have no direct superior in common and neither contains the other."""
    if one == other or one in _above(view, other) or other in _above(view, one):
        return False
    return superior(view, one) != superior(view, other)
