"""What is personal goes to the vault; what is left carries references."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from connectors.contract import Draft, Vault

ReadFile = Callable[[str], tuple[bytes, str]]
"""Name in a row → (content, media type)."""


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

    def changes(draft: Draft) -> Iterator[tuple[str, Any]]:
        text, files, identity = draft.personal
        person = persons.get(identity or "")
        if text:
            yield "text", next(references)
        if files:
            contents = (read_file(name) for name in files)
            yield "evidence", tuple(vault.put_file(content, media_type, person) for content, media_type in contents)
        if person is not None:
            yield "reporter", person

    return [
        draft._replace(body=msgspec.structs.replace(draft.body, **found)) if (found := dict(changes(draft))) else draft
        for draft in drafts
    ]
