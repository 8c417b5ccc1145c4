"""Which document a supposed one takes the place of: that of its name, else all of its scheme, else the only one.

What is left over is refused: a supposition in the place of nothing would change nothing and look like an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from ops.reference.documents import Document
from schemas import events
from streams.core.reference import Reference

Said = dict[tuple[str, str], tuple[Any, ...]]
"""Document (kind, name) → what it is supposed to say."""


class InPlaceOfNothing(ValueError):
    """The document takes no place; the text says what there is."""


def takes_the_place(reference: Reference, document: Document, instead_of: str | None = None) -> Said:
    """What each replaced document says then, under its own name, as cases cite it. Raises InPlaceOfNothing."""
    names = sorted({load.header.name for load in reference.loads if load.header.kind == document.kind})
    replaced = _replaced(names, document, instead_of)
    if not replaced:
        raise InPlaceOfNothing(_sentence(names, document, instead_of))
    named = _standard_as if document.kind == "standards" else _calendar_as
    return {(document.kind, name): named(document, name, _items(reference, document.kind, name)) for name in replaced}


def _replaced(names: Sequence[str], document: Document, instead_of: str | None) -> list[str]:
    if instead_of is not None:
        return [name for name in names if name == instead_of]
    if document.name in names:
        return [document.name]
    if document.kind == "standards":
        return [name for name in names if _scheme(name) in {item.scheme for item in document.items}]
    return list(names) if len(names) == 1 else []


def _scheme(name: str) -> str:
    """Documents of standards are named by scheme and version."""
    return name.rpartition(" ")[0]


def _sentence(names: Sequence[str], document: Document, instead_of: str | None) -> str:
    wanted = instead_of or document.name
    there = f"loaded are {', '.join(names)}" if names else "none was ever loaded"
    what = f"There is no document of {document.kind} named {wanted} whose place it could take: {there}"
    return f"{what}; name one with --instead-of." if names else f"{what}; load one with threecross reference load."


def _items(reference: Reference, kind: str, name: str) -> tuple[Any, ...]:
    """The items of the last load of a document."""
    return next(load.items for load in reversed(reference.loads) if load.document == (kind, name))


def _standard_as(document: Document, name: str, before: tuple[Any, ...]) -> tuple[Any, ...]:
    if name == document.name or not before:
        return document.items
    cited: events.Standard = before[0]
    return tuple(replace(item, scheme=cited.scheme, version=cited.version) for item in document.items)


def _calendar_as(document: Document, name: str, before: tuple[Any, ...]) -> tuple[Any, ...]:
    called = {item.name for item in before}
    if called == {item.name for item in document.items}:
        return document.items
    if len(called) != 1 or len(document.items) != 1:
        raise InPlaceOfNothing(f"{document.file} and the document {name} do not hold one calendar each.")
    return (replace(document.items[0], name=called.pop()),)
