"""An import: a file's rows become claims in Kafka, each exactly once, whatever stops it in between.

First the whole file is looked through; nothing is sent of a file that is wrong somewhere (unless bad rows are to be left
out, which then become dead letters). Then chunk by chunk: claims that are new get their vault references and their
bytes, and are stored, in one transaction; then they are sent; what Kafka has acknowledged is marked, with the
position, in one transaction. While one chunk is under way the next is prepared. Whatever was stored and not
acknowledged when an import was killed is sent first by the next one, in the same bytes and the same order.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from kafka import KafkaProducer
from sqlalchemy import Engine

from connectors.claims_out import ClaimsOut
from connectors.contract import BadRow, Claim, Draft, Refused, Row, Vault
from connectors.csvfile.files import Attachments
from connectors.csvfile.look import Look, look_through
from connectors.csvfile.mapping import Mapping
from connectors.metrics import ConnectorMetrics
from connectors.references import with_references
from connectors.store import Store, opened
from schemas import codec
from schemas.wire.clients import MAX_RECORD_BYTES

CHUNK = 1_000
UNDER_WAY = 2
"""Chunks that may wait for their acknowledgement at once."""

Progress = Callable[[int, int], None]
"""(rows done, rows in the file), after each chunk that Kafka has acknowledged."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where an import writes. `topic` is the full name of the claims topic."""

    engine: Engine
    vault: Vault
    producer: KafkaProducer
    topic: str
    metrics: ConnectorMetrics


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. rows: of the file; claims: that they yield; sent: new ones, acknowledged; already_known: from
    an earlier import; resent: left over from an import that was stopped; refused_rows: put into the dead letters."""

    rows: int = 0
    claims: int = 0
    sent: int = 0
    already_known: int = 0
    resent: int = 0
    refused_rows: int = 0
    seconds: float = 0.0


class _Chunk(NamedTuple):
    """A chunk under way: its futures, the last number to mark, the position and the totals behind it."""

    futures: list[Any]
    last: int
    result: ImportResult
    position: int


def import_file(
    path: Path, mapping: Mapping, out: Outlets, *, skip_bad_rows: bool = False, progress: Progress | None = None
) -> ImportResult:
    """Import a CSV file. Raises Refused (BadFile, BadMapping …) with one sentence; what was sent until then is kept, and
    the next import goes on behind it."""
    started = time.monotonic()
    look = look_through(path, mapping)
    if look.problems and not skip_bad_rows:
        raise look.refusal()
    sender = ClaimsOut(out.producer, out.topic)
    with opened(out.engine, mapping.name) as store:
        result = _Import(look, out, store, sender, progress or (lambda done, total: None)).run()
    result = replace(result, seconds=time.monotonic() - started)
    out.metrics.seconds.labels(mapping.name).observe(result.seconds)
    return result


class _Import:
    def __init__(self, look: Look, out: Outlets, store: Store, sender: ClaimsOut, progress: Progress) -> None:
        self._look = look
        self._out = out
        self._store = store
        self._sender = sender
        self._progress = progress
        self._files = Attachments(look.file.path.parent)
        self._under_way: deque[_Chunk] = deque()
        self._name = look.mapping.name
        self._source = look.digest()

    def run(self) -> ImportResult:
        result = self._resend(ImportResult())
        with self._store.transaction():
            kept = self._store.position()
        behind = 0
        if kept.get("source") == self._source:
            behind = int(kept["rows"])
            result = replace(result, rows=behind, claims=kept["claims"], already_known=kept["claims"])
        rows = self._look.file.read(behind)
        while chunk := list(islice(rows, CHUNK)):
            result = self._forward(chunk, result)
            while len(self._under_way) >= UNDER_WAY:
                self._settle(self._under_way.popleft())
        while self._under_way:
            self._settle(self._under_way.popleft())
        return result

    def _resend(self, result: ImportResult) -> ImportResult:
        """Send what an earlier import stored and could not see acknowledged."""
        behind = 0
        while True:
            with self._store.transaction():
                waiting = self._store.waiting(behind)
            if not waiting:
                return result
            behind = waiting[-1][0]
            self._sender.settle(self._send([claim for _, claim in waiting]))
            with self._store.transaction():
                self._store.acknowledge(behind)
            self._out.metrics.acknowledged.labels(self._name).inc(len(waiting))
            result = replace(result, resent=result.resent + len(waiting))

    def _forward(self, chunk: list[tuple[Row | BadRow, int]], result: ImportResult) -> ImportResult:
        drafts, problems = self._translated(chunk)
        by_id = {draft.meta.claim_id: draft for draft in drafts}
        with self._store.transaction():
            known = self._store.known(list(by_id)) if by_id else set()
            claims = self._claims([draft for key, draft in by_id.items() if key not in known])
            last = self._store.add(claims) if claims else 0
            self._store.bury(self._source, problems, self._out.vault.dead_letter_public_key)
        self._out.metrics.refused_rows.labels(self._name).inc(len(problems))
        result = replace(
            result,
            rows=result.rows + len(chunk),
            claims=result.claims + len(drafts),
            sent=result.sent + len(claims),
            already_known=result.already_known + len(drafts) - len(claims),
            refused_rows=result.refused_rows + len(problems),
        )
        self._under_way.append(_Chunk(self._send(claims), last, result, chunk[-1][1]))
        return result

    def _translated(self, chunk: list[tuple[Row | BadRow, int]]) -> tuple[list[Draft], list[BadRow]]:
        bad = self._look.bad_lines
        rows: list[Row] = []
        problems: list[BadRow] = []
        for found, _ in chunk:
            if isinstance(found, BadRow):
                problems.append(found)
            elif found.line in bad:
                problems.append(bad[found.line])
            else:
                rows.append(found)
        numbers = self._numbers(rows)
        translate = self._look.translation.translate
        return [draft for row, number in zip(rows, numbers, strict=True) for draft in translate(row, number)], problems

    def _numbers(self, rows: list[Row]) -> list[str]:
        found = [self._look.translation.number(row) for row in rows]
        if not self._look.mapping.number_personal:
            return found
        return self._out.vault.aliases(self._look.mapping.system, found)

    def _claims(self, drafts: list[Draft]) -> list[Claim]:
        look = self._look
        vault = self._out.vault.within(self._store.connection)
        try:
            drafts = with_references(drafts, vault, look.mapping.system, self._files.read)
        except (ValueError, OSError) as wrong:
            raise Refused(f"{look.file.path}: {wrong}") from None
        encode = codec.encode
        claims = [Claim(meta.claim_id, meta.subject.id, encode(meta, body)) for meta, body, _ in drafts]
        for claim in claims:
            if len(claim.value) > MAX_RECORD_BYTES:
                raise Refused(f"claim {claim.claim_id} has {len(claim.value):,} bytes, above {MAX_RECORD_BYTES:,}: shorten")
        return claims

    def _send(self, claims: Sequence[Claim]) -> list[Any]:
        self._out.metrics.sent.labels(self._name).inc(len(claims))
        return self._sender.send(claims)

    def _settle(self, chunk: _Chunk) -> None:
        self._sender.settle(chunk.futures)
        with self._store.transaction():
            self._store.acknowledge(chunk.last)
            claims = chunk.result.claims
            self._store.move({"source": self._source, "rows": chunk.position, "claims": claims})
        self._out.metrics.acknowledged.labels(self._name).inc(len(chunk.futures))
        self._progress(chunk.position, self._look.rows)

