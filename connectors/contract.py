"""What every connector is made of, whatever system it speaks to.

A connector is a `Source` (transport: rows and positions), a `Translate` (pure: one row becomes drafts) and the
runner, which gives drafts their vault references, encodes them, keeps the bytes and sends them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from schemas.events import ClaimMeta, FileRef, TextRef

if TYPE_CHECKING:  # translations import this module and stay pure
    from sqlalchemy import Connection


MAX_TEXT_BYTES = 1 << 20
"""A free text longer than this, in UTF-8, the vault does not take."""


class Refused(Exception):
    """The import cannot start or go on; the message is one sentence: what, where, what to do."""


class BadFile(Refused):
    """The file as a whole cannot be trusted. Nothing of it has been sent."""


class BadMapping(Refused):
    """A file in departments/ says something that the loader does not understand."""


class BadRow(Exception):
    """One row cannot become claims. `value` may be personal: show it to whoever has the file, never log it."""

    def __init__(self, line: int, column: str | None, value: str | None, reason: str, raw: bytes = b"") -> None:
        super().__init__(line, column, value, reason)
        self.line = line
        self.column = column
        self.value = value
        self.reason = reason
        self.raw = raw

    def __str__(self) -> str:
        where = f"line {self.line}" + (f', column "{self.column}"' if self.column else "")
        if self.value is None:
            return f"{where}: {self.reason}"
        shown = self.value if len(self.value) <= 40 else self.value[:39] + "…"
        return f'{where}: "{shown}" {self.reason}'

    def without_value(self) -> str:
        """The same without the value: fit for logs and dead letters."""
        where = f"line {self.line}" + (f', column "{self.column}"' if self.column else "")
        return f"{where}: a value that {self.reason}" if self.value is not None else f"{where}: {self.reason}"


class Vault(Protocol):
    """Where personal data, free text and files go before anything is produced. Kafka sees references only."""

    def within(self, connection: Connection) -> Vault:
        """The same vault, putting within the transaction of `connection`."""
        ...

    def put_text(self, text: str, person: str | None = None) -> TextRef:
        """Keep one text, under the key of `person` (a reference from `person()`) where it is about one."""
        ...

    def put_texts(self, texts: Sequence[tuple[str, str | None]]) -> list[TextRef]:
        """Keep many texts at once: pairs (text, person), answered in the same order."""
        ...

    def put_files(self, files: Sequence[tuple[bytes, str, str | None]]) -> list[FileRef]:
        """Keep many files at once: (content, media type, person), answered in the same order."""
        ...

    def alias(self, system: str, number: str) -> str:
        """A random number that stands for a personal one (made from a phone, say); always the same for the same."""
        ...

    def aliases(self, system: str, numbers: Sequence[str]) -> list[str]:
        """Many aliases at once, answered in the same order."""
        ...

    def person(self, system: str, identity: str) -> str:
        """Reference (UUID) of the person whom `system` knows by `identity`; always the same for the same."""
        ...

    def persons(self, system: str, identities: Sequence[str]) -> list[str]:
        """Many references at once, answered in the same order."""
        ...

    def dead_letter_public_key(self) -> bytes:
        """The key for which dead letters are sealed."""
        ...


class Row(NamedTuple):
    """One row of a source: where it stands, its values in the order of the source's columns, its bytes as they came."""

    line: int
    values: list[str]
    raw: bytes = b""


class Personal(NamedTuple):
    """What a draft must not carry itself: the runner puts it into the vault and sets the references."""

    text: str | None = None
    files: tuple[str, ...] = ()
    person: str | None = None


NOTHING_PERSONAL = Personal()


class Draft(NamedTuple):
    """A claim as translation leaves it: complete but for its vault references."""

    meta: ClaimMeta
    body: Any
    personal: Personal = NOTHING_PERSONAL


class Claim(NamedTuple):
    """A claim as it is kept and sent: its bytes never change once they are stored."""

    claim_id: str
    subject: str
    value: bytes


Translate = Callable[[Row, str], list[Draft]]
"""(row, the source's own number or its alias) → drafts in the order in which they happened. Raises BadRow."""


class Source(Protocol):
    """Transport: rows of another system, each with the position behind it."""

    name: str

    def read(self, position: int) -> Iterator[tuple[Row | BadRow, int]]:
        """Rows behind `position` (0: from the start). A row that is wrong alone comes as BadRow; raises Refused where
        the source as a whole cannot be trusted."""
        ...
