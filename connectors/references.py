"""What is personal goes to the vault; what is left carries references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from connectors.contract import Draft, Vault
from schemas.events import FileRef

ReadFile = Callable[[str], tuple[bytes, str]]
"""Name in a row → (content, media type)."""
_File = tuple[bytes, str, str | None]
"""(content, media type, reference of the person whom it is about)."""
TOGETHER = 4 << 20
"""Bytes of files that are put at once: put one by one, small files double what a row costs."""


def with_references(drafts: list[Draft], vault: Vault, system: str, read_file: ReadFile) -> list[Draft]:
    """The same drafts with references in their bodies. Texts and files about a person are kept under that person's key.

    Raises ValueError (one sentence) where the vault does not take something.
    """
    if not any(any(draft.personal) for draft in drafts):
        return drafts
    identities = sorted({draft.personal.person for draft in drafts if draft.personal.person})
    persons = dict(zip(identities, vault.persons(system, identities), strict=True))
    texts = [(d.personal.text, persons.get(d.personal.person or "")) for d in drafts if d.personal.text]
    references = iter(vault.put_texts(texts))
    kept = _kept(_contents(drafts, persons, read_file), vault)

    def changes(draft: Draft) -> Iterator[tuple[str, Any]]:
        text, files, identity, attached = draft.personal
        person = persons.get(identity or "")
        if text:
            yield "text", next(references)
        if files or attached:
            mine = tuple(islice(kept, len(files) + len(attached)))
            yield ("consent", mine[0]) if "consent" in draft.body.__struct_fields__ else ("evidence", mine)
        if person is not None:
            yield "reporter", person

    return [
        draft._replace(body=msgspec.structs.replace(draft.body, **found)) if (found := dict(changes(draft))) else draft
        for draft in drafts
    ]


def _contents(drafts: list[Draft], persons: Mapping[str, str], read_file: ReadFile) -> Iterator[_File]:
    """The files of each draft, those by name before those that came with it."""
    for draft in drafts:
        person = persons.get(draft.personal.person or "")
        for name in draft.personal.files:
            yield *read_file(name), person
        for content, media_type in draft.personal.attached:
            yield content, media_type, person


def _kept(files: Iterable[_File], vault: Vault) -> Iterator[FileRef]:
    """References of the files, in order; so many at once as make up TOGETHER."""
    waiting: list[_File] = []
    size = 0
    for content, media_type, person in files:
        waiting.append((content, media_type, person))
        size += len(content)
        if size >= TOGETHER:
            yield from vault.put_files(waiting)
            waiting, size = [], 0
    if waiting:
        yield from vault.put_files(waiting)
