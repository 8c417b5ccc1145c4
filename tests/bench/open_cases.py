"""Open cases in casework's memory, made by folding facts, and the claims that come to them next.

`python -m tests.bench.open_cases --cases N [--compiled F]` prints bytes per case and CPU seconds per million claims;
with --folder it writes them as local copies instead, as casework leaves them.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import time
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psutil

from connectors.claims_out import partition_of
from schemas import ids
from schemas.events import Acknowledged, Dispatched, FactMeta, Filed, Reported, Source, Subject
from streams.runtime.interpreter import tune_interpreter
from tests.bench import claims
from tests.bench.codecs import use_compiled_hub

DIGEST = bytes(range(32))
CLAIMS = 20_000
BATCH = 2_000


def facts_of(n: int) -> tuple[str, list[tuple[FactMeta, Any]]]:
    """(subject, facts) of a case that is reported, filed, dispatched and acknowledged by its lead."""
    number = f"H{n:09}"
    subject = ids.case_id(claims.SYSTEM, number)
    lead, assist = claims.ORGS[n % 40], claims.ORGS[(n * 7 + 3) % 40]
    parties = claims._together(lead, assist)[1][2].parties
    report = Reported(claims.CATEGORIES[n % 29], claims.PLACES[n % 300], "app")
    facts = (
        ("report", claims.STREETS[n % 20], report),
        ("file", claims.CENTRE, Filed("411702-260101-000-00001-3")),
        ("dispatch", claims.CENTRE, Dispatched(parties)),
        ("acknowledge", claims.CENTRE, Acknowledged(lead)),
    )
    case, source = Subject("case", subject), Source(claims.SYSTEM, number)
    metas = [
        FactMeta(
            fact_id=subject,
            subject=case,
            seq=seq,
            occurred_at=claims.T0 + n,
            recorded_at=claims.T0 + n,
            actor=actor,
            source=source,
            claim_id=ids.claim_id(claims.SYSTEM, number, action, "1"),
            claim_digest=DIGEST,
            versions=_unversioned(),
        )
        for seq, (action, actor, _) in enumerate(facts, 1)
    ]
    return subject, [(meta, fact) for meta, (_, _, fact) in zip(metas, facts, strict=True)]


def _unversioned() -> Any:
    from streams.core.stamp import UNVERSIONED

    return UNVERSIONED


def state_of(numbers: range, partition: int | None = None) -> Any:
    """A PartitionState that has these cases, or those of them that lie in a partition of four."""
    from streams.casework.state import PartitionState
    from streams.core.case import NEW, evolve

    state = PartitionState()
    for n in numbers:
        if partition is not None and partition_of(ids.case_id(claims.SYSTEM, f"H{n:09}"), 4) != partition:
            continue
        subject, facts = facts_of(n)
        case = NEW
        for meta, fact in facts:
            case = evolve(case, meta, fact)
        state.subjects[subject] = case
    return state


class Incoming(NamedTuple):
    offset: int
    key: bytes
    value: bytes


def next_claims(cases: int, count: int) -> list[Incoming]:
    """Claims for cases picked by chance: a commitment each, one for a case, so that only their number differs."""
    rng = random.Random(7)
    body = claims._together("org-000", "org-003")[4][2]
    made = []
    for offset, n in enumerate(rng.sample(range(cases), min(count, cases))):
        key, value = claims.record(n, (f"commit-{offset}", claims.CENTRE, body), claims.T0 + 10**9)
        made.append(Incoming(offset, key, value))
    return made


def measure(cases: int) -> dict[str, float]:
    """Bytes of resident memory per open case, and CPU seconds per million claims with so many open cases."""
    from streams.casework.deciding import Decider, Rules
    from streams.core.authority import load_authority

    process = psutil.Process()
    incoming = next_claims(cases, CLAIMS)
    state_of(range(100))
    gc.collect()
    before = process.memory_info().rss
    state = state_of(range(cases))
    gc.collect()
    memory = (process.memory_info().rss - before) / cases
    decider = Decider(Rules(load_authority(), ZoneInfo("Asia/Shanghai"), "411702", 1), 0)
    started = time.process_time()
    for start in range(0, len(incoming), BATCH):
        coming = incoming[start : start + BATCH]
        batch = decider.decide_batch(state, coming, claims.T0 + 10**9)
        assert len(batch.facts) >= len(coming)
        state.merge(batch, 0)
    return {"bytes_per_case": memory, "cpu_s_per_M": (time.process_time() - started) / len(incoming) * 1e6}


def write_copies(cases: int, folder: Path, bootstrap: str, namespace: str) -> dict[str, float]:
    """Local copies of four partitions that hold so many open cases between them."""
    from schemas.wire.headers import START
    from streams.casework.local import LocalCopy, Mark, decode_state
    from streams.core.numbering import Numbers
    from tests.bench.hub import casework_processor

    identity = casework_processor(bootstrap, namespace, folder)._place.identity
    for partition in range(4):
        state = state_of(range(cases), partition)
        copy = LocalCopy(folder / f"casework-{partition}", identity, decode_state)
        copy.write(state.subjects, Mark(identity, 0, START, Numbers(), 0))
        copy.close()
    return {"cases": cases}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--compiled", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--bootstrap", default="")
    parser.add_argument("--namespace", default="")
    options = parser.parse_args()
    use_compiled_hub(options.compiled)
    tune_interpreter()
    if options.folder:
        print(json.dumps(write_copies(options.cases, options.folder, options.bootstrap, options.namespace)))
    else:
        print(json.dumps(measure(options.cases)))


if __name__ == "__main__":
    main()
