"""Metrics of the processors, declared once. Workers count their own live work only; totals come from the views."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BATCH_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class WorkerMetrics:
    """Metrics of every processor, and what casework, views, clocks and links count besides."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._partitions = Gauge(
            "threecross_partitions_assigned", "Partitions that this worker has.", ["processor"], registry=registry
        )
        self._stopped = Gauge(
            "threecross_partition_stopped",
            "1 where a partition had to stop (unknown fact or broken input).",
            ["processor", "partition"],
            registry=registry,
        )
        self._records = Counter(
            "threecross_records", "Records that this worker has worked on.", ["processor"], registry=registry
        )
        self._batch_seconds = Histogram(
            "threecross_batch_seconds",
            "Seconds from the start of a batch to its commit.",
            ["processor"],
            registry=registry,
            buckets=BATCH_SECONDS,
        )
        self.facts = Counter("threecross_facts", "Facts that casework has written.", ["fact"], registry=registry)
        self.refused = Counter("threecross_claims_refused", "Claims refused, by rule.", ["rule"], registry=registry)
        self.irregular = Counter(
            "threecross_facts_irregular", "Facts recorded against a rule, by rule.", ["rule"], registry=registry
        )
        self.dead_letters = Counter(
            "threecross_dead_letters", "Claims that could not be read, by reason.", ["reason"], registry=registry
        )
        self.repeated = Counter("threecross_claims_repeated", "Claims that had been decided before.", registry=registry)
        self.takeover_seconds = Histogram(
            "threecross_takeover_seconds",
            "Seconds from an assignment to the first claim that can be decided.",
            ["processor"],
            registry=registry,
        )
        self.view_delay = Histogram(
            "threecross_view_delay_seconds",
            "Seconds from the recording of a fact to its row in the views.",
            registry=registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
        )
        self.broken_subjects = Counter(
            "threecross_view_subjects_broken", "Subjects whose facts the views could not handle.", registry=registry
        )

        self.timers = Gauge(
            "threecross_timers",
            "Moments ahead (armed), and moments of the past that wait until their source is quiet (held).",
            ["state"],
            registry=registry,
        )
        self.time_claims = Counter(
            "threecross_time_claims", "Claims that a moment has come, repeated ones too.", registry=registry
        )
        self.clock_facts = Counter(
            "threecross_clock_facts",
            "Warnings, run-outs, run-outs taken back and due times recomputed that this worker has seen, by clock.",
            ["fact", "clock"],
            registry=registry,
        )
        self.oldest_due = Gauge(
            "threecross_oldest_due_seconds",
            "Unix time of the earliest moment that was claimed and has led to no fact yet; 0: none.",
            registry=registry,
        )
        self.links_claims = Counter(
            "threecross_links_claims",
            "Claims that facts of other subjects led to, by type.",
            ["claim"],
            registry=registry,
        )
        self.links_broken = Counter(
            "threecross_links_subjects_broken", "Subjects whose facts links could not handle.", registry=registry
        )

        self.feed_items = Counter(
            "threecross_feed_items",
            "Items put into feeds, by subscription and reason.",
            ["subscription", "reason"],
            registry=registry,
        )
        self.feeds_behind = Gauge(
            "threecross_feeds_behind",
            "Feeds that are being brought up, counted for each partition of this worker.",
            registry=registry,
        )
        self.outbox_broken = Counter(
            "threecross_outbox_facts_broken", "Facts that the outbox could not put into feeds.", registry=registry
        )

    def partitions(self, processor: str, count: int) -> None:
        self._partitions.labels(processor).set(count)

    def stopped(self, processor: str, partition: int, *, stopped: bool = True) -> None:
        self._stopped.labels(processor, partition).set(stopped)

    @contextmanager
    def batch(self, processor: str, records: int) -> Iterator[None]:
        """Times one batch and counts its records when it succeeds."""
        with self._batch_seconds.labels(processor).time():
            yield
        self._records.labels(processor).inc(records)
