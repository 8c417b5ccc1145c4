"""What was read of a workbook, as one JSON document or in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.reference.standards.document import Document
from ops.reference.standards.workbook import Reading


def as_json(reading: Reading) -> dict[str, Any]:
    """How many conditions and types stand there, how many conditions are accepted, what is refused and why."""
    return {
        "conditions": reading.conditions,
        "types": reading.types,
        "accepted": len(reading.accepted),
        "refused": [one._asdict() for one in reading.refused],
    }


def in_words(reading: Reading, document: Document) -> Iterator[str]:
    """The same in sentences, and how units were read."""
    accepted = len(reading.accepted)
    yield f"{reading.conditions} conditions of {reading.types} types; {accepted} accepted, {_refused(reading)}."
    yield f"Units are read by table {document.units.version}: {', '.join(_units(document))}."
    for one in reading.refused:
        text = " ".join(one.text.split())
        yield f'Refused: sheet "{one.sheet}", row {one.row}: "{text}": {one.reason}.'
    for note in reading.notes:
        yield f'Note: sheet "{note.sheet}", row {note.row}: {note.text}'


def _refused(reading: Reading) -> str:
    return f"{len(reading.refused)} refused" if reading.refused else "nothing refused"


def _units(document: Document) -> Iterator[str]:
    by_unit: dict[str, list[str]] = {}
    for word, unit in document.units.words.items():
        by_unit.setdefault(unit.replace("_", " "), []).append(word)
    return (f"{'、'.join(words)} = {unit}" for unit, words in by_unit.items())
