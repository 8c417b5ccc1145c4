"""Entries and their keys in the tables, within a transaction of the caller.

Sealed is `salt ‖ content` under the key of the person, or under the entry's own key where there is no person. The salt
(16 random bytes) exists nowhere else, so it goes with the key, and the digest in a fact then proves nothing any more.
Reference, kind and media type are bound to the ciphertext: nobody can turn a contact into a text to see it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import ARRAY, ColumnElement, Connection, Row, any_, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from ops.vault.errors import Erased, NotInVault, Unreadable
from ops.vault.keys import MasterKey, decrypt, encrypt
from ops.vault.tables import vault_entries as entries
from ops.vault.tables import vault_keys as keys
from ops.vault.tables import vault_lookups as lookups

SALT = 16


@dataclass(frozen=True, slots=True)
class New:
    """An entry to put; `person` owns it, None gives it a key of its own."""

    ref: str
    kind: str
    content: bytes
    person: str | None = None
    media_type: str | None = None


def reference(ref: str) -> str:
    """`ref` as 36 lower-case characters. Raises NotInVault when it is no UUID; the text is not repeated."""
    try:
        return str(UUID(ref))
    except ValueError:
        raise NotInVault("That is no reference of the vault: a reference is a UUID.") from None


def put(c: Connection, master: MasterKey, new: Sequence[New]) -> list[bytes]:
    """Put entries; returns their digests in order. Raises NotInVault or Erased for such a person."""
    own = {entry.ref: os.urandom(32) for entry in new if entry.person is None}
    by_owner = own | _keys_of_persons(c, master, {entry.person for entry in new if entry.person is not None})
    _copy(c, "vault_keys (key_id, wrapped)", [(ref, master.wrap(UUID(ref).bytes, key)) for ref, key in own.items()])
    rows = [_row(entry, by_owner[entry.person or entry.ref]) for entry in new]
    _copy(c, f"vault_entries ({', '.join(_Row._fields)})", rows)
    return [row.digest for row in rows]


class _Row(NamedTuple):
    ref: str
    key_id: str
    kind: str
    media_type: str | None
    size: int
    digest: bytes
    sealed: bytes


def _row(entry: New, key: bytes) -> _Row:
    salted = os.urandom(SALT) + entry.content
    return _Row(
        entry.ref,
        entry.person or entry.ref,
        entry.kind,
        entry.media_type,
        len(entry.content),
        hashlib.sha256(salted).digest(),
        encrypt(key, salted, _context(entry.ref, entry.kind, entry.media_type)),
    )


def _copy(c: Connection, into: str, rows: Sequence[tuple[object, ...]]) -> None:
    """COPY: a third of the CPU time of inserting where an import brings a thousand texts at once."""
    if not rows:
        return
    if not c.in_transaction():
        c.begin()  # SQLAlchemy does not see the COPY, and would not commit what it did not see beginning
    driver = c.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError.instance(f"COPY {into}", None, error, psycopg.Error, hide_parameters=True) from error


def _context(ref: str, kind: str, media_type: str | None) -> bytes:
    return f"{ref}|{kind}|{media_type or ''}".encode()


def _keys_of_persons(c: Connection, master: MasterKey, persons: set[str]) -> dict[str, bytes]:
    if not persons:
        return {}
    query = (
        select(keys.c.key_id, keys.c.wrapped)
        .join(entries, entries.c.ref == keys.c.key_id)
        .where(_among(keys.c.key_id, persons), entries.c.kind == "contact")
        .order_by(keys.c.key_id)
        .with_for_update(read=True, of=keys)  # erasing waits, so that nothing is put behind its back
    )
    found = {row.key_id: row.wrapped for row in c.execute(query)}
    if found.keys() != persons:
        raise NotInVault("The vault knows no such person; ask it for the person first.")
    if None in found.values():
        raise Erased("That person has been erased; nothing more can be put for them under this reference.")
    return {person: master.unwrap(UUID(person).bytes, wrapped) for person, wrapped in found.items()}


def _among(column: ColumnElement[object], values: set[str] | list[bytes]) -> ColumnElement[bool]:
    return column == any_(literal(list(values), ARRAY(column.type)))


def put_stable(c: Connection, master: MasterKey, wanted: Mapping[bytes, New]) -> dict[bytes, str]:
    """The reference under each lookup: the one that is there already, or that of the new entry, put now.

    Several transactions that ask for the same lookup wait for one another and get the same answer; lookups are
    taken in order, so that they cannot wait in a ring.
    """
    known = _known(c, list(wanted))
    missing = sorted(wanted.keys() - known.keys())
    if not missing:
        return known
    claim = upsert(lookups).on_conflict_do_nothing(index_elements=["lookup"]).returning(lookups.c.lookup)
    rows = [{"lookup": lookup, "ref": wanted[lookup].ref} for lookup in missing]
    won = set(c.execute(claim, rows).scalars())
    put(c, master, [wanted[lookup] for lookup in missing if lookup in won])
    return known | _known(c, missing)


def _known(c: Connection, wanted: list[bytes]) -> dict[bytes, str]:
    query = select(lookups.c.lookup, lookups.c.ref).where(_among(lookups.c.lookup, wanted))
    return {row.lookup: row.ref for row in c.execute(query)}


def find(c: Connection, ref: str, *, lock: bool = False) -> Row[tuple[object, ...]] | None:
    """The entry with its wrapped key, or None."""
    query = select(entries, keys.c.wrapped).join(keys, keys.c.key_id == entries.c.key_id).where(entries.c.ref == ref)
    return c.execute(query.with_for_update() if lock else query).one_or_none()


def is_erased(row: Row[tuple[object, ...]]) -> bool:
    """Whether its key or its own content has been destroyed."""
    return row.wrapped is None or row.sealed is None


def content(row: Row[tuple[object, ...]], master: MasterKey, digest: bytes | None) -> bytes:
    """What was put. Raises Unreadable when stored bytes, or the digest that the reference carries, do not fit."""
    key = master.unwrap(UUID(row.key_id).bytes, row.wrapped)
    salted = decrypt(key, row.sealed, _context(row.ref, row.kind, row.media_type))
    if hashlib.sha256(salted).digest() != (digest or row.digest):
        raise Unreadable("The digest of this reference does not fit what is in the vault.")
    return salted[SALT:]


def erase(c: Connection, row: Row[tuple[object, ...]]) -> int:
    """Destroy the key that is this row's own, or the row's content alone where the key is a person's.

    Returns how many entries could be read before and cannot be now.
    """
    if row.key_id != row.ref:
        c.execute(update(entries).where(entries.c.ref == row.ref).values(sealed=None))
        c.execute(delete(lookups).where(lookups.c.ref == row.ref))
        return 1
    theirs = select(entries.c.ref).where(entries.c.key_id == row.key_id)
    count = c.scalar(select(func.count()).select_from(theirs.where(entries.c.sealed.is_not(None)).subquery()))
    c.execute(update(keys).where(keys.c.key_id == row.key_id).values(wrapped=None, erased_at=func.now()))
    c.execute(delete(lookups).where(lookups.c.ref.in_(theirs)))
    return count or 0
