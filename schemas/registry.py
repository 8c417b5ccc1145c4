"""The schemas as a Confluent Schema Registry shows them: pure answers for read endpoints and for publishing.

Subjects follow TopicRecordNameStrategy: `<topic>-<full name>`. A version is the number in the file name; ids come
from the lock file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from schemas.generate import lock, model


class Unknown(LookupError):
    """No such schema, subject or version; the message is one sentence."""


@dataclass(frozen=True)
class Released:
    """One released version; `schema` is its Avro schema as JSON text."""

    id: int
    name: str
    version: int
    schema: str


@cache
def released() -> tuple[Released, ...]:
    """Every released version, by id. Reads the package's own files once."""
    texts = {
        (s.full_name, s.version): json.dumps(s.json, ensure_ascii=False, separators=(",", ":")) for s in model.load()
    }
    entries = lock.read(lock.LOCK.read_text(encoding="utf-8"))
    return tuple(
        Released(e.id, e.name, e.version, texts[e.name, e.version]) for e in sorted(entries, key=lambda e: e.id)
    )


def schema_by_id(schema_id: int) -> str:
    """Avro schema (JSON text) of an id. Raises Unknown."""
    for entry in released():
        if entry.id == schema_id:
            return entry.schema
    raise Unknown(f"Schema {schema_id} is not in the lock file.")


def subjects(topics: Mapping[str, str]) -> list[str]:
    """Subjects of topics, sorted. `topics`: topic → full name of its values, or a pattern such as threecross.fact.*."""
    names = {entry.name for entry in released()}
    return sorted(
        f"{topic}-{name}" for topic, pattern in topics.items() for name in names if fnmatchcase(name, pattern)
    )


def versions(subject: str) -> list[int]:
    """Released versions of a subject, ascending. Raises Unknown."""
    return [entry.version for entry in _of(subject)]


def version(subject: str, number: int | None = None) -> dict[str, Any]:
    """Confluent's answer for a version of a subject, the newest by default. Raises Unknown."""
    for entry in reversed(_of(subject)):
        if number in (None, entry.version):
            return {"subject": subject, "id": entry.id, "version": entry.version, "schema": entry.schema}
    raise Unknown(f"Subject {subject} has no version {number}.")


def _of(subject: str) -> list[Released]:
    name = subject.rpartition("-")[2]
    found = [entry for entry in released() if entry.name == name]
    if not found or subject == name:
        raise Unknown(f"Subject {subject} is unknown; subjects are <topic>-<full name>.")
    return sorted(found, key=lambda entry: entry.version)
