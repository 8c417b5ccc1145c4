"""What streams/runtime/batches.py overrides in Faust, and relies on in aiokafka, is still what it was.

When a test here fails, a package has changed underneath: read what changed in the named method, see whether the
override in streams/runtime/batches.py is still right, run tests/integration and tests/faults, and only then put the new
version or digest here.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import aiokafka
import faust
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.agents import Agent
from faust.transport import consumer as base
from faust.transport.drivers import aiokafka as driver

from streams.runtime import batches

FAUST = "0.15.3"
Thread = driver.AIOKafkaConsumerThread
WHAT_TO_DO = (
    "read what changed, check the override in streams/runtime/batches.py against it, run tests/integration and "
    "tests/faults, then put the new value into tests/contract/test_faust_overrides.py"
)

DIGESTS: dict[str, tuple[Callable[..., Any], str]] = {
    # overridden
    "Consumer._new_consumer_thread": (driver.Consumer._new_consumer_thread, "0870ec53dea75083"),
    "Consumer.getmany": (base.Consumer.getmany, "4b168d84882a70d6"),
    "Consumer.perform_seek": (base.Consumer.perform_seek, "0e8c130ff4b0afd8"),
    "Consumer.on_partitions_revoked": (base.Consumer.on_partitions_revoked, "d04b7ae72c6fc206"),
    "Consumer._add_gap": (base.Consumer._add_gap, "4df2573ded7c1c2c"),
    "Consumer._new_offset": (base.Consumer._new_offset, "1d2c7ea89a7ad4f1"),
    "AIOKafkaConsumerThread._create_worker_consumer": (
        driver.AIOKafkaConsumerThread._create_worker_consumer,
        "c2701bfc3e6f6cad",
    ),
    "Topic._compile_decode": (faust.Topic._compile_decode, "6474178f8c211c05"),
    # called by Faust around the overrides, or by them
    "Consumer._drain_messages": (base.Consumer._drain_messages, "44a2500309e83c63"),
    "Consumer._wait_next_records": (base.Consumer._wait_next_records, "6218e1969a636b3f"),
    "Consumer._to_message": (driver.Consumer._to_message, "7c24f6511b2fcef7"),
    "Consumer._get_active_partitions": (base.Consumer._get_active_partitions, "b24897f3c7afdb5d"),
    "Consumer.on_partitions_assigned": (base.Consumer.on_partitions_assigned, "29ce96596f05a18c"),
    "Consumer.ack": (base.Consumer.ack, "5fcf41cf45153475"),
    "Consumer.wait_empty": (base.Consumer.wait_empty, "e4662fe24f094819"),
    "ThreadDelegateConsumer._getmany": (base.ThreadDelegateConsumer._getmany, "f9d47aa9010b5ff2"),
    "AIOKafkaConsumerThread._seek_wait": (Thread._seek_wait, "9d221e816d940467"),
    "AIOKafkaConsumerThread._fetch_records": (Thread._fetch_records, "39a2c6c79fc1455a"),
    "Topic._create_event": (faust.Topic._create_event, "f7dd2e63fefbec59"),
    "Fetcher.fetched_records": (Fetcher.fetched_records, "be4348896b9b66af"),
    # streams/runtime/fetching.py and writing.py
    "PartitionRecords.__init__": (PartitionRecords.__init__, "8ec1c2ae6ea1af87"),
    "PartitionRecords._unpack_records": (PartitionRecords._unpack_records, "b803e6d46480732c"),
    "PartitionRecords._contains_abort_marker": (PartitionRecords._contains_abort_marker, "17e9ad2322ef4e0a"),
    "FetchResult.getall": (FetchResult.getall, "3e717e30de5068d5"),
    "Fetcher._create_fetch_waiter": (Fetcher._create_fetch_waiter, "61d840568746477e"),
    "BatchBuilder.append": (BatchBuilder.append, "657d76f55157d9ca"),
    "AIOKafkaProducer.send_batch": (AIOKafkaProducer.send_batch, "bf42b0f0c5c0646d"),
}


def digest(method: Callable[..., Any]) -> str:
    """First 16 hex characters of the SHA-256 of a method's source."""
    return hashlib.sha256(inspect.getsource(method).encode()).hexdigest()[:16]


def test_faust_is_the_version_that_was_overridden() -> None:
    assert version("faust-streaming") == FAUST, f"Faust is {version('faust-streaming')}, not {FAUST}: {WHAT_TO_DO}"


@pytest.mark.parametrize("name", DIGESTS)
def test_the_method_is_what_it_was(name: str) -> None:
    method, known = DIGESTS[name]
    assert digest(method) == known, f"{name} has changed (now {digest(method)}): {WHAT_TO_DO}"


@pytest.mark.parametrize("cls", [batches.BatchConsumer, batches.BatchConsumerThread, batches.BatchTopic])
def test_every_override_is_pinned(cls: type) -> None:
    own = {name for name, value in vars(cls).items() if inspect.isfunction(value) and name != "__init__"}
    overridden = {name for name in own if any(name in vars(parent) for parent in cls.__mro__[1:])}
    assert overridden, f"{cls.__name__} overrides nothing"
    assert overridden <= {name.split(".")[1] for name in DIGESTS}, "an override without a digest: add it to DIGESTS"


def test_a_method_that_changed_would_be_noticed() -> None:
    def _add_gap(self: Any, tp: Any, offset_from: int, offset_to: int) -> None:
        """Another gap."""

    assert digest(_add_gap) != DIGESTS["Consumer._add_gap"][1]


def test_the_fetcher_still_reads_what_the_batch_consumer_sets() -> None:
    consumer = inspect.getsource(aiokafka.AIOKafkaConsumer)
    for attribute in ("_isolation_level", "_fetch_min_bytes", "_fetch_max_wait_ms"):
        handed_on = f"{attribute[1:]}=self.{attribute}"
        assert handed_on in consumer, f"aiokafka no longer hands {attribute} to its fetcher: {WHAT_TO_DO}"
    wanted = ["partitions", "timeout", "max_records"]
    assert list(inspect.signature(Fetcher.fetched_records).parameters)[1:] == wanted, WHAT_TO_DO


async def _source(_stream: Any) -> None:
    """An agent."""


def test_a_worker_uses_the_batch_topic_and_decodes_nothing() -> None:
    app = faust.App("t", Topic=batches.BatchTopic, autodiscover=False, web_enabled=False)
    topic = app.topic("t.claims", key_type=bytes, value_type=bytes)
    assert isinstance(app.agent(topic)(_source), Agent)
    assert isinstance(topic, batches.BatchTopic)
    topic._compile_decode()
    assert topic.decode == topic._decode_batch
