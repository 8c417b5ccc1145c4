"""One writer per partition: fencing, takeover, positions of batches without facts, takeovers cut off in the middle."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from aiokafka.errors import KafkaError

from schemas import ids
from schemas.wire.headers import Position
from streams.casework.deciding import Decider
from streams.casework.state import Batch, PartitionState
from streams.casework.writer import PartitionWriter
from streams.runtime.writing import send_all
from tests.builders import SYSTEM, Said, claim_record, whole_loop
from tests.integration.engine import Hub, now, number_in, wait_until


def decided(hub: Hub, writer: PartitionWriter, said: list[Said], first: int = 0) -> Batch:
    records = [claim_record(one, offset) for offset, one in enumerate(said, first)]
    return Decider(hub.rules(), writer.partition).decide_batch(writer.state, records, now())


def stopped(hub: Hub, *writers: PartitionWriter) -> None:
    for writer in writers:
        with suppress(KafkaError):
            hub.loop.run(writer.stop())


def test_a_zombie_is_fenced_and_nothing_of_it_is_seen(hub: Hub) -> None:
    loop = whole_loop(number_in(0))
    first = hub.writer(0, "first")
    hub.loop.run(first.commit(decided(hub, first, loop[:3])))
    second = hub.writer(0, "second")
    assert second.state.position == Position(1, 2, 0, 1)
    with pytest.raises(KafkaError):
        hub.loop.run(first.commit(decided(hub, first, loop[3:6], 3)))
    assert len(hub.records("facts")) == 3
    hub.loop.run(second.commit(decided(hub, second, loop[3:], 3)))
    assert [told.meta.seq for told in hub.facts()] == list(range(1, 10))
    assert first.state.position == Position(1, 2, 0, 1)
    stopped(hub, first, second)


def test_a_transaction_left_open_is_aborted_by_the_next_owner(hub: Hub) -> None:
    loop = whole_loop(number_in(0))
    first = hub.writer(0, "first")
    batch = decided(hub, first, loop)

    async def half() -> None:
        """Everything of a commit but its end."""
        assert first._producer is not None
        await first._producer.begin_transaction()
        for future, _ in await send_all(first._producer, hub.settings.topic("facts"), 0, batch.facts):
            await future

    hub.loop.run(half())
    assert len(hub.records("facts", isolation_level="read_uncommitted")) == 9
    second = hub.writer(0, "second")
    assert second.state.position.offset == -1
    assert hub.records("facts") == []
    hub.loop.run(second.commit(decided(hub, second, loop)))
    assert [told.meta.seq for told in hub.facts()] == list(range(1, 10))
    stopped(hub, first, second)


def test_a_batch_without_facts_leaves_its_position_for_the_next_owner(hub: Hub) -> None:
    first = hub.writer(1, "first")
    loop = whole_loop(number_in(1))
    hub.loop.run(first.commit(decided(hub, first, loop)))
    hub.loop.run(first.commit(decided(hub, first, loop, 9)))
    assert first.state.position == Position(1, 17, -1, 0)
    assert (len(hub.records("facts")), len(hub.records("positions"))) == (9, 1)
    second = hub.writer(1, "second")
    assert second.state.position == Position(1, 17, -1, 0)
    assert second.state.get(ids.case_id(SYSTEM, number_in(1))).seq == 9
    stopped(hub, first, second)


def test_claims_that_were_all_bad_are_not_read_again_after_a_restart(hub: Hub) -> None:
    first = hub.casework("first")
    hub.rogue("claims", 0, b"rubbish")
    hub.rogue("claims", 0, b"more rubbish")
    _wait_for_dead_letters(hub, 2)
    hub.stop(first)
    hub.casework("second")
    hub.rogue("claims", 0, b"still rubbish")
    _wait_for_dead_letters(hub, 3)
    assert [offset for _, offset, _, _ in hub.dead_letters()] == [0, 1, 2]
    assert [opened for *_, opened in hub.dead_letters()] == [b"rubbish", b"more rubbish", b"still rubbish"]


def _wait_for_dead_letters(hub: Hub, count: int) -> None:
    wait_until(lambda: len(hub.records("deadletters")) == count, f"{count} dead letters")


def test_a_local_copy_shortens_the_fold_and_changes_nothing(hub: Hub) -> None:
    first = hub.writer(0, "same")
    hub.loop.run(first.commit(decided(hub, first, whole_loop(number_in(0)))))
    hub.loop.run(first.commit(decided(hub, first, whole_loop(number_in(0, nth=1))[:4], 9)))
    before = (first.state.position, first.state.numbers, first.state.recorded_at, first.state.facts_offset)
    stopped(hub, first)
    again = hub.writer(0, "same")
    fresh = hub.writer(0, "fresh")
    assert again.state.local is not None
    for writer in (again, fresh):
        state = writer.state
        assert (state.position, state.numbers, state.recorded_at) == before[:3]
        assert state.get(ids.case_id(SYSTEM, number_in(0))).seq == 9
        assert state.get(ids.case_id(SYSTEM, number_in(0, nth=1))).seq == 4
    stopped(hub, again, fresh)


def test_a_takeover_cut_off_in_the_middle_can_be_done_again_at_once(hub: Hub) -> None:
    first = hub.writer(0, "first")
    for nth in range(3):
        said = whole_loop(number_in(0, nth=nth))
        hub.loop.run(first.commit(decided(hub, first, said, nth * 9)))
    stopped(hub, first)

    casework = hub.processor("first")

    async def cut_off(milliseconds: int) -> PartitionState:
        starting = asyncio.create_task(casework.take(0, lambda _done, _total: None))
        await asyncio.sleep(milliseconds / 1000)
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        await casework.take(0, lambda _done, _total: None)
        state = casework._writers[0].state
        await casework.release(0)
        return state

    for milliseconds in (0, 5, 10, 20, 40, 80):
        state = hub.loop.run(cut_off(milliseconds))
        assert state.position == first.state.position
    again = hub.writer(0, "first")
    assert all(again.state.get(ids.case_id(SYSTEM, number_in(0, nth=n))).seq == 9 for n in range(3))
    stopped(hub, again)


def test_a_commit_cut_off_in_the_middle_is_told_by_the_next_takeover(hub: Hub) -> None:
    said = whole_loop(number_in(0))
    first = hub.writer(0, "first")
    batch = decided(hub, first, said)

    async def cut_off() -> None:
        committing = asyncio.create_task(first.commit(batch))
        await asyncio.sleep(0.004)
        committing.cancel()
        with suppress(asyncio.CancelledError):
            await committing
        await first.stop()

    hub.loop.run(cut_off())
    again = hub.writer(0, "first")
    done = again.state.position.offset + 1
    assert done in (0, 9)
    if done == 0:
        hub.loop.run(again.commit(decided(hub, again, said)))
    assert [told.meta.seq for told in hub.facts()] == list(range(1, 10))
    stopped(hub, again)
