"""The lock file of schema ids: full name and version → id, with a digest of the released file.

An id is given once, to a new file, and never changes; a released file that was edited or removed is refused.
"""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.generate.model import BadSchema, Schema

LOCK = Path(__file__).parents[1] / "ids.lock.toml"
_HEAD = """\
# Schema ids of every released version. Written by `python -m schemas.generate`, which only ever adds to it.
# An id is on every record in Kafka: a line that is here never changes and never goes.
"""


@dataclass(frozen=True)
class Locked:
    """One released version."""

    id: int
    name: str
    version: int
    sha256: str


def digest(document: Any) -> str:
    """SHA-256 (hex) of a schema's content, docs included; white space and the order of keys do not matter."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> list[Locked]:
    """Entries of a lock file. Raises BadSchema when an id or a version stands twice."""
    entries = [Locked(**entry) for entry in tomllib.loads(text).get("schema", [])]
    for keys in ([e.id for e in entries], [(e.name, e.version) for e in entries]):
        if len(set(keys)) != len(keys):
            raise BadSchema("ids.lock.toml: an id or a version stands twice; restore the file from its history.")
    return entries


def extend(entries: list[Locked], schemas: list[Schema]) -> list[Locked]:
    """The lock with an id for each new version. Raises BadSchema when a released file was edited or removed."""
    found = {(s.full_name, s.version): s for s in schemas}
    for entry in entries:
        _refuse_changed(entry, found.get((entry.name, entry.version)))
    locked = {(e.name, e.version) for e in entries}
    following = max((e.id for e in entries), default=0) + 1
    new = [s for s in schemas if (s.full_name, s.version) not in locked]
    return entries + [Locked(n, s.full_name, s.version, digest(s.json)) for n, s in enumerate(new, following)]


def _refuse_changed(entry: Locked, schema: Schema | None) -> None:
    file = f"{entry.name.rpartition('.')[2]}.v{entry.version}.avsc"
    if schema is None:
        raise BadSchema(f"{file} is released (id {entry.id}) and is missing; restore it, records in Kafka need it.")
    if digest(schema.json) != entry.sha256:
        following = f"{entry.name.rpartition('.')[2]}.v{entry.version + 1}.avsc"
        raise BadSchema(
            f"{file} is released (id {entry.id}) and was edited; restore it and put the change into {following}."
        )


def render(entries: list[Locked]) -> str:
    """Text of a lock file."""
    blocks = [
        f'[[schema]]\nid = {e.id}\nname = "{e.name}"\nversion = {e.version}\nsha256 = "{e.sha256}"\n'
        for e in sorted(entries, key=lambda e: e.id)
    ]
    return "\n".join([_HEAD, *blocks])
