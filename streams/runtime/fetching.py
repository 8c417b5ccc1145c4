"""Fetched records without a Python object made anew for each.

aiokafka parses records in compiled code and then copies each into a Python object, which costs four times the parsing.
Here the parsed records themselves are handed out: they have offset, timestamp, key, value and headers, but neither
topic nor partition, which are the same for the whole batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from operator import length_hint
from typing import Any

from aiokafka.consumer.fetcher import READ_COMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException


class LeanRecords(PartitionRecords):  # type: ignore[misc]
    """Records of one fetched partition, as they were parsed. Same skipping, checks and positions as the base class.

    A batch is parsed in one go and handed out by compiled code; how far that is, its iterator tells when it is asked.
    """

    _records_iterator: Any
    _batch: Sequence[Any] = ()
    _left: Iterator[Any] = iter(())
    _behind = 0

    @property
    def next_fetch_offset(self) -> int:
        """Behind the last record that was handed out, and behind what is passed over after a batch."""
        given = len(self._batch) - length_hint(self._left)
        return self._batch[given - 1].offset + 1 if given else self._behind

    @next_fetch_offset.setter
    def next_fetch_offset(self, offset: int) -> None:
        self._batch, self._left, self._behind = (), iter(()), offset

    def __iter__(self) -> Iterator[Any]:
        return iter(self._records_iterator)

    def _unpack_records(self) -> Iterator[Any]:
        return chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[Iterator[Any]]:
        while self._records.has_next():
            batch = self._records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            if not (self._is_aborted(batch) or batch.is_control_batch):
                records, following = list(batch), self._behind
                if records and records[0].offset < following:
                    records = [record for record in records if record.offset >= following]
                self._batch, self._left = records, iter(records)
                yield self._left
            self.next_fetch_offset = batch.next_offset
        self._records_iterator = None  # it refers to us

    def _is_aborted(self, batch: Any) -> bool:
        if self._isolation_level != READ_COMMITTED or batch.producer_id is None:
            return False
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch and self._contains_abort_marker(batch):
            self._aborted_producers.discard(batch.producer_id)
        return bool(batch.is_transactional and batch.producer_id in self._aborted_producers)


def _lighten(fetcher: Fetcher) -> None:
    for result in fetcher._records.values():
        if type(result) is FetchResult and type(result._partition_records) is PartitionRecords:
            r = result._partition_records
            result._partition_records = LeanRecords(
                r._tp,
                r._records,
                r._aborted_transactions,
                r.next_fetch_offset,
                None,
                None,
                r._check_crcs,
                r._isolation_level,
            )
            r._records_iterator = None  # it refers to r, which would keep the fetched bytes


async def fetched(
    fetcher: Fetcher, partitions: Collection[Any], wait: float, limit: int | None
) -> dict[Any, list[Any]]:
    """What `Fetcher.fetched_records` gives, in lean records; waits up to `wait` seconds for a first one."""
    with fetcher._subscriptions.fetch_context():
        _lighten(fetcher)
        found: dict[Any, list[Any]] = await fetcher.fetched_records(partitions, 0, limit)
        if found or not wait:
            return found
        waiter = fetcher._create_fetch_waiter()
        await asyncio.wait([waiter], timeout=wait)
        if not waiter.done():
            waiter.cancel()
            return {}
        waiter.result()  # errors of authorization
        _lighten(fetcher)
        return await fetcher.fetched_records(partitions, 0, limit)  # type: ignore[no-any-return]
