"""Compatibility of the released versions, judged by two independent implementations: fastavro and Apache avro.

Claims, facts and hub records are FULL_TRANSITIVE: every version reads what every other version wrote. Feeds are
BACKWARD_TRANSITIVE: a version reads what it and those before it wrote, so that readers are upgraded first. Apache's
checker compares schemas; fastavro has none, so records that visit every branch, symbol and length are written with
one version and read with the other. Both packages are needed where schemas are changed (development and CI), not
where the hub runs.
"""

import io
import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import avro.errors
import avro.schema
import fastavro
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from fastavro.types import Schema as FastSchema

from schemas.generate.model import Schema
from schemas.generate.samples import plain, samples

Checker = Callable[[Any, Any], str | None]
"""(reader, writer), both parsed JSON → why the reader cannot read what the writer wrote, or None."""


def apache(reader: Any, writer: Any) -> str | None:
    """Apache avro's opinion."""
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    try:
        read, written = (avro.schema.parse(json.dumps(document)) for document in (reader, writer))
    except avro.errors.AvroException as error:
        return f"{type(error).__name__}: {error}"
    result = checker.get_compatibility(read, written)
    if result.compatibility is SchemaCompatibilityType.compatible:
        return None
    return "; ".join(sorted(result.messages)) or "incompatible"


def fast(reader: Any, writer: Any) -> str | None:
    """fastavro's opinion: reads samples of the writer as the reader."""
    try:
        written: FastSchema = fastavro.parse_schema(plain(writer))
        read: FastSchema = fastavro.parse_schema(plain(reader))
        for sample in samples(writer):
            out = io.BytesIO()
            fastavro.schemaless_writer(out, written, sample)
            fastavro.schemaless_reader(io.BytesIO(out.getvalue()), written, read)
    except Exception as error:  # noqa: BLE001 - whatever it raises is its opinion
        return f"{type(error).__name__}: {error}"
    return None


CHECKERS: dict[str, Checker] = {"fastavro": fast, "Apache avro": apache}


def check(schemas: list[Schema]) -> list[str]:
    """One sentence per pair of versions and checker that does not fit (a version must also read itself)."""
    return list(_complaints(schemas))


def _complaints(schemas: list[Schema]) -> Iterator[str]:
    for reader, writer in product(schemas, repeat=2):
        if reader.full_name == writer.full_name and not (reader.side == "feed" and reader.version < writer.version):
            for name, checker in CHECKERS.items():
                if reason := checker(reader.json, writer.json):
                    yield f"{reader.path.name} cannot read what {writer.path.name} wrote, says {name}: {reason}"
