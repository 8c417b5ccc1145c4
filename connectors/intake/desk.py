"""What an intake does with a request, without its HTTP.

Promise: a number is given only when Kafka has acknowledged the report. The number is made of the caller's key alone, so
that the same report sent again, whatever happened in between, gets the same one; another body under it is refused.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import msgspec
from starlette.concurrency import run_in_threadpool

from connectors import media
from connectors.contract import Draft, Said, Surroundings, Take
from connectors.contract import Refused as NotTaken
from connectors.intake import translate
from connectors.intake.kept import Kept
from connectors.intake.settings import Intake, Key
from connectors.keys import hashed
from connectors.rates import Rates
from schemas import ids
from schemas.events import Actor, FileRef, Source
from schemas.wire import coordinates

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDEMPOTENCY = re.compile(r"[\x21-\x7e]{16,200}")
_read = msgspec.json.Decoder(translate.ReportTold).decode
_write = msgspec.json.Encoder().encode

AGAIN_SECONDS = 5


class Problem(Exception):
    """A request that is not taken: HTTP status and one sentence; `seconds` after which to try again."""

    def __init__(self, status: int, detail: str, seconds: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.seconds = status, detail, seconds


class Desk:
    """Takes requests; every method raises Problem. `report` belongs to one loop, threads may share the others."""

    def __init__(self, config: Intake, around: Surroundings, kept: Kept) -> None:
        self._config, self._around, self._kept = config, around, kept
        self._keys = {key.sha256: key for key in config.keys}
        self._rates = Rates(around.clock)
        self._waiting = 0

    def caller(self, given: str) -> Key:
        """Whose key it is; the request counts against its rate."""
        key = self._keys.get(hashed(given))
        if key is None:
            raise Problem(401, "the API key in X-API-Key is missing or unknown.")
        if key.until is not None and self._today() > key.until:
            raise Problem(401, f"the API key {key.name} held until {key.until}: ask for a new one.")
        if seconds := self._rates.ask(key.name, key.per_minute, key.burst):
            raise Problem(429, f"more than {key.per_minute} requests a minute: try again in {seconds} s.", seconds)
        return key

    async def report(self, key: Key, idempotency: str, body: bytes, take: Take) -> Said:
        """What became of a report that Kafka has acknowledged; its subject is the number."""
        if not _IDEMPOTENCY.fullmatch(idempotency):
            raise Problem(422, "Idempotency-Key has to be 16 to 200 printable characters, a UUID say.")
        told = _told(body)
        evidence = await run_in_threadpool(self._evidence, key, told.evidence) if told.evidence else ()
        said = await self._taken(take, self._draft(key, idempotency, told, evidence))
        if said.other:
            raise Problem(422, f"Idempotency-Key {idempotency} was used with another body: give each report its own.")
        return said

    def _evidence(self, key: Key, digests: tuple[str, ...]) -> tuple[FileRef, ...]:
        files = self._kept.files(key.name, digests)
        if missing := [each for each in digests if each not in files]:
            raise Problem(422, f"evidence: {missing[0]} was not put; PUT it to files/{missing[0]} first.")
        return tuple(files[each] for each in digests)

    def _draft(self, key: Key, idempotency: str, told: translate.ReportTold, evidence: tuple[FileRef, ...]) -> Draft:
        """Only who knows the idempotency key can tell of what body its digest is."""
        system, mine = self._config.system, self._around.department
        number = sha256(ids.canonical([system, key.name, hashed(idempotency)])).hexdigest()[:32]
        actor = Actor(key.org or mine.org, key.role or mine.role)
        source = Source(system, number)
        sender = translate.Sender(actor, ids.case_id(system, number), source, self._around.clock())
        where = translate.place(told.place, self._config.division, coordinates.position, self._around.grid_at)
        draft = translate.report(told, sender, where, self._config.inlet, evidence)
        return draft._replace(told=hmac.digest(idempotency.encode(), _write(told), "sha256"))

    async def _taken(self, take: Take, draft: Draft) -> Said:
        if self._waiting >= self._config.most_waiting:
            raise Problem(503, "too many reports wait: send the same again in a moment.", 1)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._config.answer_seconds):
                return (await asyncio.wrap_future(take.begin([draft])))[0]
        except (NotTaken, TimeoutError):
            again = f"not taken just now: send the same again in {AGAIN_SECONDS} s."
            raise Problem(503, again, AGAIN_SECONDS) from None
        finally:
            self._waiting -= 1

    def put_file(self, key: Key, digest: str, media_type: str, content: bytes) -> bool:
        """Keep a file until a report names it; False: it was there."""
        if media_type not in self._config.file_types:
            raise Problem(415, f"the content type has to be one of {', '.join(self._config.file_types)}.")
        if sha256(content).hexdigest() != digest:
            raise Problem(422, "the content does not have the SHA-256 in its address, in lower-case hexadecimal.")
        if not media.begins_as(content, media_type):
            raise Problem(415, f"the content does not begin as {media_type} does.")
        try:
            return self._kept.put_file(key.name, digest, content, media_type, self._around.vault)
        except ValueError as wrong:
            raise Problem(413, f"the vault does not take it: {wrong}") from None

    def status(self, number: str) -> translate.Shown:
        """How a report stands, by the number that was given for it or the speakable number of its case."""
        case = number.lower() if _UUID.fullmatch(number.lower()) else None
        found = None if "\0" in number else self._kept.status(number, case)
        if found is None:
            raise Problem(404, "there is no report with this number.")
        return found

    def _today(self) -> date:
        at = _EPOCH + timedelta(microseconds=self._around.clock())
        return at.astimezone(self._around.department.zone).date()


def _told(body: bytes) -> translate.ReportTold:
    try:
        told = _read(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Problem(422, f"the body is not a report: {wrong}.") from None
    if found := translate.problem(told):
        raise Problem(422, found)
    return told
