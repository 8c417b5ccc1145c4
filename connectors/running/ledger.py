"""Claims of one running connector: into the vault and the claim store in one transaction, then to Kafka, then done.

What was stored and not acknowledged when a process was killed is sent first by the next one, the same bytes in the same
order.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from connectors.contract import BadMessage, Claim, Draft, Refused, Said, Vault
from connectors.references import ReadFile, with_references
from connectors.running.sender import Sender
from connectors.store import Kept, Store
from schemas import codec
from schemas.wire.clients import MAX_RECORD_BYTES


class Ledger:
    """One thread uses it. `system` is the one by which persons are known to the vault."""

    def __init__(self, store: Store, sender: Sender, vault: Vault, system: str, read_file: ReadFile) -> None:
        self._store = store
        self._sender = sender
        self._vault = vault
        self._system = system
        self._read_file = read_file
        self._behind = True

    def resend(self) -> int:
        """Send what was stored and not acknowledged; returns how many. Raises Refused."""
        count, self._behind = 0, True
        while True:
            with self._store.transaction():
                waiting = self._store.waiting()
            if not waiting:
                self._behind = False
                return count
            self._acknowledged([claim for _, claim in waiting], waiting[-1][0], None)
            count += len(waiting)

    def position(self) -> dict[str, Any]:
        """How far the source was read, by what Kafka has acknowledged."""
        with self._store.transaction():
            return self._store.kept().position

    def put(
        self, drafts: Sequence[Draft], position: dict[str, Any] | None = None, bad: Sequence[BadMessage] = ()
    ) -> list[Said]:
        """Store, send, and remember `position`; returns when Kafka has acknowledged. Raises Refused."""
        said, new, number = self.keep(drafts, bad)
        self.settle(new, number, position)
        return said

    def keep(self, drafts: Sequence[Draft], bad: Sequence[BadMessage] = ()) -> tuple[list[Said], list[Claim], int]:
        """Store what is new, in one transaction: (what became of each draft, new claims, number of the last one)."""
        if self._behind:  # else a draft that is stored would be called known, though Kafka has never seen it
            self.resend()
        by_id: dict[str, Draft] = {}
        for draft in drafts:
            by_id.setdefault(draft.meta.claim_id, draft)
        number = 0
        with self._store.transaction():
            known = self._store.known(list(by_id)) if by_id else {}
            new = self._claims([draft for key, draft in by_id.items() if key not in known])
            told = {key: draft.told for key, draft in by_id.items()} | known
            if new:
                number = self._store.add(new, told)
            self._store.bury_messages(bad, self._vault.dead_letter_public_key)
        return [_said(draft, known, told[draft.meta.claim_id]) for draft in drafts], new, number

    def settle(self, claims: Sequence[Claim], number: int, position: dict[str, Any] | None) -> None:
        """Send what is stored, then remember up to where Kafka has acknowledged. Raises Refused."""
        self._acknowledged(claims, number, position)

    def _acknowledged(self, claims: Sequence[Claim], number: int, position: dict[str, Any] | None) -> None:
        if claims:
            try:
                self._sender.send(claims)
            except Refused:
                self._behind = True
                raise
        with self._store.transaction():
            kept = self._store.kept()
            self._store.keep(Kept(kept.position if position is None else position, max(number, kept.acknowledged)))

    def _claims(self, drafts: list[Draft]) -> list[Claim]:
        vault = self._vault.within(self._store.connection)
        try:
            drafts = with_references(drafts, vault, self._system, self._read_file)
        except (ValueError, OSError) as wrong:
            raise Refused(f"{self._store.connector}: the vault does not take it: {wrong}") from None
        claims = [Claim(d.meta.claim_id, d.meta.subject.id, codec.encode(d.meta, d.body)) for d in drafts]
        for claim in claims:
            if len(claim.value) > MAX_RECORD_BYTES:
                raise Refused(f"claim {claim.claim_id} has {len(claim.value):,} bytes, more than {MAX_RECORD_BYTES:,}")
        return claims


def _said(draft: Draft, known: Container[str], first: bytes | None) -> Said:
    """What became of a draft; `first` is the digest of what its claim was made from."""
    claim, subject = draft.meta.claim_id, draft.meta.subject.id
    return Said(claim, subject, claim in known, other=None not in (draft.told, first) and draft.told != first)
