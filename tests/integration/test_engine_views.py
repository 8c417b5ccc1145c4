"""Views on real servers: what stops them, what breaks one subject only, and how they find back to the facts."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from ops.embedded.postgres import EmbeddedPostgres
from schemas import codec, ids
from schemas.events import Filed
from schemas.wire.headers import POSITION, position_bytes
from tests.builders import CLOSED, REPORTED, SYSTEM, T0, fact, filed, history, reported, whole_loop
from tests.integration.engine import Hub, number_in, wait_until


def write(hub: Hub, partition: int, facts: Sequence[Any]) -> None:
    """Facts straight onto the topic, as casework would."""
    for meta, body in facts:
        headers = [(POSITION, position_bytes(1, 0, 0, 1))]
        hub.rogue("facts", partition, codec.encode(meta, body), meta.subject.id.encode(), headers=headers)


def case(number: str) -> str:
    return ids.case_id(SYSTEM, number)


def closed(number: str) -> list[Any]:
    """The facts of a whole loop, with a speakable number of its own."""
    spoken = filed(ids.number("411702", "251123", 0, int(number)))
    return history([spoken if isinstance(body, Filed) else body for body in CLOSED], number)


def test_a_fact_of_an_unknown_schema_stops_its_partition_only(hub: Hub) -> None:
    views = hub.views()
    here, there, later = number_in(0), number_in(1), number_in(0, nth=1)
    write(hub, 0, closed(here))
    offset = hub.rogue("facts", 0, b"\0\0\0\xff\xff" + b"from the future", case(here).encode())
    write(hub, 0, history(REPORTED, later))
    write(hub, 1, history(REPORTED, there))
    wait_until(lambda: views.words[0].startswith("stopped") and len(hub.rows()) == 2, "partition 0 to stop")
    assert f"offset {offset} cannot be read: unknown-schema" in views.words[0]
    assert not views.ready()
    assert hub.rows()[case(here)].stage == "closed"
    assert hub.partition(0).next_offset == offset
    write(hub, 1, closed(there)[1:])
    wait_until(lambda: hub.rows()[case(there)].stage == "closed", "partition 1 to go on")
    assert case(later) not in hub.rows()
    assert views.failures == []
    assert views.metric("threecross_partition_stopped", processor="views", partition="0") == 1


def test_a_missing_fact_breaks_its_subject_and_others_go_on(hub: Hub) -> None:
    views = hub.views()
    odd, good = number_in(0), number_in(0, nth=1)
    facts = closed(odd)
    write(hub, 0, [*facts[:2], *facts[3:], *closed(good)])
    wait_until(lambda: case(good) in hub.rows() and hub.rows()[case(good)].stage == "closed", "the other case")
    assert hub.partition(0).broken == {case(odd): "fact 4 came, but fact 3 is missing"}
    assert hub.rows()[case(odd)].seq == 2
    assert views.ready()
    assert views.metric("threecross_view_subjects_broken_total") == 1


def test_a_broken_subject_stays_parked_over_a_restart(hub: Hub) -> None:
    first = hub.views()
    odd = number_in(0)
    facts = closed(odd)
    write(hub, 0, [facts[0], facts[2]])
    wait_until(lambda: hub.partition(0).broken, "the subject to break")
    hub.stop(first)
    hub.views("b")
    write(hub, 0, [facts[1], *history(REPORTED, number_in(0, nth=1))])
    wait_until(lambda: len(hub.rows()) == 2, "the other case")
    assert hub.rows()[case(odd)].seq == 1


def test_rows_that_postgresql_cannot_hold_break_their_subjects_and_others_go_on(hub: Hub) -> None:
    views = hub.views()
    one, nul, early, other, twice, last = (number_in(0, nth=n) for n in range(6))
    spoken = closed(one)[1][1]
    odd = [
        *history([reported(inlet="a\0p")], nul),
        fact(reported(), 1, number=early, at=-(2**62), recorded_at=T0),
        *history(REPORTED, other),
        *history([reported(), spoken], twice),
    ]
    write(hub, 0, [*closed(one), *odd, *history(REPORTED, last)])
    wait_until(lambda: case(last) in hub.rows(), "the case behind")
    assert hub.partition(0).broken == {case(n): "PostgreSQL cannot hold its row" for n in (nul, early, twice)}
    rows = hub.rows()
    assert {number: rows[case(number)].stage for number in (one, other, last)} == {
        one: "closed",
        other: "reported",
        last: "reported",
    }
    assert case(nul) not in rows
    assert (views.ready(), views.failures) == (True, [])


ODD_WORDS = ("", "{}", "NULL", "a,b", 'say "no"', "back\\slash", "\\N", "tab\tand\nline", "路灯", " ")


def test_words_stand_in_the_tables_as_they_were_said(hub: Hub) -> None:
    hub.views()
    numbers = [number_in(0, nth=n) for n in range(len(ODD_WORDS))]
    for number, word in zip(numbers, ODD_WORDS, strict=True):
        write(hub, 0, [fact(reported(inlet=word), 1, number=number, irregular=(word, *ODD_WORDS))])
    wait_until(lambda: len(hub.rows()) == len(ODD_WORDS), "a row for each word")
    rows = hub.rows()
    assert [rows[case(number)].inlet for number in numbers] == list(ODD_WORDS)
    assert [rows[case(number)].irregular for number in numbers] == [
        tuple(dict.fromkeys((word, *ODD_WORDS))) for word in ODD_WORDS
    ]
    hub.assert_views_are_the_fold_of_the_facts()


def test_a_restart_of_postgresql_in_the_middle_loses_nothing(hub: Hub, postgres: EmbeddedPostgres) -> None:
    hub.casework()
    views = hub.views()
    stop = threading.Event()

    def send() -> None:
        number = 0
        while not stop.is_set():
            hub.send(whole_loop(str(number)))
            number += 1

    sender = threading.Thread(target=send)
    sender.start()
    try:
        for _ in range(2):
            time.sleep(0.7)
            postgres.restart()
        time.sleep(0.7)
    finally:
        stop.set()
        sender.join(30)
    count = len(hub.records("claims"))
    wait_until(lambda: sum(row.seq for row in hub.rows().values()) == count, f"{count} facts in the views")
    hub.assert_views_are_the_fold_of_the_facts()
    assert (views.ready(), views.failures) == (True, [])


def settled(hub: Hub, number: str) -> None:
    """One more case in partition 0, seen through."""
    hub.send(whole_loop(number))
    wait_until(lambda: case(number) in hub.rows() and hub.rows()[case(number)].stage == "closed", "one more case")


BEHIND_ITS_BACK = (
    "UPDATE partitions SET next_offset = 3 WHERE partition = 0",
    "UPDATE partitions SET next_offset = 0",
    "DELETE FROM partitions",
    "UPDATE partitions SET fold_version = 'older', next_offset = next_offset - 1; UPDATE cases SET stage = 'odd'",
    "UPDATE partitions SET topic_id = 'another', next_offset = 0; UPDATE cases SET lead = 'nobody'",
)


def test_a_partition_moved_behind_its_back_is_taken_again(hub: Hub) -> None:
    hub.casework()
    views = hub.views()
    settled(hub, number_in(0))
    for nth, statement in enumerate(BEHIND_ITS_BACK, 1):
        hub.execute(statement)
        settled(hub, number_in(0, nth=nth))
        hub.assert_views_are_the_fold_of_the_facts()
        assert views.ready()
        assert hub.partition(0).fold_version == "1"


def test_another_fold_version_folds_everything_again_to_equal_rows(hub: Hub) -> None:
    hub.casework()
    first = hub.views()
    hub.send([said for n in range(6) for said in whole_loop(str(n))])
    wait_until(lambda: hub.stages() == {"closed": 6}, "6 closed cases")
    before = hub.rows()
    hub.stop(first)
    hub.execute("UPDATE cases SET stage = 'odd', state = '\\x00'; DELETE FROM aliases; DELETE FROM parties")
    hub.views("b", fold_version="2")
    wait_until(lambda: hub.stages() == {"closed": 6}, "6 cases again")
    assert hub.rows() == before
    hub.assert_views_are_the_fold_of_the_facts()
    with hub.engine.connect() as c:
        assert c.execute(text("SELECT count(*) FROM aliases")).scalar() == 6
    assert hub.partition(0).fold_version == "2"


def test_the_watermark_is_the_recording_of_the_last_fact_folded(hub: Hub) -> None:
    hub.views()
    facts = closed(number_in(1))
    write(hub, 1, facts)
    wait_until(lambda: hub.partition(1).watermark is not None, "a watermark")
    wait_until(lambda: hub.partition(1).watermark.timestamp() * 1e6 == facts[-1][0].recorded_at, "the last one")
    assert hub.partition(0).watermark is None
