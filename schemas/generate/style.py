"""Rules of the contract that no compatibility checker knows: names, meta, docs, families, defaults, numbering.

`check` returns one sentence per broken rule, with file and remedy; nothing broken is the empty list.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from schemas.generate.model import Field, Record, Schema, class_name, newest, walk

FAMILIES = ("report", "dispatch", "disposal", "verification", "clock", "reference")
_SIDED = re.compile(r"threecross\.(claim|fact)\.([a-z]+)\.[A-Z][A-Za-z]*")
_PLAIN = re.compile(r"threecross\.(hub|reference|feed)\.[A-Z][A-Za-z]*")
_NESTED = re.compile(r"threecross(\.claim|\.fact)?\.[A-Z][A-Za-z]*")
_WORD = re.compile(r"[A-Z][a-z]*")
_IRREGULAR = {
    "Begun",
    "Done",
    "Found",
    "Given",
    "Held",
    "Kept",
    "Left",
    "Lost",
    "Made",
    "Met",
    "Paid",
    "Ran",
    "Resent",
    "Sent",
    "Taken",
    "Withdrawn",
}
_NOT_PAST = {"Exceed", "Feed", "Need", "Proceed", "Seed", "Speed", "Succeed"}


def check(schemas: list[Schema]) -> list[str]:
    """Every complaint about all versions together."""
    rules = (_names, _mood, _docs, _long_names, _meta_first, _one_meta, _numbering, _defaults, _classes)
    return [complaint for rule in rules for complaint in rule(schemas)]


def _names(schemas: list[Schema]) -> Iterator[str]:
    for s in schemas:
        folder = s.path.parent.name
        for named in {t.full_name for t in walk(s.record)} - {s.full_name}:
            if not _NESTED.fullmatch(named):
                yield f"{s.path.name}: the type {named} must be threecross.<Name>: letters, no version."
        sided = _SIDED.fullmatch(s.full_name)
        if not sided and not _PLAIN.fullmatch(s.full_name):
            yield f"{s.path.name}: {s.full_name} must be threecross.<claim|fact>.<family>.<Name>: letters, no version."
        elif sided and sided[2] not in FAMILIES:
            yield f"{s.path.name}: {sided[2]} is no family; take one of {', '.join(FAMILIES)}."
        elif folder != (sided[2] if sided else s.side):
            yield f"{s.path.name}: it lies in the folder {folder}, but its full name is {s.full_name}; move it."


def past(name: str) -> bool:
    """Whether a name says that something has happened: one of its words is a past participle."""
    return any((w.endswith("ed") and w not in _NOT_PAST) or w in _IRREGULAR for w in _WORD.findall(name))


def _mood(schemas: list[Schema]) -> Iterator[str]:
    for s in newest(schemas):
        if s.side == "claim" and past(s.record.name):
            yield f"{s.path.name}: a claim is named in the imperative (HandBack, not HandedBack)."
        if s.side == "fact" and not past(s.record.name):
            yield f"{s.path.name}: a fact is named in the past (HandedBack, not HandBack)."


def _docs(schemas: list[Schema]) -> Iterator[str]:
    for s in schemas:
        for named in walk(s.record):
            if not named.doc.strip():
                yield f"{s.path.name}: {named.full_name} has no doc."
            if isinstance(named, Record):
                for field in named.fields:
                    if not field.doc.strip():
                        yield f"{s.path.name}: the field {field.name} of {named.full_name} has no doc."


def _long_names(schemas: list[Schema]) -> Iterator[str]:
    """One letter is what the generated functions call their own variables."""
    for s in schemas:
        for field in s.record.fields:
            if len(field.name) == 1:
                yield f"{s.path.name}: a field is called {field.name}; give it a name of more than one letter."


def _meta_first(schemas: list[Schema]) -> Iterator[str]:
    for s in schemas:
        wanted = f"threecross.{s.side}.Meta"
        if s.side in ("claim", "fact") and (s.meta is None or s.meta.full_name != wanted):
            yield f"{s.path.name}: its first field must be meta, of type {wanted}."


def _one_meta(schemas: list[Schema]) -> Iterator[str]:
    metas: dict[str, tuple[Record, str]] = {}
    for s in newest(schemas):
        if s.meta is None:
            continue
        first, file = metas.setdefault(s.side, (s.meta, s.path.name))
        if s.meta != first:
            yield f"{s.path.name}: its meta differs from that of {file}; all newest {s.side}s share one meta."


def _numbering(schemas: list[Schema]) -> Iterator[str]:
    found: dict[str, list[Schema]] = {}
    for s in schemas:
        found.setdefault(s.full_name, []).append(s)
    for versions in found.values():
        if [s.version for s in versions] != list(range(1, len(versions) + 1)):
            yield f"{versions[-1].path.name}: versions are numbered 1, 2, 3 … without gaps."


def _defaults(schemas: list[Schema]) -> Iterator[str]:
    """Resolution between two versions cannot see it, but with a third one a vanished default breaks readers."""
    for old, new in pairwise(schemas):
        if old.full_name == new.full_name:
            fields = _fields(new)
            for key, field in _fields(old).items():
                if field.default is not None and key in fields and fields[key].default != field.default:
                    yield f"{new.path.name}: {field.name} had default {field.default}; a default never changes."


def _fields(schema: Schema) -> dict[tuple[str, str], Field]:
    records: Iterable[Record] = (t for t in walk(schema.record) if isinstance(t, Record))
    return {(r.full_name, f.name): f for r in records for f in r.fields}


def _classes(schemas: list[Schema]) -> Iterator[str]:
    names: dict[str, str] = {}
    for s in newest(schemas):
        for named in walk(s.record):
            full = names.setdefault(class_name(named.full_name), named.full_name)
            if full != named.full_name:
                yield f"{s.path.name}: {named.full_name} and {full} would be one Python class; choose another name."
