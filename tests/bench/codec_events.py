"""CPU µs of decoding and encoding an event, ours and fastavro's, over claims and facts in their real mix."""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from schemas import codec
from schemas.frames import schema_id_of
from schemas.generate import lock
from schemas.generate.model import load
from tests.bench import claims
from tests.bench.codecs import use_compiled_hub


class Incoming(NamedTuple):
    offset: int
    key: bytes
    value: bytes


def events() -> list[bytes]:
    """Claims of a few hundred cases and the facts that they lead to."""
    from streams.casework.deciding import Decider, Rules
    from streams.casework.state import PartitionState
    from streams.core.authority import load_authority

    incoming = [Incoming(n, key, value) for n, (_, key, value, _) in enumerate(claims.records(300, 1))]
    decider = Decider(Rules(load_authority(), ZoneInfo("Asia/Shanghai"), "411702", 1), 0)
    batch = decider.decide_batch(PartitionState(), incoming, claims.T0)
    return [r.value for r in incoming] + [value for _, value, _, _ in batch.facts]


def plain(node: Any) -> Any:
    """A schema without logical types."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items() if key != "logicalType"}
    return [plain(item) for item in node] if isinstance(node, list) else node


def schemas_by_id() -> dict[int, Any]:
    numbers = {(e.name, e.version): e.id for e in lock.read(lock.LOCK.read_text("utf-8"))}
    return {numbers[s.full_name, s.version]: parse_schema(plain(s.json)) for s in load()}


def cost(work: Callable[[Any], Any], items: Iterable[Any], count: int) -> float:
    """CPU µs per item."""
    started = time.process_time()
    for item in items:
        work(item)
    return (time.process_time() - started) / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap")
    parser.add_argument("--compiled", type=Path)
    use_compiled_hub(parser.parse_args().compiled)
    values = events() * 5
    known = schemas_by_id()
    pairs = [(value, known[schema_id_of(value)]) for value in values]

    def their_decode(pair: Any) -> Any:
        return schemaless_reader(io.BytesIO(pair[0][5:]), pair[1], None)

    def their_encode(pair: Any) -> bytes:
        out = io.BytesIO()
        out.write(b"\0\0\0\0\1")
        schemaless_writer(out, pair[1], pair[0])
        return out.getvalue()

    def our_encode(pair: Any) -> bytes:
        return codec.encode(*pair)

    n = len(values)
    ours = [codec.decode(v) for v in values]
    theirs = [(their_decode(pair), pair[1]) for pair in pairs]
    assert [our_encode(pair)[5:] for pair in ours] == [their_encode(pair)[5:] for pair in theirs]
    found = {
        "ours_decode": cost(codec.decode, values, n),
        "fastavro_decode": cost(their_decode, pairs, n),
        "ours_encode": cost(our_encode, ours, n),
        "fastavro_encode": cost(their_encode, theirs, n),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
