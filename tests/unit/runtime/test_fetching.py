"""Lean records are the records that aiokafka gives, with the same positions, whatever the fetched bytes hold."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from streams.runtime.fetching import LeanRecords, _lighten

TP = TopicPartition("claims", 0)
COMMIT, ABORT = b"\0\0\0\1", b"\0\0\0\0"


def batch(base: int, values: list[bytes], producer: int = -1, *, control: bool = False) -> bytearray:
    """Bytes of one record batch, as a broker gives it."""
    builder = DefaultRecordBatchBuilder(2, 0, int(producer >= 0), producer, 0, 0, 1 << 20)
    for n, value in enumerate(values):
        builder.append(n, 1_000 + n, value if control else b"key", value, [("h", b"1")])
    data = bytearray(builder.build())
    data[0:8] = base.to_bytes(8, "big")
    if control:
        data[22] |= 0x20
    return data


def read(cls: type[PartitionRecords], data: bytes, aborted: list[tuple[int, int]], start: int, level: int) -> Any:
    records = cls(TP, MemoryRecords(data), aborted, start, None, None, False, level)
    seen = [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers), records.next_fetch_offset) for r in records]
    return seen, records.next_fetch_offset


PLAIN = bytes(batch(0, [b"a", b"b", b"c"]) + batch(3, [b"d"]))
TRANSACTIONS = bytes(
    batch(0, [b"a", b"b"], 7)
    + batch(2, [b"x"], 8)
    + batch(3, [ABORT], 8, control=True)
    + batch(4, [b"c"], 8)
    + batch(5, [COMMIT], 7, control=True)
    + batch(6, [b"d"])
)


@pytest.mark.parametrize("level", [READ_COMMITTED, READ_UNCOMMITTED])
@pytest.mark.parametrize("start", [0, 1, 2, 4])
@pytest.mark.parametrize(("data", "aborted"), [(PLAIN, []), (TRANSACTIONS, [(8, 2)]), (TRANSACTIONS, [])])
def test_lean_records_are_those_of_aiokafka(
    data: bytes, aborted: list[tuple[int, int]], start: int, level: int
) -> None:
    assert read(LeanRecords, data, aborted, start, level) == read(PartitionRecords, data, aborted, start, level)


def test_an_aborted_record_is_left_out() -> None:
    seen, end = read(LeanRecords, TRANSACTIONS, [(8, 2)], 0, READ_COMMITTED)
    assert [value for _, _, _, value, _, _ in seen] == [b"a", b"b", b"c", b"d"]
    assert end == 7


def test_a_damaged_batch_is_refused() -> None:
    damaged = bytes(PLAIN[:-1] + b"?")
    with pytest.raises(CorruptRecordException):
        list(LeanRecords(TP, MemoryRecords(damaged), [], 0, None, None, True, READ_COMMITTED))


def test_the_fetched_bytes_are_let_go_without_the_collector() -> None:
    tp_records = PartitionRecords(TP, MemoryRecords(PLAIN), [], 0, None, None, False, READ_COMMITTED)
    result = FetchResult(TP, assignment=None, partition_records=tp_records, backoff=0)
    seen = weakref.ref(tp_records)
    gc.disable()
    try:
        _lighten(SimpleNamespace(_records={TP: result}))
        del tp_records
        lean = weakref.ref(result._partition_records)
        assert len(list(result._partition_records)) == 4
        del result
        assert (seen(), lean()) == (None, None)
    finally:
        gc.enable()
