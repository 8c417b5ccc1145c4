"""What a document would change against what holds when it begins."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from ops.reference.documents import Document
from ops.reference.keys import keyed, said
from streams.core.reference import KINDS, Reference


@dataclass(frozen=True, slots=True)
class Change:
    """One item: added, removed, or changed; then `fields` has what it said and what it would say."""

    kind: str
    document: str
    what: str
    item: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


def changes(reference: Reference, document: Document, now: int) -> list[Change]:
    """Item by item, in the order of their keys. `now` is UTC µs."""
    at = now if document.valid_from is None else document.valid_from
    held = reference.in_force(at).document(KINDS[document.kind], document.name)
    before = keyed(held.items if held else ())
    after = keyed(document.items)
    return [
        Change(document.kind, document.name, what, said(key), fields)
        for key in sorted(before.keys() | after.keys(), key=said)
        for what, fields in _change(before, after, key)
    ]


def _change(
    before: dict[tuple[Hashable, ...], Any], after: dict[tuple[Hashable, ...], Any], key: tuple[Hashable, ...]
) -> Iterator[tuple[str, tuple[tuple[str, Any, Any], ...]]]:
    old, new = before.get(key), after.get(key)
    if old is None:
        yield "added", ()
    elif new is None:
        yield "removed", ()
    elif old != new:
        yield (
            "changed",
            tuple(
                (n, getattr(old, n), getattr(new, n))
                for n in old.__struct_fields__
                if getattr(old, n) != getattr(new, n)
            ),
        )
