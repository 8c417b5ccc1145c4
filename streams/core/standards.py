"""Standards: which filing condition has which limit, by the version that is in force.

Promise: a standard once known never changes and never goes away; a later one stands beside it. A limit that nobody
could read is no limit: `Unreadable` says so, and no clock may run over it with a default. `reading` tells in words how
a limit was read, from which cell, by which table of units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec


class Unit(StrEnum):
    """What a limit counts. Urgent ones run round the clock, working ones in the windows of a calendar."""

    URGENT_HOURS = "urgent_hours"
    URGENT_DAYS = "urgent_days"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"

    @property
    def words(self) -> str:
        """The unit as people say it."""
        return self.replace("_", " ")


class BodyKind(StrEnum):
    """What a word in a column of bodies stands for."""

    NAMED = "named"
    OWNER = "owner"
    DESCRIBED = "described"


class Body(msgspec.Struct, frozen=True, gc=False):
    """A candidate for a role, as the table names it.

    An `owner` is whoever owns the asset, a `described` one whoever fits at the place; neither is a department that
    could be sent anything by this name.
    """

    name: str
    kind: BodyKind = BodyKind.NAMED


class Limit(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A limit that was read: so many of a unit; `cell` as it stands in the table, `word` the part read as the unit.

    Without a `word` somebody has decided about the whole cell.
    """

    amount: int
    unit: Unit
    cell: str
    word: str


class Unreadable(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The state of a limit that nobody could read: what stands in the cell and why it is no limit."""

    cell: str
    reason: str


class Condition(msgspec.Struct, frozen=True, gc=False):
    """A filing condition 立案条件. `code` is stable within (scheme, version), whatever rows come or go elsewhere."""

    code: str
    class_code: str
    class_name: str
    type_code: str
    type_name: str
    filing: str
    closing: str
    limit: Limit | Unreadable
    disposers: tuple[Body, ...] = ()
    supervisors: tuple[Body, ...] = ()


class Units(msgspec.Struct, frozen=True, gc=False):
    """How unit words are read: one version of a table."""

    version: str
    words: dict[str, Unit]


class Standard(msgspec.Struct, frozen=True, gc=False):
    """One version of a standards table. `valid_from` in UTC µs; conditions by their codes."""

    scheme: str
    version: str
    valid_from: int
    units: Units
    conditions: dict[str, Condition]

    @property
    def name(self) -> str:
        """Scheme and version, as facts cite it in `meta.versions.standard`."""
        return f"{self.scheme} {self.version}"


Standards = Mapping[tuple[str, str], Standard]
"""Every standard ever known, by scheme and version."""


class StandardChanged(ValueError):
    """Somebody tried to give a version of a standard another content."""


def with_standard(known: Standards, new: Standard) -> Standards:
    """The same standards and one more; those that were there stay. Raises StandardChanged for another content."""
    key = new.scheme, new.version
    before = known.get(key, new)
    if before != new:
        raise StandardChanged(f"standard {new.name} is known with another content; give the new one another version")
    return {**known, key: new}


def in_force(known: Standards, scheme: str, at: int) -> Standard | None:
    """The standard of the scheme that was in force at `at` (UTC µs): the latest begun by then; None before the first.

    Of two that began at the same moment the one with the greater version word counts.
    """
    begun = [standard for standard in known.values() if standard.scheme == scheme and standard.valid_from <= at]
    return max(begun, key=lambda standard: (standard.valid_from, standard.version), default=None)


def condition(known: Standards, scheme: str, version: str, code: str) -> Condition | None:
    """The condition that a reference (scheme, version, code) means; None where it means nothing known."""
    standard = known.get((scheme, version))
    return standard.conditions.get(code) if standard else None


def conditions_of(standard: Standard, type_code: str) -> Iterable[Condition]:
    """The conditions under which a lead of this type may be filed, in the order of the table."""
    return (one for one in standard.conditions.values() if one.type_code == type_code)


def reading(standard: Standard, of: Condition) -> str:
    """In words: what the limit of a condition is, and how it was read."""
    match of.limit:
        case Unreadable(cell, reason):
            return f'limit not readable: "{cell}" ({reason}); standard {standard.name}, condition {of.code}'
        case Limit(amount, unit, cell, word):
            table = f"table of units {standard.units.version}"
            read = f'"{word}" is read as {unit.words} by {table}' if word else f"decided for this cell by {table}"
            return f'{amount} {unit.words} from "{cell}": {read}; standard {standard.name}, condition {of.code}'
