"""Loads documents: each in one transaction, as the next version.

Whoever starts the loader's producer fences every other one, and only then reads which version is the last: two at
once never both write version n. A document that says what its newest load says changes nothing; one with an item that
no record can hold is refused before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, ProducerFencedError

from ops.brokers import answering, reader
from ops.embedded.problem import ServerProblem
from ops.reference.documents import Document
from ops.reference.stored import read
from schemas.codec import encode_hub
from schemas.events import Load
from schemas.wire.clients import MAX_RECORD_BYTES, loader_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.reference import Loaded, Reference

LOADER = "reference-loader"


@dataclass(frozen=True, slots=True)
class By:
    """Who loads: organisation, role, opaque person."""

    org: str
    role: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a document: its version, and whether this is a new one."""

    document: Document
    version: int
    new: bool


def load(kafka: KafkaSettings, hub: HubSettings, documents: Sequence[Document], by: By, now: int) -> list[Outcome]:
    """Loads what is new, in order. `now` is UTC µs. Raises ServerProblem; what was loaded before it stays."""
    with answering(kafka), _alone(hub), closing(_producer(kafka, hub)) as producer:
        producer.init_transactions()
        with reader(kafka) as consumer:
            reference = read(consumer, hub)
        outcomes = []
        for document in documents:
            told = newest(reference, document)
            if told is not None and says_the_same(told, document):
                outcomes.append(Outcome(document, told.header.version, False))
                continue
            loaded = Loaded(header(reference.version + 1, document, by, now), document.items)
            _send(
                producer, hub.topic("reference"), document, [encode_hub(one) for one in (loaded.header, *loaded.items)]
            )
            reference = reference.after([loaded])
            outcomes.append(Outcome(document, reference.version, True))
        return outcomes


def says_the_same(loaded: Loaded, document: Document) -> bool:
    """Whether loading the document again would change nothing."""
    since = document.valid_from
    return loaded.header.digest == document.digest and since in (None, loaded.header.valid_from)


def header(version: int, document: Document, by: By, now: int) -> Load:
    """The header of a document's load."""
    return Load(
        version=version,
        kind=document.kind,
        name=document.name,
        edition=document.edition,
        valid_from=now if document.valid_from is None else document.valid_from,
        digest=document.digest,
        items=len(document.items),
        org=by.org,
        role=by.role,
        person=by.person,
        recorded_at=now,
    )


def newest(reference: Reference, document: Document) -> Loaded | None:
    """The last load of a document."""
    wanted = (document.kind, document.name)
    return next((load for load in reversed(reference.loads) if load.document == wanted), None)


def _producer(kafka: KafkaSettings, hub: HubSettings) -> KafkaProducer:
    return KafkaProducer(**loader_arguments(kafka, hub.group(LOADER)))


def _send(producer: KafkaProducer, topic: str, document: Document, records: Sequence[bytes]) -> None:
    key = f"{document.kind}/{document.name}".encode()
    largest = max(map(len, records))
    if largest > MAX_RECORD_BYTES:
        what = f"An item of {largest:,} bytes is too large for a record, which may have {MAX_RECORD_BYTES:,}"
        raise ServerProblem(what, key.decode(), "make it smaller; nothing of this document was loaded")
    producer.begin_transaction()
    sent: list[Any] = [producer.send(topic, key=key, value=record, partition=0) for record in records]
    producer.commit_transaction()
    for future in sent:
        future.get(timeout=30)


@contextmanager
def _alone(hub: HubSettings) -> Iterator[None]:
    try:
        yield
    except (ProducerFencedError, InvalidProducerEpochError) as error:
        what = "Somebody else has begun to load reference data meanwhile"
        raise ServerProblem(what, hub.topic("reference"), "load again: what was loaded stays as it is") from error
