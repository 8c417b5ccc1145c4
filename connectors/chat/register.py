"""What the connector notes of groups' reports: their numbers, how they stand, files that wait for a message.

Notes follow from what is in Kafka and in the vault: whoever was killed before noting is told the same again.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from connectors.chat.message import Told, folded
from connectors.chat.translate import Standing
from connectors.contract import Vault
from connectors.notebook import Notes
from schemas.events import ClaimMeta, FileRef


class Register:
    """The notes of one chat system. Threads may share it."""

    def __init__(self, notes: Notes, vault: Vault) -> None:
        self._notes, self._vault = notes, vault

    def told(self, number: str) -> str | None:
        """Fingerprint of the message that has this number."""
        found: str | None = self._notes.get(f"told/{number}")
        return found

    def taken(self, number: str, meta: ClaimMeta, told: Told) -> None:
        """The message with this number is in Kafka, as a claim about a report with a number of its own or this one."""
        named = meta.source.number
        self._notes.put({f"told/{number}": fingerprint(told), f"number/{folded(named)}": [named, meta.subject.id]})

    def stands(self, case: str, now: Standing) -> None:
        """How a case stands; an older item changes nothing."""
        before = self.standing(case)
        if before is not None and before.seq > now.seq:
            return
        notes: dict[str, Any] = {f"case/{case}": msgspec.to_builtins(now)}
        notes |= {f"number/{folded(each)}": [now.number, case] for each in (now.number, now.case) if each}
        self._notes.put(notes)

    def find(self, number: str) -> tuple[str, str] | None:
        """A number as a member writes it → the number that the chat gave, id of the case."""
        found = self._notes.get(f"number/{folded(number)}")
        return None if found is None else (found[0], found[1])

    def standing(self, case: str) -> Standing | None:
        """How a case stands; None: the feed has not told."""
        found = self._notes.get(f"case/{case}")
        return None if found is None else msgspec.convert(found, Standing)

    def first_answer(self, case: str) -> bool:
        """Notes that a reporter was answered; whether it was the first time."""
        if self._notes.get(f"answered/{case}"):
            return False
        self._notes.put({f"answered/{case}": True})
        return True

    def put_file(self, digest: str, content: bytes, media_type: str) -> bool:
        """Keep a file in the vault until a message names it; False: it was there."""
        if self._notes.get(f"file/{digest}") is not None:
            return False
        (kept,) = self._vault.put_files([(content, media_type, None)])
        self._notes.put({f"file/{digest}": msgspec.to_builtins(kept)})
        return True

    def files(self, digests: Sequence[str]) -> list[FileRef | None]:
        """The files with these digests; None where one has not come."""
        found = (self._notes.get(f"file/{digest}") for digest in digests)
        return [None if each is None else msgspec.convert(each, FileRef) for each in found]


def fingerprint(told: Told) -> str:
    """By what two messages are the same. Only who knows the message's id can tell what it is of."""
    return hmac.new(told.id.encode(), msgspec.json.encode(told), sha256).hexdigest()
