"""A desk at which words become claims in Kafka, one at a time: stored before they are sent, sent until acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path

from connectors.claims_out import ClaimsOut
from connectors.contract import Claim, Draft, Said
from connectors.csvfile.files import Attachments
from connectors.desk.translate import persons, translate
from connectors.desk.words import BadWord, Word
from connectors.references import with_references
from connectors.runner import Outlets
from connectors.store import Kept, Store, opened
from schemas import codec

NAME = "desk"


@contextmanager
def open_desk(out: Outlets, zone: tzinfo, folder: Path, name: str = NAME) -> Iterator[Desk]:
    """A desk, for one process at a time under each name; files are looked for in `folder`. Raises Refused."""
    with opened(out.engine, name) as store, ClaimsOut(out.kafka, out.topic) as sender:
        desk = Desk(out, store, sender, zone, folder)
        desk.resend()
        yield desk


class Desk:
    """`say` turns words into a claim and returns when Kafka has acknowledged it."""

    def __init__(self, out: Outlets, store: Store, sender: ClaimsOut, zone: tzinfo, folder: Path) -> None:
        self._out = out
        self._store = store
        self._sender = sender
        self._zone = zone
        self._files = Attachments(folder)

    def say(self, word: Word) -> Said:
        """Raises Refused (BadWord …) in one sentence; what was stored and not acknowledged is sent by the next desk."""
        with self._store.transaction():
            draft = self._draft(word)
            claim_id, subject = draft.meta.claim_id, draft.meta.subject.id
            if self._store.known([claim_id]):
                return Said(claim_id, subject, known=True)
            number = self._store.add([self._claim(word, draft)])
        self._send_up_to(number)
        return Said(claim_id, subject, known=False)

    def resend(self) -> None:
        """Send what an earlier desk stored and could not see acknowledged."""
        with self._store.transaction():
            waiting = self._store.waiting()
        if waiting:
            self._send_up_to(waiting[-1][0])

    def _draft(self, word: Word) -> Draft:
        names = persons(word)
        vault = self._out.vault.within(self._store.connection)
        system = (word.source or word.about).split(":")[-2] if names else ""
        references = dict(zip(names, vault.persons(system, names), strict=True)) if names else {}
        return translate(word, self._zone, references)

    def _claim(self, word: Word, draft: Draft) -> Claim:
        vault = self._out.vault.within(self._store.connection)
        try:
            (draft,) = with_references([draft], vault, draft.meta.source.system, self._files.read)
        except (ValueError, OSError) as wrong:
            raise BadWord(f"{word.claim} for {word.about}: {wrong}") from None
        return Claim(draft.meta.claim_id, draft.meta.subject.id, codec.encode(draft.meta, draft.body))

    def _send_up_to(self, number: int) -> None:
        with self._store.transaction():
            kept, waiting = self._store.kept(), self._store.waiting()
        self._sender.settle(self._sender.send([claim for _, claim in waiting]))
        with self._store.transaction():
            self._store.keep(Kept(kept.position, number))
