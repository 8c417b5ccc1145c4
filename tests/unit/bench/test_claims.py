"""The claims of the benchmark are what casework meets: nearly all accepted, a few refused, a few repeated."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.casework.deciding import Decider, Rules
from streams.casework.state import PartitionState
from streams.core.authority import load_authority
from tests.bench import claims


class Incoming(NamedTuple):
    offset: int
    key: bytes
    value: bytes


def test_whole_lives_of_cases_end_closed() -> None:
    incoming = [Incoming(n, key, value) for n, (_, key, value, _) in enumerate(claims.records(200, 1))]
    state = PartitionState()
    decider = Decider(Rules(load_authority(), ZoneInfo("Asia/Shanghai"), "411702", 1), 0)
    batch = decider.decide_batch(state, incoming, claims.T0)
    counts = Counter({label or metric: n for (metric, label), n in batch.counts.items()})
    assert not batch.dead
    assert 9 < len(incoming) / 200 < 11
    assert all(case.ended for case in batch.overlay.values())
    assert counts["Closed"] + counts["FilingRefused"] == 200
    assert 0 < counts["repeated"] < len(incoming) * 0.02
    assert 0 < counts["Refused"] < len(incoming) * 0.15


def test_the_same_seed_gives_the_same_claims() -> None:
    assert list(claims.records(20, 4)) == list(claims.records(20, 4))
    assert list(claims.records(20, 4)) != list(claims.records(20, 4, seed=2))
