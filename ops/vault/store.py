"""The vault as connectors and readers see it. Putting needs no role; every look does, and is recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import overload
from uuid import uuid4

from sqlalchemy import Connection, Engine

from ops.vault import entries, pairs
from ops.vault.access import Access
from ops.vault.entries import New, reference
from ops.vault.errors import Erased, NotAllowed, NotInVault, TooLarge, VaultError
from ops.vault.keys import MasterKey
from ops.vault.looks import Look, Viewer, looks_at, record
from schemas.events import FileRef, TextRef

ERASURE = "erasure"


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest text (UTF-8) and file, in bytes."""

    text: int = 1 << 20
    file: int = 16 << 20


class Vault:
    """Puts and shows. Threads may share it; each call is one transaction unless bound by `within`."""

    def __init__(
        self, engine: Engine, master: MasterKey, access: Access, limits: Limits, connection: Connection | None = None
    ) -> None:
        self._engine = engine
        self._master = master
        self._access = access
        self._limits = limits
        self._connection = connection

    def within(self, connection: Connection) -> Vault:
        """This vault, putting inside the caller's transaction: what is rolled back there was never put here.

        Looks stay in transactions of their own, since a look must not be forgotten.
        """
        return Vault(self._engine, self._master, self._access, self._limits, connection)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._connection is not None:
            yield self._connection
        else:
            with self._engine.begin() as c:
                yield c

    # putting

    def put_text(self, text: str, person: str | None = None) -> TextRef:
        """Put a free text; `person` (a reference from `person`) is whom it is about or from, and can erase it.

        Raises TooLarge, ValueError for a text that is not valid Unicode, NotInVault and Erased for the person.
        """
        return self.put_texts([(text, person)])[0]

    def put_texts(self, texts: Sequence[tuple[str, str | None]]) -> list[TextRef]:
        """Put many (text, person) in one transaction; all or none."""
        new = [New(str(uuid4()), "text", self._text(text), _person(person)) for text, person in texts]
        return [TextRef(ref=entry.ref, digest=digest) for entry, digest in zip(new, self._put(new), strict=True)]

    def put_file(self, content: bytes, media_type: str, person: str | None = None) -> FileRef:
        """Put a file. Raises TooLarge, NotInVault and Erased for the person."""
        return self.put_files([(content, media_type, person)])[0]

    def put_files(self, files: Sequence[tuple[bytes, str, str | None]]) -> list[FileRef]:
        """Put many (content, media type, person) in one transaction; all or none."""
        new = [New(str(uuid4()), "file", self._file(content), _person(who), kind) for content, kind, who in files]
        return [
            FileRef(ref=entry.ref, digest=digest, media_type=kind, size=len(content))
            for entry, digest, (content, kind, _) in zip(new, self._put(new), files, strict=True)
        ]

    def _file(self, content: bytes) -> bytes:
        if len(content) > self._limits.file:
            raise TooLarge(_too_large("A file", len(content), self._limits.file))
        return content

    def person(self, system: str, identity: str | Mapping[str, str]) -> str:
        """Opaque reference of a person: random, the same for the same (system, identity) until erased.

        `identity` is what recognises the person there, one string or for example {"phone": …}; blank values do not
        count. It is kept as an entry of kind contact. Raises ValueError when nothing is left, TooLarge.
        """
        return self.persons(system, [identity])[0]

    def persons(self, system: str, identities: Sequence[str | Mapping[str, str]]) -> list[str]:
        """References of many persons of one system, in order; a person may occur twice. Raises as `person` does."""
        return self._stable("contact", [self._contact(system, identity) for identity in identities])

    def _contact(self, system: str, identity: str | Mapping[str, str]) -> tuple[Sequence[object], bytes]:
        given = {"identity": identity} if isinstance(identity, str) else identity
        known = {name: value.strip() for name, value in sorted(given.items()) if value.strip()}
        if not known:
            raise ValueError("a person without any identity has no reference: leave the person out")
        return ["contact", system, list(known.items())], self._text(json.dumps(known, ensure_ascii=False))

    def alias(self, system: str, number: str) -> str:
        """Random stand-in for a source number that is personal: the same for the same (system, number) until erased."""
        return self.aliases(system, [number])[0]

    def aliases(self, system: str, numbers: Sequence[str]) -> list[str]:
        """Stand-ins for many numbers of one system, in order; a number may occur twice."""
        return self._stable("number", [(["number", system, number], self._text(number)) for number in numbers])

    def _stable(self, kind: str, wanted: Sequence[tuple[Sequence[object], bytes]]) -> list[str]:
        lookups = [self._master.lookup(parts) for parts, _ in wanted]
        new = {lookup: New(str(uuid4()), kind, content) for lookup, (_, content) in zip(lookups, wanted, strict=True)}
        with self._transaction() as c:
            refs = entries.put_stable(c, self._master, new)
        return [refs[lookup] for lookup in lookups]

    def _put(self, new: Sequence[New]) -> list[bytes]:
        with self._transaction() as c:
            return entries.put(c, self._master, new)

    def _text(self, text: str) -> bytes:
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half a surrogate pair and cannot be written as UTF-8") from None
        if len(content) > self._limits.text:
            raise TooLarge(_too_large("A text", len(content), self._limits.text))
        return content

    # looking

    @overload
    def get(self, ref: TextRef, *, who: str, role: str, purpose: str) -> str: ...
    @overload
    def get(self, ref: FileRef, *, who: str, role: str, purpose: str) -> bytes: ...
    @overload
    def get(self, ref: str, *, who: str, role: str, purpose: str) -> str | bytes: ...

    def get(self, ref: TextRef | FileRef | str, *, who: str, role: str, purpose: str) -> str | bytes:
        """The content: str of a text, a contact (a JSON object) and a number; bytes of a file.

        Given a TextRef or FileRef its digest is verified too. The look is recorded in the same transaction, whatever
        comes out. Raises NotAllowed, NotInVault, Erased, Unreadable.
        """
        wanted, digest = (ref, None) if isinstance(ref, str) else (ref.ref, ref.digest)
        wanted = reference(wanted)
        viewer = Viewer(who, role, purpose)
        with self._engine.begin() as c:
            kind, answer = self._look(c, wanted, digest, viewer)
            record(c, viewer, wanted, kind, answer if isinstance(answer, VaultError) else "shown")
        if isinstance(answer, VaultError):
            raise answer
        return answer if kind == "file" else answer.decode()

    def _look(
        self, c: Connection, ref: str, digest: bytes | None, viewer: Viewer
    ) -> tuple[str | None, bytes | VaultError]:
        row = entries.find(c, ref)
        if row is None:
            return None, NotInVault(f"The vault has no entry {ref}.")
        if refusal := self._refusal(viewer, row.kind):
            return row.kind, refusal
        if entries.is_erased(row):
            return row.kind, Erased(f"The entry {ref} has been erased.")
        try:
            return row.kind, entries.content(row, self._master, digest)
        except VaultError as error:
            return row.kind, error

    def _refusal(self, viewer: Viewer, kind: str) -> NotAllowed | None:
        if self._access.allows(viewer.role, viewer.purpose, kind):
            return None
        return NotAllowed(f"The role {viewer.role!r} may not look at a {kind} for the purpose {viewer.purpose!r}.")

    def looks(self, ref: str) -> list[Look]:
        """All looks at a reference (or at a sealed message, by `message_name`), oldest first."""
        with self._engine.begin() as c:
            return looks_at(c, ref)

    # erasing

    def erase_person(self, person: str, *, who: str, role: str) -> int:
        """Destroy a person's key: all that was put for them can be read no more.

        Returns the number of entries lost, 0 when done before. The same identity coming again is a new person.
        PostgreSQL's log and its backups hold the wrapped key until they are rotated out: erasing is complete then.
        Raises NotAllowed, NotInVault; recorded either way.
        """
        return self._erase(person, Viewer(who, role, ERASURE), only="contact")

    def erase_entry(self, ref: str, *, who: str, role: str) -> int:
        """Destroy one entry, for example a text that names somebody though no person was known. As erase_person."""
        return self._erase(ref, Viewer(who, role, ERASURE), only=None)

    def _erase(self, ref: str, viewer: Viewer, *, only: str | None) -> int:
        ref, count = reference(ref), 0
        error: VaultError | None
        with self._engine.begin() as c:
            row = entries.find(c, ref, lock=True)
            if row is None or only not in (None, row.kind):
                error = NotInVault(f"The vault has no {'person' if only else 'entry'} {ref}.")
            elif not (error := self._refusal(viewer, row.kind)) and not entries.is_erased(row):
                count = entries.erase(c, row)
            record(c, viewer, ref, row.kind if row else None, error or "destroyed")
        if error:
            raise error
        return count

    # dead letters

    def dead_letter_public_key(self) -> bytes:
        """The 32 bytes with which processors seal dead letters (schemas.wire.sealing); the same at every call."""
        with self._transaction() as c:
            return pairs.public_key(c, self._master)

    def open_dead_letter(self, sealed: bytes, *, who: str, role: str, purpose: str) -> bytes:
        """The original bytes of a dead letter. Recorded and refused as in `get`; Unreadable when it is not ours."""
        viewer, name = Viewer(who, role, purpose), message_name(sealed)
        with self._engine.begin() as c:
            answer = self._refusal(viewer, "dead_letter") or pairs.opened(c, self._master, sealed)
            record(c, viewer, name, "dead_letter", answer if isinstance(answer, VaultError) else "shown")
        if isinstance(answer, VaultError):
            raise answer
        return answer


def message_name(sealed: bytes) -> str:
    """The name under which looks at a sealed message are recorded."""
    return "sha256:" + hashlib.sha256(sealed).hexdigest()


def _person(person: str | None) -> str | None:
    return None if person is None else reference(person)


def _too_large(what: str, size: int, limit: int) -> str:
    return f"{what} of {size:,} bytes is above the vault's limit of {limit:,} bytes; shorten it or raise the limit."
