"""Brings feeds up that are behind: folds the facts once more for them, beside the feeds that go with the facts.

The facts are read in small portions, and the others have their turn after each. When the fold stands where the others
do, the feeds join them.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lmdb
from aiokafka import AIOKafkaConsumer

from schemas.wire.clients import fold_arguments
from schemas.wire.headers import START
from streams.casework.local import Mark, open_copy
from streams.core.numbering import Numbers
from streams.outbox.known import decode_known
from streams.outbox.partition import Feed, Partition
from streams.runtime.processor import PartitionStopped
from streams.runtime.reading import read_to_end

if TYPE_CHECKING:
    from streams.outbox.keeper import Keeper

CHANGED = 20_000
"""Subjects changed before they are written to the copy."""
PORTION = 500
"""Facts, or introductions, after which the others have their turn."""


async def bring_up(keeper: Keeper) -> None:
    """Brings up all feeds of a partition that are behind and not paused. Raises PartitionStopped, KafkaError."""
    fold = Partition()
    fold.feeds = {feed.code: feed for feed in keeper.to_bring_up()}
    place = keeper.place.folder / f"outbox-{keeper.partition}-behind"
    await asyncio.to_thread(_begin_copy, fold, keeper, place)
    consumer = AIOKafkaConsumer(**fold_arguments(keeper.kafka))
    await consumer.start()
    try:
        while not await _joined(keeper, fold):
            await _go_on(keeper, fold, consumer)
    finally:
        await consumer.stop()
        if fold.local is not None:
            fold.local.close()
        shutil.rmtree(place, ignore_errors=True)


def _begin_copy(fold: Partition, keeper: Keeper, place: Path) -> None:
    """An empty local copy for what has ended: memory holds open subjects. Without one (a full disk) it holds all."""
    shutil.rmtree(place, ignore_errors=True)
    with suppress(lmdb.Error, OSError):
        fold.local, _ = open_copy(place, keeper.place.identity, decode_known)


async def _put_away(fold: Partition, keeper: Keeper) -> None:
    """Takes ended subjects out of memory now and then."""
    local = fold.local
    if local is None or len(fold.changed) < CHANGED:
        return
    changed, mark = fold.take_changes(), Mark(keeper.place.identity, fold.next_offset, START, Numbers(), 0)
    with suppress(lmdb.Error):
        await asyncio.to_thread(local.write, changed, mark)
        fold.forget_ended(changed)


async def _go_on(keeper: Keeper, fold: Partition, consumer: AIOKafkaConsumer) -> None:
    """Folds facts until those that the others have taken by now."""
    until = keeper.live.next_offset
    async for records in read_to_end(consumer, keeper.facts, fold.next_offset, lambda _done, _total: None):
        mine = [record for record in records if record.offset < until]
        for portion in _portions(fold, mine):
            await _take(keeper, fold, portion)
        if len(mine) < len(records) or fold.next_offset >= until:
            return


def _portions(fold: Partition, records: Sequence[Any]) -> list[Sequence[Any]]:
    """Portions of records; one ends where a feed begins that introduces what is open before."""
    stops = sorted(feed.next_offset for feed in fold.feeds.values() if feed.introduces)
    found: list[list[Any]] = [[]]
    for record in records:
        if len(found[-1]) >= PORTION or (stops and record.offset >= stops[0]):
            found.append([])
            stops = [stop for stop in stops if stop > record.offset]
        found[-1].append(record)
    return [portion for portion in found if portion]


async def _take(keeper: Keeper, fold: Partition, portion: Sequence[Any]) -> None:
    await _introduce(keeper, fold, portion[0].offset)
    async with keeper.lock:
        _leave_out_the_paused(keeper, fold)
        items, stopped = await keeper.take(fold, portion)
        if items:
            await keeper.record_of_others(items)
    if stopped:
        raise PartitionStopped(stopped)
    await _put_away(fold, keeper)
    await asyncio.sleep(0)


async def _introduce(keeper: Keeper, fold: Partition, before: int) -> None:
    """Introduces what is open to feeds that begin before this offset, and have not gone past their beginning."""
    for feed in list(fold.feeds.values()):
        if feed.introduces and feed.next_offset <= before:
            await _introduce_all(keeper, fold, feed)


async def _introduce_all(keeper: Keeper, fold: Partition, feed: Feed) -> None:
    items = fold.introductions(feed, keeper.reader.reference)
    while portion := list(islice(items, PORTION)):
        async with keeper.lock:
            if feed.code not in keeper.others:
                return
            feed.number = portion[-1].number
            await keeper.record_of_others(portion)
        await asyncio.sleep(0)


def _leave_out_the_paused(keeper: Keeper, fold: Partition) -> None:
    going = {feed.code for feed in keeper.to_bring_up()}
    fold.drop(fold.feeds.keys() - going)


async def _joined(keeper: Keeper, fold: Partition) -> bool:
    """Lets the feeds join the others, once the fold stands where those do."""
    if fold.next_offset < keeper.live.next_offset:
        return False
    await _introduce(keeper, fold, fold.next_offset)
    async with keeper.lock:
        _leave_out_the_paused(keeper, fold)
        if fold.next_offset < keeper.live.next_offset:
            return False
        for code, feed in fold.feeds.items():
            feed.next_offset = keeper.live.next_offset
            keeper.live.add(keeper.others.pop(code))
        return True
