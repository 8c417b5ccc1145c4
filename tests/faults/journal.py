"""What the programs of a campaign write down while it runs: records acknowledged, facts seen. Only ever appended."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

HEAD = 8
"""Bytes of a fact's SHA-256 that a sighting keeps."""

RECONNECT_MS = 500
"""Longest wait of the campaign's own clients before they try a lost broker again: they must not add to a pause."""

_ACKNOWLEDGED, _SIGHTINGS = "acknowledged.tsv", "sightings.bin"
_SIGHTING = struct.Struct(f">HQd{HEAD}s")


class Acknowledged(NamedTuple):
    """A record of claims that Kafka has acknowledged. `kind`: claim, again (the same bytes once more) or poison."""

    kind: str
    partition: int
    offset: int
    digest: bytes


class Sighting(NamedTuple):
    """A fact that a reader of committed records has seen at `at`, in seconds of this machine's monotonic clock."""

    partition: int
    offset: int
    at: float
    head: bytes


def open_acknowledged(folder: Path) -> TextIO:
    return (folder / _ACKNOWLEDGED).open("a", encoding="ascii")


def write_acknowledged(file: TextIO, one: Acknowledged) -> None:
    file.write(f"{one.kind}\t{one.partition}\t{one.offset}\t{one.digest.hex()}\n")


def read_acknowledged(folder: Path) -> Iterator[Acknowledged]:
    with (folder / _ACKNOWLEDGED).open(encoding="ascii") as file:
        for line in file:
            kind, partition, offset, digest = line.rstrip("\n").split("\t")
            yield Acknowledged(kind, int(partition), int(offset), bytes.fromhex(digest))


def open_sightings(folder: Path) -> BinaryIO:
    return (folder / _SIGHTINGS).open("ab")


def write_sighting(file: BinaryIO, one: Sighting) -> None:
    file.write(_SIGHTING.pack(*one))


def read_sightings(folder: Path) -> Iterator[Sighting]:
    for fields in _SIGHTING.iter_unpack((folder / _SIGHTINGS).read_bytes()):
        yield Sighting(*fields)
