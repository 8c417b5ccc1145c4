"""Words become a draft: pure, and the same for the same words. Persons come as references that the vault has given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any

import msgspec

from connectors.contract import Draft, Personal
from connectors.desk.words import BadWord, Word, moment, subject
from schemas import ids
from schemas.events import CLAIMS, Actor, ClaimMeta, Source

BY_NAME: dict[str, type[msgspec.Struct]] = {full.rpartition(".")[2]: made for full, made in CLAIMS.items()}
"""Class of a claim by its name without namespace."""

TIMES = frozenset({"due_at", "review_at", "until"})
"""Fields that hold a time, wherever they stand; a test holds this equal to the schemas."""

SUBJECTS = frozenset({"other", "into", "group", "case", "about", "household"})
"""Fields that hold the id of another subject."""

PERSON = "person:"


def persons(word: Word) -> list[str]:
    """Whom the words name, as the speaking system knows them: the vault must give a reference for each."""
    return sorted(
        {name.removeprefix(PERSON) for name in _strings(word.fields) if name.startswith(PERSON)} | _actor(word)
    )


def _actor(word: Word) -> set[str]:
    name = word.by.split(":", 2)[2:]
    return set(name)


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        case list() | tuple():
            for inner in value:
                yield from _strings(inner)


def translate(word: Word, zone: tzinfo, references: Mapping[str, str]) -> Draft:
    """The draft of a claim. `references`: reference by name of a person. Raises BadWord."""
    made = BY_NAME.get(word.claim)
    if made is None:
        raise BadWord(f'there is no claim "{word.claim}"; there are {", ".join(sorted(BY_NAME))}')
    about = subject(word.about)
    source = _source(word)
    body = _body(made, word, zone, references)
    occurrence = word.occurrence or sha256(msgspec.json.encode(word, order="sorted")).hexdigest()
    meta = ClaimMeta(
        ids.claim_id(source.system, source.number, word.claim, occurrence),
        about,
        moment(word.at, zone),
        _speaker(word, references),
        source,
        word.already_done,
    )
    return Draft(meta, body, Personal(word.text, word.files, word.reporter))


def _source(word: Word) -> Source:
    name = word.source or word.about
    parts = name.split(":")
    if len(parts) < 2:
        raise BadWord(f'the source of "{word.about}" is not named: add source = "system:number"')
    return Source(parts[-2], parts[-1])


def _speaker(word: Word, references: Mapping[str, str]) -> Actor:
    org, _, rest = word.by.partition(":")
    role, _, person = rest.partition(":")
    if not org or not role:
        raise BadWord(f'"{word.by}" does not say who speaks: write org:role or org:role:person')
    return Actor(org, role, references[person] if person else None)


def _body(made: type[msgspec.Struct], word: Word, zone: tzinfo, references: Mapping[str, str]) -> Any:
    fields = {field.name: field for field in msgspec.structs.fields(made)}
    if unknown := word.fields.keys() - fields.keys():
        known = ", ".join(fields) or "none"
        raise BadWord(f'{word.claim} has no field "{min(unknown)}"; it has {known}')
    for names, given in ((("text",), word.text), (("evidence", "consent"), word.files), (("reporter",), word.reporter)):
        if given and fields.keys().isdisjoint(names):
            raise BadWord(f"{word.claim} takes no {names[0]}")
    plain = {name: _plain(name, value, zone, references) for name, value in word.fields.items()}
    try:
        return msgspec.convert(plain, made)
    except msgspec.ValidationError as wrong:
        raise BadWord(f"{word.claim} cannot be read: {wrong}") from None


def _plain(name: str, value: Any, zone: tzinfo, references: Mapping[str, str]) -> Any:
    """The value as the event has it: times as microseconds, subjects and persons as ids."""
    match value:
        case dict():
            return {key: _plain(key, inner, zone, references) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(name, inner, zone, references) for inner in value]
        case str() | datetime() if name in TIMES:
            return moment(value, zone)
        case str() if value.startswith(PERSON):
            return references[value.removeprefix(PERSON)]
        case str() if name in SUBJECTS:
            return subject(value).id
    return value
