"""Campaigns are decided by their seed, and their pauses are those that a reader saw."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from connectors.claims_out import partition_of
from schemas import codec
from schemas.frames import Unreadable
from tests.faults import plan
from tests.faults.figures import Arrivals, Happened, alone, summary, takeovers, timeline, unaffected
from tests.faults.journal import Sighting
from tests.faults.kinds import KINDS
from tests.faults.stories import Desk, poison


def test_a_seed_decides_the_campaign() -> None:
    assert plan.plan(7, 10) == plan.plan(7, 10)
    assert plan.plan(7, 10) != plan.plan(8, 10)


def test_the_usual_campaign_has_at_least_twenty_kills_and_three_frozen_workers() -> None:
    count = Counter(plan.plan(1, plan.USUAL_MINUTES).engine)
    assert count["worker killed"] + count["worker killed soon"] >= 20
    assert count["worker frozen"] >= 3


def test_the_shortest_campaign_still_has_each_of_the_main_kinds() -> None:
    planned = plan.plan(1, 0.1)
    assert Counter(planned.engine) == dict.fromkeys(
        ["worker killed", "worker killed soon", "worker frozen", "broker restarted"], 1
    )
    assert Counter(planned.database) == {"database restarted": 1, "views of another version": 1}
    assert Counter(planned.load) == {"poison flood": 1, "claims repeated": 1, "claims delayed": 1}


def test_every_planned_kind_can_be_done() -> None:
    assert plan.ENGINE.keys() | plan.DATABASE.keys() | plan.LOAD.keys() == KINDS.keys()


def test_each_desk_serves_its_own_partition_and_repeats_no_claim() -> None:
    for partition in range(4):
        desk = Desk(partition, 4, Random(1))
        said = [desk.next() for _ in range(500)]
        assert {partition_of(one.meta.subject.id, 4) for one in said} == {partition}
        assert len({one.value for one in said}) == len(said)


def test_poison_is_no_claim_that_casework_could_decide() -> None:
    kinds = set()
    for n in range(500):
        key, value = poison(Random(n), n)
        if value is None:
            kinds.add("no-value")
            continue
        try:
            meta, _ = codec.decode(value)
        except Unreadable as bad:
            kinds.add(bad.reason)
        else:
            assert type(meta).__name__ == "FactMeta" or key != meta.subject.id.encode()
            kinds.add(type(meta).__name__)
    assert {
        "no-value",
        "not-a-frame",
        "unknown-schema",
        "truncated",
        "trailing-bytes",
        "ClaimMeta",
        "FactMeta",
    } <= kinds


def arrivals() -> Arrivals:
    """Partition 0 brings a fact each tenth of a second, and none from 2.0 to 5.0; partition 1 never pauses."""
    times = [i / 10 for i in range(100)]
    quiet = [at for at in times if not 2.0 < at < 5.0]
    return Arrivals(
        [Sighting(0, i, at, b"") for i, at in enumerate(quiet)] + [Sighting(1, i, t, b"") for i, t in enumerate(times)]
    )


def test_a_pause_is_found_where_it_was() -> None:
    assert arrivals().longest(0, 2.05, 2.1) == pytest.approx(3.0)
    assert arrivals().longest(0, 6.0, 8.0) == pytest.approx(0.1)
    assert arrivals().longest(1, 0.0, 9.0) == pytest.approx(0.1)
    assert arrivals().longest(7, 0.0, 9.0) == 0.0


def test_takeovers_count_the_partitions_that_lost_their_worker_and_no_others() -> None:
    kill = Happened("worker killed", 2.05, 5.2, frozenset({0}))
    found = takeovers(arrivals(), [kill])["worker killed"]
    assert (found["n"], found["max"], found["over"]) == (1, pytest.approx(3.0), 0)
    others = unaffected(arrivals(), [kill], range(2))
    assert (others["max"], others["over"]) == (pytest.approx(0.1), 0)


def test_the_timeline_tells_each_fault_with_its_pauses() -> None:
    kills = [Happened("worker killed", 8.0, 9.0, frozenset({1})), Happened("worker killed", 2.05, 5.2, frozenset({0}))]
    first, second = timeline(arrivals(), kills, range(2))
    assert first == {
        "kind": "worker killed",
        "at": 2.0,
        "seconds": 3.2,
        "pause": 3.0,
        "pause_of_others": 0.1,
        "partitions": [0],
    }
    assert (second["at"], second["pause"]) == (8.0, 0.1)


def test_faults_that_met_others_are_not_measured() -> None:
    kill = Happened("worker killed", 0, 4, frozenset())
    meeting = Happened("broker restarted", 3, 6, frozenset())
    later = Happened("worker killed", 7, 9, frozenset())
    assert alone([kill, meeting, later], {"worker killed", "broker restarted"}) == [later]


def test_a_summary_counts_what_lies_above_the_bound() -> None:
    assert summary([1.0, 2.0, 9.0], 5.0) == {"n": 3, "median": 2.0, "p99": 9.0, "max": 9.0, "bound": 5.0, "over": 1}
    assert summary([], 5.0) == {"n": 0}
