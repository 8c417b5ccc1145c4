"""Metrics over the tables of the views: totals that no replay and no move of a partition counts twice.

Every views process shows the same figures: take the maximum over them, never the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from ops import queries
from ops.indicators.standing import STATES, Key, Standing, ended, running, together

log = structlog.get_logger(__name__)


ENDED_KEPT = timedelta(minutes=1)


def _now() -> datetime:
    return datetime.now(UTC)


class HubMetrics(Collector):
    """Asks PostgreSQL each time it is scraped; without an answer its figures are absent."""

    def __init__(self, engine: Engine, registry: CollectorRegistry, clock: Callable[[], datetime] = _now) -> None:
        self._engine, self._clock = engine, clock
        self._ended: dict[Key, Standing] = {}
        self._ended_at: datetime | None = None
        registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Its metrics without values: registering must not ask PostgreSQL."""
        return [*self._empty()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of this moment."""
        cases, overdue, crossing, clocks, oldest, watermark = self._empty()
        try:
            with self._engine.connect() as connection:
                for stage, count in queries.stages(connection).items():
                    cases.add_metric([stage], count)
                overdue.add_metric([], queries.overdue(connection))
                for pair in queries.pairs(connection, restricted=False):
                    crossing.add_metric([pair["org"], pair["other"]], pair["cases"])
                for row in self._standing(connection):
                    for state in STATES:
                        clocks.add_metric([row.clock, row.department, state], getattr(row, state))
                    if row.oldest is not None:
                        oldest.add_metric([row.clock, row.department], row.oldest.timestamp())
                final = queries.oldest_watermark(connection)
        except SQLAlchemyError as error:
            log.warning("figures of the views cannot be read", reason=type(error).__name__)
            return
        if final is not None:
            watermark.add_metric([], final.timestamp())
        yield from (cases, overdue, crossing, clocks, oldest, watermark)

    def _standing(self, connection: Connection) -> Iterator[Standing]:
        """What runs is counted at each scrape, what has ended once a minute: it is nearly all, and seldom changes."""
        now = self._clock()
        if self._ended_at is None or now - self._ended_at >= ENDED_KEPT:
            self._ended, self._ended_at = ended(connection, now), now
        return together(running(connection, now), self._ended)

    @staticmethod
    def _empty() -> tuple[GaugeMetricFamily, ...]:
        return (
            GaugeMetricFamily("threecross_cases", "Cases by stage.", labels=["stage"]),
            GaugeMetricFamily("threecross_cases_overdue", "Open cases whose limit has passed."),
            GaugeMetricFamily(
                "threecross_cases_between",
                "Open three-cross cases by pair of organisations that work in them, without restricted ones.",
                labels=["org", "other"],
            ),
            GaugeMetricFamily(
                "threecross_clocks",
                "Clocks of cases and parties by kind, department and how they stand; one may stand in several ways.",
                labels=["clock", "department", "state"],
            ),
            GaugeMetricFamily(
                "threecross_clocks_oldest_open_due_seconds",
                "Unix time at which the oldest running clock was or will be over.",
                labels=["clock", "department"],
            ),
            GaugeMetricFamily("threecross_views_final_until_seconds", "Unix time up to which the views are final."),
        )
