"""Connectors as they run: items of a feed become messages at a department, and 100,000 that nobody takes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from kafka import KafkaProducer

from connectors.claims_out import partition_of
from schemas import codec, ids
from schemas.events import FeedCard, FeedItem, Subject
from schemas.wire.clients import producer_arguments
from schemas.wire.settings import HubSettings
from tests.bench.claims import T0
from tests.bench.figures import Row, row
from tests.bench.rows.engine import Sample
from tests.bench.stage import ROOT, Plan, Stage, pin, pinned
from tests.integration.connecting import Linked, linked

DELIVERIES = 20_000
A_CASE = 4
"""Items of each case: they must come one after the other."""
SLOW_SECONDS = 0.02
PARKED = 100_000
PARKED_A_CASE = 100
PATIENCE = 600.0
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FILE = """
[department]
org = "transport"
kind = "webhook"
subscription = "transport"
[webhook]
url = "http://127.0.0.1:{port}/hook"
secret = "env:THREECROSS_TRANSPORT_SECRET"
"""


def deliveries(stage: Stage, plan: Plan) -> list[Row]:
    """Messages a second by the clock, through the whole runner: feed, intents, attempts, outcomes."""
    count = plan.count(DELIVERIES)
    fast = [_delivered(stage, count, 0.0) for _ in range(plan.runs)]
    slow = [_delivered(stage, count // 4, SLOW_SECONDS) for _ in range(plan.runs)]
    spent = sorted(sample["cpu"] for sample in fast)[len(fast) // 2]
    note = f"{count:,} signed messages, {A_CASE} a case, to a receiver on the broker's core; {spent:,.0f} CPU µs each"
    late = f"{count // 4:,} messages; each is answered after {SLOW_SECONDS * 1_000:.0f} ms, so one by one makes 50/s"
    return [
        row("deliveries", "per s", [sample["rate"] for sample in fast], note=note),
        row("deliveries_20ms", "per s", [sample["rate"] for sample in slow], note=late),
    ]


def parked_memory(stage: Stage, plan: Plan) -> list[Row]:
    """Resident memory of the connectors' process, one department, with steps that wait behind one that failed."""
    count = plan.count(PARKED)
    samples = [_parked(stage, count) for _ in range(plan.runs)]
    before = sorted(sample["before"] for sample in samples)[len(samples) // 2]
    note = f"{count:,} steps of {count // PARKED_A_CASE:,} cases; {before:.0f} MB before the first of them"
    return [row("parked_memory", "MB", [sample["after"] for sample in samples], note=note)]


def _delivered(stage: Stage, count: int, wait: float) -> Sample:
    with _runner(stage, "--wait", wait) as hub:
        _fill(stage, hub.hub, count, A_CASE)
        process = _start(stage, hub)
        began = process.cpu_times()
        states = _until(hub, count, ("acknowledged",))
        ended = process.cpu_times()
    cpu = ended.user + ended.system - began.user - began.system
    return {"rate": count / states["seconds"], "cpu": cpu / count * 1_000_000}


def _parked(stage: Stage, count: int) -> Sample:
    with _runner(stage, "--answer", 422) as hub:
        process = _start(stage, hub)
        before = process.memory_info().rss
        _fill(stage, hub.hub, count, PARKED_A_CASE)
        _until(hub, count, ("parked", "dead"))
        return {"before": before / 1e6, "after": process.memory_info().rss / 1e6}


@contextmanager
def _runner(stage: Stage, *behaviour: object) -> Iterator[Linked]:
    """A hub with one department, whose program runs on the broker's core."""
    folder = stage.folder / stage.name("runner")
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.bench.receiver", *map(str, behaviour)]
    receiver = subprocess.Popen(pinned(command, stage.broker_core), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert receiver.stdout is not None
        port = json.loads(receiver.stdout.readline())["port"]
        with linked(stage.kafka, HubSettings(namespace=stage.name("hub")), stage.dsn, folder) as hub:
            hub.department("transport", FILE.format(port=port))
            hub.feed("transport")
            yield hub
            hub.end()
    finally:
        receiver.terminate()
        receiver.wait()


def _start(stage: Stage, hub: Linked) -> psutil.Process:
    hub.start(THREECROSS_TRANSPORT_SECRET=SECRET)
    assert hub.process is not None
    pin(hub.process.pid, stage.worker_core)
    return psutil.Process(hub.process.pid)


def _fill(stage: Stage, hub: HubSettings, count: int, a_case: int) -> None:
    """Items of a feed, as the outbox writes them: all cases side by side, each in its order."""
    cases, numbers = count // a_case, dict.fromkeys(range(hub.partitions), 0)
    producer = KafkaProducer(**producer_arguments(stage.kafka))
    for n in range(count):
        case = ids.case_id("bench", str(n % cases))
        partition = partition_of(case, hub.partitions)
        numbers[partition] += 1
        about = FeedCard(f"4117-{n % cases}", "dispatched")
        item = FeedItem("transport", numbers[partition], "introduced", Subject("case", case), n + 1, T0, about)
        value = codec.encode_hub(item)
        producer.send(hub.topic("feed.transport"), key=case.encode(), value=value, partition=partition)
    producer.close()


def _until(hub: Linked, count: int, states: tuple[str, ...]) -> Sample:
    """Wait until so many stand so; the seconds between the first intent and the last answer by their own times."""
    query = """
        SELECT count(*) AS n, extract(epoch FROM max(done_at) - min(made_at))::float AS seconds FROM deliveries
        WHERE state = ANY(:states)"""
    deadline = time.monotonic() + PATIENCE
    while (found := hub.rows(query, states=list(states))[0])["n"] < count:
        assert time.monotonic() < deadline, f"{found['n']:,} of {count:,} deliveries in {PATIENCE:.0f} s"
        time.sleep(0.5)
    return {"seconds": found["seconds"] or 0.0}
