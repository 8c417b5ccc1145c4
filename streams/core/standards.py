"""Standards: which filing condition has which limit, by the version that is in force.

Promise: a standard once known never changes and never goes away; a later one stands beside it. A limit that nobody
could read is no limit: `Unreadable` says so, and no clock may run over it with a default. `reading` tells in words how
a limit was read, from which cell, by which table of units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from schemas import events
from schemas.events import Candidate
from streams.core.reference import InForce, Loaded
from streams.core.working_time import Unit


class Limit(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A limit that was read: so many of a unit; `cell` as it stands in the table, `word` the part read as the unit.

    `units` is the version of the table of unit words; empty where the document itself gives amount and unit. With
    `units` and without a `word` somebody has decided about the whole cell.
    """

    amount: int
    unit: Unit
    cell: str = ""
    word: str = ""
    units: str = ""


class Unreadable(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The state of a limit that nobody could read: what stands in the cell and why it is no limit."""

    cell: str
    reason: str


class Condition(msgspec.Struct, frozen=True, gc=False):
    """A filing condition 立案条件. `code` is stable within (scheme, version), whatever rows come or go elsewhere.

    Candidates are as the table names them: an `owner` is whoever owns the asset, a `described` one whoever fits at the
    place; neither is a department that could be sent anything by this name.
    """

    code: str
    class_code: str
    class_name: str
    type_code: str
    type_name: str
    filing: str
    closing: str
    limit: Limit | Unreadable
    disposers: tuple[Candidate, ...] = ()
    supervisors: tuple[Candidate, ...] = ()


class Standard(msgspec.Struct, frozen=True, gc=False):
    """One version of a standards table. `valid_from` in UTC µs; conditions by their codes, in the table's order."""

    scheme: str
    version: str
    valid_from: int
    conditions: dict[str, Condition]

    @property
    def name(self) -> str:
        """Scheme and version, as facts cite it in `meta.versions.standard`; also the name of its document."""
        return f"{self.scheme} {self.version}"

    def of_type(self, type_code: str) -> Iterator[Condition]:
        """The conditions under which a lead of this type may be filed."""
        return (one for one in self.conditions.values() if one.type_code == type_code)


Standards = Mapping[tuple[str, str], Standard]
"""Every standard that is known, by scheme and version."""


class StandardChanged(ValueError):
    """Somebody tried to give a version of a standard another content."""


# ------------------------------------------------------------------ from the reference


def known(view: InForce) -> Standards:
    """The standards of a view of the reference: all that have begun by its moment."""
    found: Standards = view.once(known, lambda: _all(view.documents(events.Standard)))
    return found


def _all(loads: Iterable[Loaded]) -> Standards:
    conditions: dict[tuple[str, str], dict[str, Condition]] = {}
    begun: dict[tuple[str, str], int] = {}
    for load in loads:
        for item in load.items:
            key = item.scheme, item.version
            begun.setdefault(key, load.header.valid_from)
            conditions.setdefault(key, {})[item.condition] = condition_of(item)
    return {key: Standard(*key, begun[key], of) for key, of in conditions.items()}


def condition_of(item: events.Standard) -> Condition:
    """The condition that an item of the reference holds."""
    return Condition(
        item.condition,
        item.class_code,
        item.class_name,
        item.type_code,
        item.type_name,
        item.filing,
        item.closing or "",
        _limit(item),
        item.disposers,
        item.supervisors,
    )


def _limit(item: events.Standard) -> Limit | Unreadable:
    cell = item.reading or ""
    if item.unreadable is not None or item.limit_amount <= 0:
        return Unreadable(cell, item.unreadable or f"{item.limit_amount} is no amount")
    if item.limit_unit not in _UNITS:
        return Unreadable(cell or f"{item.limit_amount} {item.limit_unit}", "a disposal limit has no such unit")
    return Limit(item.limit_amount, _UNITS[item.limit_unit], cell, item.limit_word or "", item.units_version or "")


_UNITS = {unit.removesuffix("s"): unit for unit in Unit}
"""Units by their names in the schema."""


# ------------------------------------------------------------------ questions


def with_standard(before: Standards, new: Standard) -> Standards:
    """The same standards and one more; those that were there stay. Raises StandardChanged for another content."""
    key = new.scheme, new.version
    if before.get(key, new) != new:
        raise StandardChanged(f"standard {new.name} is known with another content: give the new one another version")
    return {**before, key: new}


def in_force(among: Standards, scheme: str, at: int) -> Standard | None:
    """The standard of the scheme that was in force at `at` (UTC µs): the latest begun by then; None before the first.

    Of two that began at the same moment the one with the greater version word counts.
    """
    begun = [standard for standard in among.values() if standard.scheme == scheme and standard.valid_from <= at]
    return max(begun, key=lambda standard: (standard.valid_from, standard.version), default=None)


def condition(among: Standards, scheme: str, version: str, code: str) -> Condition | None:
    """The condition that a reference (scheme, version, code) means; None where it means nothing known."""
    standard = among.get((scheme, version))
    return standard.conditions.get(code) if standard else None


# ------------------------------------------------------------------ in words


def reading(limit: Limit | Unreadable, lang: str = "en") -> str:
    """How a limit was read, in words; `lang` is en or zh."""
    say = _SENTENCES[lang]
    match limit:
        case Unreadable(cell, reason):
            return say["unreadable"].format(cell=cell, reason=reason)
        case Limit(amount, unit, cell, word, units):
            how = "document" if not units else "word" if word else "decided"
            return say[how].format(amount=amount, unit=_words(unit, lang), cell=cell, word=word, units=units)


def _words(unit: Unit, lang: str) -> str:
    return unit.replace("_", " ") if lang == "en" else _CHINESE[unit]


_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "unreadable": 'limit not readable: "{cell}" ({reason})',
        "document": "{amount} {unit}, as the document says",
        "decided": '{amount} {unit} from "{cell}": decided for this cell by table of units {units}',
        "word": '{amount} {unit} from "{cell}": "{word}" is read as {unit} by table of units {units}',
    },
    "zh": {
        "unreadable": "时限无法读出:“{cell}”({reason})",
        "document": "{amount} {unit},文件直接载明",
        "decided": "“{cell}”读作 {amount} {unit}:按单位表 {units} 对该单元格的决定",
        "word": "“{cell}”读作 {amount} {unit}:按单位表 {units},“{word}”即{unit}",
    },
}
_CHINESE: Mapping[Unit, str] = {
    Unit.URGENT_HOURS: "紧急工作时",
    Unit.URGENT_DAYS: "紧急日",
    Unit.WORKING_HOURS: "工作时",
    Unit.WORKING_DAYS: "工作日",
}
