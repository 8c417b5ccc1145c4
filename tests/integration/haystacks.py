"""Whatever a hub leaves behind, and a search in it for texts, in whatever spelling a program may have written them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from urllib.request import urlopen

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, text

from schemas.wire.clients import consumer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings


class Haystack(NamedTuple):
    """Bytes that the hub left, and where."""

    where: str
    content: bytes


def spellings(needle: str) -> set[bytes]:
    """The bytes of a text in the encodings, escapes and transport forms in which programs write texts."""
    plain = {needle.encode(code) for code in ("utf-8", "gb18030", "utf-16-le", "utf-16-be")}
    escaped = {json.dumps(needle)[1:-1].encode(), quote(needle).encode(), *(repr(raw)[2:-1].encode() for raw in plain)}
    coded = {raw.hex().encode() for raw in plain} | {part for raw in plain for part in _base64(raw)}
    return plain | escaped | coded


TELLING = 8
"""Letters of base64 that say something: four of them stand in a folder of signatures once in a few hundred runs."""


def _base64(raw: bytes) -> Iterator[bytes]:
    """What is the same in base64 whatever stands around, for each of the three places at which it can begin."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        same = coded[4 if before else 0 : (before + len(raw)) // 3 * 4]
        if len(same) >= TELLING:
            yield same


class Search:
    """Looks for texts in haystacks."""

    def __init__(self, *needles: str) -> None:
        self._spelt = [(needle, spelt) for needle in needles for spelt in spellings(needle)]

    def __call__(self, haystacks: Iterable[Haystack]) -> list[str]:
        """Where which text stands, each place once."""
        return [f"{where}: {needle}" for where, content in haystacks for needle in self._in(content)]

    def _in(self, content: bytes) -> list[str]:
        return sorted({needle for needle, spelt in self._spelt if spelt in content})


# ------------------------------------------------------------ haystacks


def records(kafka: KafkaSettings, hub: HubSettings) -> Iterator[Haystack]:
    """Every record of every topic of the namespace, committed or not: key, value and headers."""
    arguments = consumer_arguments(kafka) | {"isolation_level": "read_uncommitted"}
    with closing(KafkaConsumer(**arguments)) as consumer:
        for topic in sorted(name for name in consumer.topics() if name.startswith(hub.topic(""))):
            places = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            consumer.seek_to_beginning(*places)
            while any(consumer.position(place) < ends[place] for place in places):
                for found in consumer.poll(timeout_ms=200).values():
                    yield from (_record(topic.removeprefix(hub.topic("")), record) for record in found)


def _record(topic: str, record: object) -> Haystack:
    key, value, headers = (getattr(record, name) for name in ("key", "value", "headers"))
    parts = [key or b"", value or b"", *(part for name, raw in headers for part in (name.encode(), raw or b""))]
    place = f"{getattr(record, 'partition')}, offset {getattr(record, 'offset')}"  # noqa: B009
    return Haystack(f"topic {topic}, partition {place}", b"\n".join(parts))


def tables(engine: Engine) -> Iterator[Haystack]:
    """Every table of the schema, as PostgreSQL's binary copy gives it; the vault's too, since they are encrypted."""
    with engine.connect() as c:
        names = c.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")).all()
        driver = c.connection.driver_connection
        assert driver is not None
        for name in sorted(names):
            with driver.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as copy:
                yield Haystack(f"table {name}", b"".join(bytes(part) for part in copy))


def pages(http: dict[str, str]) -> Iterator[Haystack]:
    """What each process serves to whoever asks."""
    for process, address in http.items():
        for page in ("metrics", "readyz", "healthz"):
            with urlopen(f"{address}/{page}") as answer:
                yield Haystack(f"{page} of {process}", answer.read())


def files(folder: Path, unless: Callable[[Path], bool]) -> Iterator[Haystack]:
    """Every file below a folder: logs, local copies, notes, and the servers' own files."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not unless(path):
            yield Haystack(f"file {path.relative_to(folder)}", path.read_bytes())
