"""An import: a file's rows become claims in Kafka, each exactly once, whatever stops it in between.

First the whole file is looked through; nothing is sent of a file that is wrong somewhere (unless bad rows are to be
left out, which then become dead letters). Then chunk by chunk: claims that are new get their vault references and
their bytes, and are stored, in one transaction; then they are sent; then it is kept, in one transaction, up to which
number Kafka has acknowledged them and how far the file has been read. While one chunk is under way the next is
prepared. What was stored and not acknowledged when an import was killed is sent first by the next one, in the same
bytes and the same order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from connectors.ahead import ahead
from connectors.claims_out import ClaimsOut
from connectors.contract import BadRow, Claim, Draft, Refused, Row, Vault
from connectors.csvfile.files import Attachments
from connectors.csvfile.look import Look, look_through
from connectors.csvfile.mapping import Mapping
from connectors.metrics import ConnectorMetrics
from connectors.references import with_references
from connectors.store import Kept, Store, opened
from schemas import codec
from schemas.wire.clients import MAX_RECORD_BYTES
from schemas.wire.settings import KafkaSettings

CHUNK = 1_000

Progress = Callable[[int, int], None]
"""(rows done, rows in the file), after each chunk that Kafka has acknowledged."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where an import writes. `topic` is the full name of the claims topic."""

    engine: Engine
    vault: Vault
    kafka: KafkaSettings
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


class _Translated(NamedTuple):
    """A chunk of rows: their drafts, the rows that are left out, the position behind it."""

    drafts: list[Draft]
    problems: list[BadRow]
    position: int


class _Stored(NamedTuple):
    """A chunk that is stored: its new claims, the number of the last one, the totals behind it."""

    claims: list[Claim]
    last: int
    result: ImportResult


def import_file(
    path: Path, mapping: Mapping, out: Outlets, *, skip_bad_rows: bool = False, progress: Progress | None = None
) -> ImportResult:
    """Import a CSV file. Raises Refused (BadFile …) with one sentence; what was sent until then is kept, and the next
    import goes on behind it."""
    started = time.monotonic()
    look = look_through(path, mapping)
    if look.problems and not skip_bad_rows:
        raise look.refusal()
    with opened(out.engine, mapping.name) as store, ClaimsOut(out.kafka, out.topic) as sender:
        result = _Import(look, out, store, sender, progress or (lambda _done, _total: None)).run()
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
        self._name = look.mapping.name
        self._source = look.digest()
        self._last = 0

    def run(self) -> ImportResult:
        result = self._resend(ImportResult())
        with self._store.transaction():
            kept = self._store.kept()
        self._last = kept.acknowledged
        behind = 0
        if kept.position.get("source") == self._source:
            behind, claims, refused = (int(kept.position[name]) for name in ("rows", "claims", "refused_rows"))
            result = replace(result, rows=behind, claims=claims, already_known=claims, refused_rows=refused)
        under_way: tuple[_Stored, Future[None]] | None = None
        with ahead(self._translated(behind)) as chunks:
            for chunk in chunks:
                stored = self._stored(chunk, result)
                result = stored.result
                self._settle(under_way)
                under_way = stored, self._send(stored.claims)
        self._settle(under_way)
        return result

    def _resend(self, result: ImportResult) -> ImportResult:
        """Send what an earlier import stored and could not see acknowledged."""
        while True:
            with self._store.transaction():
                waiting = self._store.waiting()
            if not waiting:
                return result
            self._sender.settle(self._send([claim for _, claim in waiting]))
            with self._store.transaction():
                self._store.keep(Kept(self._store.kept().position, waiting[-1][0]))
            self._out.metrics.acknowledged.labels(self._name).inc(len(waiting))
            result = replace(result, resent=result.resent + len(waiting))

    def _stored(self, chunk: _Translated, result: ImportResult) -> _Stored:
        by_id = {draft.meta.claim_id: draft for draft in chunk.drafts}
        with self._store.transaction():
            known = self._store.known(list(by_id)) if by_id else {}
            claims = self._claims([draft for key, draft in by_id.items() if key not in known])
            if claims:
                self._last = self._store.add(claims)
            self._store.bury(self._source, chunk.problems, self._out.vault.dead_letter_public_key)
        self._out.metrics.refused_rows.labels(self._name).inc(len(chunk.problems))
        result = replace(
            result,
            rows=chunk.position,
            claims=result.claims + len(chunk.drafts),
            sent=result.sent + len(claims),
            already_known=result.already_known + len(chunk.drafts) - len(claims),
            refused_rows=result.refused_rows + len(chunk.problems),
        )
        return _Stored(claims, self._last, result)

    def _translated(self, behind: int) -> Iterator[_Translated]:
        """The rest of the file, translated; runs in a thread of its own while the database works."""
        bad, translate = self._look.bad_lines, self._look.translation.translate
        rows = self._look.file.read(behind)
        while chunk := list(islice(rows, CHUNK)):
            good = [row for row, _ in chunk if isinstance(row, Row) and row.line not in bad]
            problems = [bad[row.line] for row, _ in chunk if row.line in bad]
            numbered = zip(good, self._numbers(good), strict=True)
            drafts = [draft for row, number in numbered for draft in translate(row, number)]
            yield _Translated(drafts, problems, chunk[-1][1])

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
        claims = [Claim(d.meta.claim_id, d.meta.subject.id, encode(d.meta, d.body)) for d in drafts]
        for claim in claims:
            if len(claim.value) > MAX_RECORD_BYTES:
                size = f"{len(claim.value):,} bytes, more than {MAX_RECORD_BYTES:,}"
                raise Refused(f"claim {claim.claim_id} has {size}: shorten its row, then import again")
        return claims

    def _send(self, claims: Sequence[Claim]) -> Future[None]:
        self._out.metrics.sent.labels(self._name).inc(len(claims))
        return self._sender.send(claims)

    def _settle(self, under_way: tuple[_Stored, Future[None]] | None) -> None:
        if under_way is None:
            return
        chunk, sending = under_way
        self._sender.settle(sending)
        done = chunk.result
        position = {"rows": done.rows, "claims": done.claims, "refused_rows": done.refused_rows}
        with self._store.transaction():
            self._store.keep(Kept({"source": self._source, **position}, chunk.last))
        self._out.metrics.acknowledged.labels(self._name).inc(len(chunk.claims))
        self._progress(done.rows, self._look.rows)
