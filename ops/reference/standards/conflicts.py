"""Rows that contradict each other: of these none is taken, since which one is right would be a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from ops.reference.standards.conditions import Read
from ops.reference.standards.rows import Refusal
from streams.core.standards import Condition

Told = Callable[[Condition], str]


def without(found: Sequence[Read]) -> list[Read]:
    """The same rows; those that contradict others are refused."""
    against: dict[int, str] = {}
    for place, reason in _all(found):
        against.setdefault(place, reason)
    return [_refused(one, against[place]) if place in against else one for place, one in enumerate(found)]


def _all(found: Sequence[Read]) -> Iterator[tuple[int, str]]:
    yield from _several_names(found, "class", lambda one: one.class_code, lambda one: one.class_name)
    yield from _several_names(found, "type", lambda one: one.type_code, lambda one: one.type_name)
    for places in _groups(found, lambda one: one.code).values():
        if len(places) > 1:
            rows = ", ".join(str(found[place].row.number) for place in places)
            yield from ((place, f"the same filing condition stands more than once: rows {rows}") for place in places)


def _several_names(found: Sequence[Read], what: str, key: Told, name: Told) -> Iterator[tuple[int, str]]:
    for code, places in _groups(found, key).items():
        first: dict[str, int] = {}
        for place in places:
            if condition := found[place].condition:
                first.setdefault(name(condition), found[place].row.number)
        if len(first) > 1:
            names = ", ".join(f'"{text}" in row {row}' for text, row in first.items())
            yield from ((place, f"{what} {code} has several names: {names}") for place in places)


def _groups(found: Sequence[Read], key: Told) -> dict[str, list[int]]:
    """Places in `found` of the conditions that share a key."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(found):
        if one.condition is not None:
            groups[key(one.condition)].append(place)
    return groups


def _refused(one: Read, reason: str) -> Read:
    refusal = Refusal(one.row.sheet, one.row.number, one.row.cells["filing"].text, reason)
    return one._replace(condition=None, refusal=refusal)
