"""One writer per partition of the feeds: killed, overlapping, cut off; no gap, nothing twice, as if folded anew."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from streams.metrics import WorkerMetrics
from streams.outbox.processor import Outbox
from tests.builders import Said, whole_loop
from tests.feeds import subscription
from tests.integration.engine import Hub, now, number_in, wait_until
from tests.integration.subscribing import assert_whole, feed, newest_records, subscribe, wait_for

PARTITION = 0


def outbox(hub: Hub, name: str) -> Outbox:
    """The processor without a worker around it."""

    def failed(problem: BaseException) -> None:
        raise problem

    metrics = WorkerMetrics(CollectorRegistry())
    return Outbox(hub.kafka, hub.settings, hub.reference(), hub.place(name), now, metrics, failed)


def take(hub: Hub, processor: Outbox) -> int:
    return hub.loop.run(processor.take(PARTITION, lambda _done, _total: None))


def facts(hub: Hub, since: int = 0) -> list[Any]:
    return [r for r in hub.records("facts") if r.partition == PARTITION and r.offset >= since]


def loops(count: int, first: int = 0) -> list[Said]:
    return [said for nth in range(first, first + count) for said in whole_loop(number_in(PARTITION, nth=nth))]


def decided(hub: Hub, count: int) -> None:
    wait_until(lambda: len(hub.facts()) == count, f"{count} facts")


def begun(hub: Hub) -> None:
    """Every feed has its beginning before the first fact."""
    one = outbox(hub, "begun")
    take(hub, one)
    ended(hub, one)


def ended(hub: Hub, *processors: Outbox) -> None:
    for one in processors:
        with suppress(KafkaError):
            hub.loop.run(one.release(PARTITION))


def test_a_zombie_is_fenced_and_nothing_of_it_is_seen(hub: Hub) -> None:
    subscribe(hub, subscription())
    hub.casework()
    first, second = outbox(hub, "first"), outbox(hub, "second")
    take(hub, first)
    hub.send(loops(1))
    decided(hub, 9)
    records = facts(hub)
    hub.loop.run(first.handle(PARTITION, records[:4]))
    assert take(hub, second) == records[3].offset + 1
    with pytest.raises(KafkaError):
        hub.loop.run(first.handle(PARTITION, records[4:]))
    assert len(feed(hub, "power")) == 5
    hub.loop.run(second.handle(PARTITION, records[4:]))
    assert len(assert_whole(hub, "power")) == 10
    ended(hub, first, second)


def test_a_commit_cut_off_in_the_middle_is_told_by_the_next_takeover(hub: Hub) -> None:
    subscribe(hub, subscription())
    hub.casework()
    begun(hub)
    hub.send(loops(3))
    decided(hub, 27)
    for milliseconds in (1, 3, 6, 10, 20):
        one = outbox(hub, "same")
        start = take(hub, one)
        hub.loop.run(cut_off(one, facts(hub, start), milliseconds))
        ended(hub, one)
    last = outbox(hub, "same")
    hub.loop.run(last.handle(PARTITION, facts(hub, take(hub, last))))
    assert len(assert_whole(hub, "power")) == 30
    ended(hub, last)


async def cut_off(processor: Outbox, records: list[Any], milliseconds: int) -> None:
    working = asyncio.create_task(processor.handle(PARTITION, records))
    await asyncio.sleep(milliseconds / 1000)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


def test_a_local_copy_that_is_ahead_of_the_feeds_is_thrown_away(hub: Hub) -> None:
    subscribe(hub, subscription())
    hub.casework()
    begun(hub)
    hub.send(loops(2))
    decided(hub, 18)
    first = outbox(hub, "copy")
    take(hub, first)
    records = facts(hub)
    hub.loop.run(first.handle(PARTITION, records[:12]))
    keeper = first._keepers[PARTITION]
    keeper.live.next_offset = records[-1].offset + 1
    keeper._recorded_offset = keeper.live.next_offset
    ended(hub, first)
    second = outbox(hub, "copy")
    assert take(hub, second) == records[11].offset + 1
    hub.loop.run(second.handle(PARTITION, records[12:]))
    assert len(assert_whole(hub, "power")) == 20
    ended(hub, second)


# ------------------------------------------------------------ processes


@contextmanager
def process(hub: Hub, dsn: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The outbox in a process of its own."""
    told = {
        "THREECROSS_BOOTSTRAP": hub.kafka.bootstrap,
        "THREECROSS_DSN": dsn,
        "THREECROSS_DATA_DIR": str(folder),
        "THREECROSS_NAMESPACE": hub.settings.namespace,
        "THREECROSS_PARTITIONS": str(hub.settings.partitions),
    }
    argv = [sys.executable, "-m", "ops.worker", "outbox", "--http-port", "0"]
    child = subprocess.Popen(argv, env=os.environ | told)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        child.wait(30)


def begun_everywhere(hub: Hub) -> bool:
    return [len(record.feeds) for record in newest_records(hub).values()] == [2, 2]


def items_come(hub: Hub, before: int) -> bool:
    return len(feed(hub, "power")) > before


@pytest.mark.timeout(240)
def test_an_outbox_killed_again_and_again_leaves_no_gap_and_writes_nothing_twice(
    hub: Hub, dsn: str, tmp_path: Path
) -> None:
    subscribe(hub, subscription(), subscription("late", "power", start="beginning"))
    hub.casework()
    sent = 0
    for _ in range(4):
        with process(hub, dsn, tmp_path / "killed") as child:
            wait_until(lambda: begun_everywhere(hub), "both feeds to begin")
            before = len(feed(hub, "power"))
            hub.send(loops(60, first=sent))
            sent += 60
            wait_until(lambda before=before: items_come(hub, before), "items")  # type: ignore[misc]
            hub.send(loops(60, first=sent))
            sent += 60
            child.kill()
            child.wait()
    with process(hub, dsn, tmp_path / "killed"):
        wait_for(hub, "power", sent * 10)
        wait_for(hub, "late", sent * 10)
    assert len(assert_whole(hub, "power")) == len(assert_whole(hub, "late")) == sent * 10
