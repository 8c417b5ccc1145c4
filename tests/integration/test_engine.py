"""Claims become facts, facts become rows, on real Kafka and PostgreSQL; and bad input has its defined place."""

from __future__ import annotations

from collections import Counter

from schemas import codec, ids
from schemas.events import File, Refused
from schemas.wire.headers import position_of
from tests.builders import SYSTEM, Said, claim, fact, filed, report, reported, whole_loop
from tests.integration.engine import Hub, number_in, wait_until


def loops(count: int, first: int = 0) -> list[Said]:
    """Claims of `count` cases, step by step rather than case by case."""
    every = [whole_loop(str(number)) for number in range(first, first + count)]
    return [loop[step] for step in range(9) for loop in every]


def closed(hub: Hub) -> int:
    return hub.stages().get("closed", 0)


def test_claims_become_facts_and_facts_become_rows(hub: Hub) -> None:
    hub.casework()
    views = hub.views()
    hub.send(loops(30))
    wait_until(lambda: closed(hub) == 30, "30 closed cases")
    facts = hub.facts()
    assert len(facts) == 270
    assert {told.partition for told in facts} == {0, 1}
    hub.assert_views_are_the_fold_of_the_facts()
    numbers = [told.body.number for told in facts if type(told.body).__name__ == "Filed"]
    assert len({ids.parse_number(number) for number in numbers}) == 30
    assert hub.partition(0).next_offset == max(told.offset for told in facts if told.partition == 0) + 1
    assert views.metric("threecross_records_total", processor="views") == 270


def test_the_same_claims_again_add_no_fact(hub: Hub) -> None:
    casework = hub.casework()
    hub.send(loops(5))
    wait_until(lambda: len(hub.facts()) == 45, "45 facts")
    ends = [record.offset for record in hub.records("facts")]
    hub.send(loops(5))
    wait_until(lambda: casework.metric("threecross_claims_repeated_total") == 45, "45 repeated claims")
    assert [record.offset for record in hub.records("facts")] == ends


def test_every_fact_says_from_which_claim_it_came(hub: Hub) -> None:
    hub.casework()
    hub.send(loops(3))
    wait_until(lambda: len(hub.facts()) == 27, "27 facts")
    claims = {(r.partition, r.offset): codec.decode(r.value)[0] for r in hub.records("claims")}
    for record in hub.records("facts"):
        position = position_of(tuple(record.headers))
        assert (position.epoch, position.fact, position.facts) == (hub.epoch, 0, 1)
        assert claims[record.partition, position.offset].claim_id == codec.decode(record.value)[0].claim_id


def test_bad_input_in_the_middle_has_its_defined_place_and_the_stream_goes_on(hub: Hub) -> None:
    hub.casework()
    hub.views()
    number = number_in(1)
    first, last = whole_loop(number)[:3], whole_loop(number)[3:]
    good, stranger = claim(report(), number=number_in(1, nth=1)), claim(File(), number=number_in(1, nth=2))
    reused = first[0]._replace(body=report(inlet="chat"))
    hub.send(first)
    rubbish = {
        "not-a-frame": b"\xff\xfe rubbish",
        "unknown-schema": b"\0\0\0\xff\xff" + good.value[5:],
        "truncated": good.value[:-4],
        "trailing-bytes": good.value + b"x",
        "no-value": None,
        "not-a-claim": codec.encode(*fact(reported())),
    }
    offsets = {reason: hub.rogue("claims", 1, value, good.key) for reason, value in rubbish.items()}
    offsets["key-mismatch"] = hub.rogue("claims", 1, good.value, b"somebody else")
    hub.send([stranger, reused, *last])
    wait_until(lambda: closed(hub) == 1, "the case to be closed")
    dead = hub.dead_letters()
    assert {reason: offset for reason, offset, _, _ in dead} == offsets
    assert {reason: opened for reason, _, _, opened in dead}["truncated"] == rubbish["truncated"]
    assert all(record.key in (good.key, None) for record in hub.records("deadletters"))
    refused = Counter(told.body.rule for told in hub.facts() if isinstance(told.body, Refused))
    assert refused == {"case.unknown": 1, "claim.id-reused": 1}
    assert hub.rows()[ids.case_id(SYSTEM, number)].stage == "closed"
    hub.assert_views_are_the_fold_of_the_facts()


def test_a_huge_compressed_claim_is_a_dead_letter_and_the_stream_goes_on(hub: Hub) -> None:
    from kafka import KafkaProducer

    from schemas.wire.clients import producer_arguments

    casework = hub.casework()
    huge = claim(report(inlet="x" * 3_000_000), number=number_in(0))
    arguments = producer_arguments(hub.kafka) | {"compression_type": "gzip", "max_request_size": 10_000_000}
    producer = KafkaProducer(**arguments)
    producer.send(hub.settings.topic("claims"), key=huge.key, value=huge.value).get(30)
    producer.close()
    hub.send(whole_loop(number_in(0, nth=1)))
    wait_until(lambda: len(hub.facts()) == 9, "9 facts")
    ((reason, _, detail, opened),) = hub.dead_letters()
    assert (reason, opened) == ("too-large", huge.value[: len(opened)])
    assert "bytes" in detail
    assert casework.failures == []


def test_an_odd_fact_keeps_casework_from_its_partition_only(hub: Hub) -> None:
    casework = hub.casework()
    hub.send([*whole_loop(number_in(0)), *whole_loop(number_in(1))])
    wait_until(lambda: len(hub.facts()) == 18, "18 facts")
    hub.stop(casework)
    key = ids.case_id(SYSTEM, number_in(1)).encode()
    hub.rogue("facts", 1, codec.encode(*fact(filed(), 10, number=number_in(1))), key)
    again = hub.casework(wait=False)
    wait_until(lambda: again.words.get(0) == "working" and again.words[1].startswith("stopped"), "partition 1 to stop")
    assert "cannot be folded: a fact without a position header" in again.words[1]
    assert not again.ready()
    assert again.metric("threecross_partition_stopped", processor="casework", partition="1") == 1
    assert again.metric("threecross_partition_stopped", processor="casework", partition="0") == 0
    hub.send([*whole_loop(number_in(0, nth=1)), *whole_loop(number_in(1, nth=1))])
    wait_until(lambda: sum(record.partition == 0 for record in hub.records("facts")) == 18, "partition 0 to go on")
    assert len(hub.records("facts")) == 18 + 9 + 1
    assert again.failures == []


def test_workers_come_and_go_and_nothing_is_lost_or_doubled(hub: Hub) -> None:
    one = hub.casework("one")
    hub.send(loops(20))
    two = hub.casework("two")
    hub.send(loops(20, 20))
    wait_until(lambda: {len(one.words), len(two.words)} == {1} and one.ready() and two.ready(), "one partition each")
    hub.send(loops(20, 40))
    hub.stop(one)
    hub.send(loops(20, 60))
    wait_until(lambda: len(hub.records("facts")) == 80 * 9, "all facts")
    facts = hub.facts()
    assert len({told.meta.fact_id for told in facts}) == len(facts)
    assert {told.meta.seq for told in facts} == set(range(1, 10))
    assert one.failures == two.failures == []
