"""What other systems say, on its way to Kafka: drafts, what of them belongs into the vault, claims as they are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from schemas.events import ClaimMeta, FileRef, TextRef

if TYPE_CHECKING:  # translations import this module and stay pure
    from sqlalchemy import Connection

    from connectors.contract.kinds import BadMessage


MAX_TEXT_BYTES = 1 << 20
"""A free text longer than this, in UTF-8, the vault does not take."""


class Refused(Exception):
    """What was asked cannot start or go on; the message is one sentence: what, where, what to do."""


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


class Attached(NamedTuple):
    """A file as it was sent to us: its content and media type."""

    content: bytes
    media_type: str


class Personal(NamedTuple):
    """What a draft must not carry itself: the runner puts it into the vault and sets the references.

    `files` are names that the source's folder knows; `attached` came with the message itself. Both go where the
    claim has its files: `consent` or `evidence`.
    """

    text: str | None = None
    files: tuple[str, ...] = ()
    person: str | None = None
    attached: tuple[Attached, ...] = ()


NOTHING_PERSONAL = Personal()


class Draft(NamedTuple):
    """A claim as translation leaves it: complete but for its vault references. `told` is a digest of what it was made
    from, where others choose the key under which they say something: it shows when they use one twice."""

    meta: ClaimMeta
    body: Any
    personal: Personal = NOTHING_PERSONAL
    told: bytes | None = None


class Claim(NamedTuple):
    """A claim as it is kept and sent: its bytes never change once they are stored."""

    claim_id: str
    subject: str
    value: bytes


class Said(NamedTuple):
    """What became of words: the claim, and whether it had been said before (then nothing was sent). `other`: it had,
    with another digest of what was told; what came first counts."""

    claim_id: str
    subject: str
    known: bool
    other: bool = False


class Take(Protocol):
    """How an inlet hands over what it was told. Any thread may call it; many callers share one storing and sending.

    Raises Refused where the vault does not take something or Kafka does not acknowledge: answer 503 then. What was
    stored is sent by the runner later all the same, and the same drafts again change nothing.
    """

    def __call__(self, drafts: Sequence[Draft], /) -> list[Said]:
        """Returns when Kafka has acknowledged every one of them."""
        ...

    def begin(self, drafts: Sequence[Draft], /) -> Future[list[Said]]:
        """The same without waiting, for `await asyncio.wrap_future(take.begin(drafts))`."""
        ...

    def bury(self, message: BadMessage) -> None:
        """Keep what was told and cannot become claims as a dead letter, its bytes sealed; the same place adds none.
        Raises Refused where it cannot be kept now."""
        ...


LookUp = Callable[[str], str | None]
"""A number that the department uses (its own, the hub's, or the key of a delivery) → subject id; None: unknown."""
