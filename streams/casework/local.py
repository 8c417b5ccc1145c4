"""Local copy of a partition's subjects: a key-value file (LMDB) for a quick restart, and for ended ones out of memory.

One transaction writes the subjects changed since the last one together with the position of the facts that they are the
fold of, so the file is a snapshot at every moment. It is a copy: made by another fold version, from another facts topic
or unreadable, it is thrown away and the facts are folded again. Losing it costs time only.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import lmdb
import msgspec

from schemas.wire.headers import Position
from streams.core.kind import SubjectState
from streams.core.numbering import Numbers
from streams.core.subjects import STATES

MAP_SIZE = 64 * 1024**3
"""Largest size of one file in bytes: address space, not disk."""

LOCK_BYTES = 8192
"""Size of LMDB's lock file with its usual number of readers."""


class Ending(Protocol):
    """What is kept of a subject."""

    @property
    def ended(self) -> bool:
        """True when it need not stay in memory."""


S = TypeVar("S", bound=Ending)

_encode = msgspec.msgpack.Encoder().encode
decode_state: Callable[[bytes], SubjectState] = msgspec.msgpack.Decoder(STATES).decode
"""Each state says by its tag of which kind it is."""
_MARK = b"mark"


class Identity(msgspec.Struct, frozen=True, array_like=True):
    """What a copy was made from: another value of any field means that it must not be used."""

    fold_version: str
    facts_topic_id: str
    epoch: int


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Where the fold stood when the copy was written; `facts_offset` is the next fact to fold."""

    identity: Identity
    facts_offset: int
    position: Position
    numbers: Numbers
    recorded_at: int


_decode_mark = msgspec.msgpack.Decoder(Mark).decode


def _allocate(path: Path) -> None:
    """Gives LMDB's lock file its bytes before LMDB maps it: written to through the map, a full disk is no error but
    the end of the process (SIGBUS). Raises OSError."""
    if not path.exists() or path.stat().st_size < LOCK_BYTES:
        path.write_bytes(bytes(LOCK_BYTES))


def _key(subject: str) -> bytes:
    return bytes.fromhex(subject.replace("-", ""))


def _subject(key: bytes) -> str:
    h = key.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class LocalCopy(Generic[S]):
    """The key-value file of one partition. `open_copy` gives one that is fit for use."""

    def __init__(self, folder: Path, identity: Identity, decode: Callable[[bytes], S]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _allocate(folder / "lock.mdb")
        self.identity = identity
        self._decode = decode
        self._env = lmdb.open(str(folder), map_size=MAP_SIZE, max_dbs=3, readahead=False)
        self._mark = self._env.open_db(b"mark")
        self._open = self._env.open_db(b"open")
        self._ended = self._env.open_db(b"ended")
        self._read_on()

    def _read_on(self) -> None:
        self._reader: Any = self._env.begin(db=self._ended, buffers=False)
        self._has_ended = self._reader.stat(self._ended)["entries"] > 0

    def mark(self) -> Mark | None:
        """Where the copy stands; None when it is empty. Raises msgspec.DecodeError when it is not understood."""
        with self._env.begin(db=self._mark) as transaction:
            found = transaction.get(_MARK)
        return None if found is None else _decode_mark(found)

    def open_subjects(self) -> Iterator[tuple[str, S]]:
        """Every subject that has not ended, with its id."""
        with self._env.begin(db=self._open) as transaction:
            for key, value in transaction.cursor():
                yield _subject(key), self._decode(value)

    def count_open(self) -> int:
        with self._env.begin() as transaction:
            return int(transaction.stat(self._open)["entries"])

    def ended_subject(self, subject: str) -> S | None:
        """A subject that has ended, as it was last written; None when there is none."""
        found = self._reader.get(_key(subject)) if self._has_ended else None
        return None if found is None else self._decode(found)

    def write(self, changed: Mapping[str, S], mark: Mark) -> None:
        """Writes the changed subjects and where the fold stands, in one transaction."""
        states = sorted([(_key(subject), state) for subject, state in changed.items()], key=itemgetter(0))
        with self._env.begin(write=True) as transaction:
            for ended, here, there in ((True, self._ended, self._open), (False, self._open, self._ended)):
                mine = [(key, _encode(state)) for key, state in states if state.ended is ended]
                with transaction.cursor(here) as cursor:
                    cursor.putmulti(mine)
                if transaction.stat(there)["entries"]:
                    for key, _ in mine:
                        transaction.delete(key, db=there)
            transaction.put(_MARK, _encode(mark), db=self._mark)

    def refresh(self) -> None:
        """Lets `ended_subject` see what has been written since; call it where no look-up is under way."""
        self._reader.abort()
        self._read_on()

    def close(self) -> None:
        self._reader.abort()
        self._env.close()


def open_copy(folder: Path, identity: Identity, decode: Callable[[bytes], S]) -> tuple[LocalCopy[S], Mark | None]:
    """The copy in a folder and where it stands; an unfit one is deleted first. Raises lmdb.Error or OSError where
    none can be made, say on a full disk."""
    with suppress(lmdb.Error, OSError, msgspec.DecodeError):
        copy = LocalCopy(folder, identity, decode)
        try:
            mark = copy.mark()
        except msgspec.DecodeError:
            copy.close()
            raise
        if mark is None or mark.identity == identity:
            return copy, mark
        copy.close()
    shutil.rmtree(folder, ignore_errors=True)
    return LocalCopy(folder, identity, decode), None
