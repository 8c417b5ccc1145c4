"""Totals over the views, asked from PostgreSQL at each scrape."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine, insert

from ops.database import engine
from ops.metrics import HubMetrics
from streams.views import tables
from tests.integration.databases import fresh

NOW = datetime.now(UTC)


def case(number: int, due: timedelta | None, closed: bool) -> dict[str, object]:
    return {
        "case_id": f"00000000-0000-4000-8000-{number:012}",
        "system": "s",
        "source_number": str(number),
        "stage": "closed" if closed else "filed",
        "due_at": None if due is None else NOW + due,
        "closed_at": NOW if closed else None,
        "seq": 1,
        "last_recorded_at": NOW,
        "partition": 0,
        "first_offset": 0,
        "last_offset": 0,
        "state": b"",
    }


def scrape(bound: Engine) -> str:
    registry = CollectorRegistry()
    HubMetrics(bound, registry)
    return generate_latest(registry).decode()


def test_cases_are_counted_by_stage_and_those_overdue(dsn: str) -> None:
    day = timedelta(days=1)
    rows = [case(1, day, False), case(2, -day, False), case(3, -day, True), case(4, None, False)]
    mark = {"partition": 0, "next_offset": 4, "fold_version": "x", "watermark": datetime(2026, 1, 1, tzinfo=UTC)}
    with fresh(dsn) as bound:
        with bound.begin() as connection:
            connection.execute(insert(tables.cases), rows)
            connection.execute(insert(tables.partitions), [mark])
        said = scrape(bound)
    assert 'threecross_cases{stage="filed"} 3.0' in said
    assert 'threecross_cases{stage="closed"} 1.0' in said
    assert "threecross_cases_overdue 1.0" in said
    assert "threecross_views_final_until_seconds 1.7672256e+09" in said


def test_while_one_partition_has_folded_nothing_no_moment_is_final(dsn: str) -> None:
    marks = [
        {"partition": 0, "next_offset": 4, "fold_version": "x", "watermark": datetime(2026, 1, 1, tzinfo=UTC)},
        {"partition": 1, "next_offset": 0, "fold_version": "x", "watermark": None},
    ]
    with fresh(dsn) as bound:
        with bound.begin() as connection:
            connection.execute(insert(tables.partitions), marks)
        assert "threecross_views_final_until_seconds 1" not in scrape(bound)


def test_without_postgresql_its_figures_are_absent_and_the_others_are_there(free_port: int) -> None:
    bound = engine(f"postgresql://x@127.0.0.1:{free_port}/x", "t")
    said = scrape(bound)
    assert "threecross_cases" not in said
