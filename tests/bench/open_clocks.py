"""Timers and open clocks in one process. Prints bytes and CPU µs of each, one JSON line.

`--clocks N`: N timers set over ten days, a tenth of them moved, all expired; and N running clocks of cases that were
reported, filed and dispatched to two (four clocks each), folded and asked for their next moment.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
import uuid
from typing import Any

import psutil

from streams.runtime.interpreter import tune_interpreter
from streams.runtime.timers import Timers

DAYS = 10 * 86_400_000_000
START = 1_772_400_000_000_000
SAMPLE = 2_000


def timers(count: int) -> dict[str, float]:
    """Bytes and CPU µs of a timer; keys are there already, as they are in the hub."""
    rng = random.Random(11)
    keys = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(count)]
    moments = [START + rng.randrange(DAYS) for _ in range(count)]
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    wheel = Timers()
    inserted = _timed(lambda: _set(wheel, keys, moments))
    memory = process.memory_info().rss - before
    some, others = keys[: count // 10], moments[::-1]
    moved = _timed(lambda: _set(wheel, some, others))
    expired = _timed(lambda: sum(1 for _ in wheel.due(START + DAYS)))
    assert len(wheel) == 0
    return {
        "timers_bytes": memory,
        "insert_us": inserted / count * 1e6,
        "move_us": moved / len(some) * 1e6,
        "expire_us": expired / count * 1e6,
    }


def _set(wheel: Timers, keys: list[str], moments: list[int]) -> None:
    for key, at in zip(keys, moments, strict=False):
        wheel.set(key, at)


def clocks(count: int) -> dict[str, float]:
    """Bytes of a running clock, and CPU µs to fold a fact and to ask a case for its next moment."""
    from streams.core.clocks import NEW, evolve, next_due
    from tests.clock_samples import Sheet, meta, said

    terms = Sheet({"first_answer": "24uh"})
    lines = [said(line) for line in ("03-02 08:00 report", "03-02 08:05 file 5wd", "03-02 08:10 dispatch power water")]
    cases = count // 4
    metas = [[meta(seq, one.happened + n, one.told + n) for seq, one in enumerate(lines, 1)] for n in range(SAMPLE)]
    process = psutil.Process()
    kept: list[Any] = []
    gc.collect()
    before, folding = process.memory_info().rss, 0.0
    for start in range(0, cases, SAMPLE):
        fresh = [[_moved(m, start) for m in row] for row in metas[: min(SAMPLE, cases - start)]]
        began = time.process_time()
        for row in fresh:
            state = NEW
            for one, fact in zip(row, lines, strict=True):
                state = evolve(state, one, fact.body)
            kept.append(state)
        folding += time.process_time() - began
        del fresh
    gc.collect()
    memory = process.memory_info().rss - before
    asked = _timed(lambda: [next_due(state, terms) for state in kept[:SAMPLE]])
    return {
        "clock_bytes": memory / (len(kept) * 4),
        "fold_us": folding / len(kept) / len(lines) * 1e6,
        "next_due_us": asked / min(SAMPLE, len(kept)) * 1e6,
    }


def _moved(one: Any, by: int) -> Any:
    """The same fact at another moment, as numbers of its own."""
    import msgspec

    return msgspec.structs.replace(one, occurred_at=one.occurred_at + by + 1, recorded_at=one.recorded_at + by + 1)


def _timed(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap")
    parser.add_argument("--clocks", type=int, required=True)
    options = parser.parse_args()
    tune_interpreter()
    print(json.dumps({**timers(options.clocks), **clocks(options.clocks)}))


if __name__ == "__main__":
    main()
