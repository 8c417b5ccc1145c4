"""What is personal goes to the vault; what is left carries references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from connectors.contract import Draft, Vault
from schemas.events import FileRef

ReadFile = Callable[[str], tuple[bytes, str]]
"""Name in a row → (content, media type)."""
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
    named = ((name, persons.get(d.personal.person or "")) for d in drafts for name in d.personal.files)
    kept = _kept(named, vault, read_file)

    def changes(draft: Draft) -> Iterator[tuple[str, Any]]:
        text, files, identity = draft.personal
        person = persons.get(identity or "")
        if text:
            yield "text", next(references)
        if files:
            mine = tuple(islice(kept, len(files)))
            yield ("consent", mine[0]) if "consent" in draft.body.__struct_fields__ else ("evidence", mine)
        if person is not None:
            yield "reporter", person

    return [
        draft._replace(body=msgspec.structs.replace(draft.body, **found)) if (found := dict(changes(draft))) else draft
        for draft in drafts
    ]


def _kept(named: Iterable[tuple[str, str | None]], vault: Vault, read_file: ReadFile) -> Iterator[FileRef]:
    """References of the files (name, person), in order; so many at once as make up TOGETHER."""
    waiting: list[tuple[bytes, str, str | None]] = []
    size = 0
    for name, person in named:
        content, media_type = read_file(name)
        waiting.append((content, media_type, person))
        size += len(content)
        if size >= TOGETHER:
            yield from vault.put_files(waiting)
            waiting, size = [], 0
    if waiting:
        yield from vault.put_files(waiting)
