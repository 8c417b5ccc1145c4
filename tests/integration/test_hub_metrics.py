"""Totals over the views, asked from PostgreSQL at each scrape."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine, event, insert, text

from ops.database import engine
from ops.indicators.standing import running
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


def running_and_ended(bound: Engine, cases: int, *, open_share: int) -> None:
    """Four clocks for each case; of one case in `open_share` they run, some of them beyond their end."""
    with bound.begin() as connection:
        connection.execute(text(CASES), {"n": cases})
        connection.execute(text(CLOCKS), {"n": cases, "share": open_share})
    with bound.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


CASES = """
INSERT INTO cases (case_id, system, source_number, stage, seq, last_recorded_at, partition, first_offset, last_offset,
                   state, lead)
SELECT lpad(to_hex(n), 32, '0')::uuid, 't', n::text, 'dispatched', 9, now(), 0, 0, 0, ''::bytea, 'org' || (n % 40)
FROM generate_series(1, :n) n
"""
CLOCKS = """
INSERT INTO clocks (case_id, clock, party, opened_by, verdict, opened_at, closed_at, due_at, yellow_at, overdue_at,
                    unit, used_us, calendar, basis, trouble)
SELECT lpad(to_hex(n), 32, '0')::uuid, kind, CASE kind WHEN 'disposal' THEN 'org' || (n % 40) ELSE '' END, 3,
       CASE WHEN n % :share = 0 THEN 'running' WHEN n % 7 = 0 THEN 'overdue' ELSE 'met' END, now(),
       CASE WHEN n % :share = 0 THEN NULL ELSE now() END, now() + (n % 1000 - 300) * interval '1 minute', now(),
       CASE WHEN n % 7 = 0 AND n % :share > 0 THEN now() END, '', 0, '', '', ''
FROM generate_series(1, :n) n, unnest(ARRAY['disposal', 'closure', 'first_answer', 'acceptance']) kind
"""


def test_what_runs_is_counted_by_its_index_among_200_000_clocks(dsn: str) -> None:
    """The bad twin has no such index, and reads every clock that ever was at each scrape."""
    asked: list[Any] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    def plan(bound: Engine) -> str:
        with bound.connect() as connection:
            asked.clear()
            running(connection, NOW)
            statement, parameters = asked[-1]
            told = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            return "\n".join(row[0] for row in told)

    with fresh(dsn) as bound:
        event.listen(bound, "before_cursor_execute", note)
        running_and_ended(bound, 50_000, open_share=100)
        assert "clocks_running" in plan(bound)
        assert "Seq Scan on clocks" not in plan(bound)
        with bound.begin() as connection:
            connection.execute(text("DROP INDEX clocks_running"))
        assert "Seq Scan on clocks" in plan(bound)


def test_what_has_ended_is_counted_again_once_a_minute_and_what_runs_at_once(dsn: str) -> None:
    moments = iter([NOW, NOW + timedelta(seconds=30), NOW + timedelta(seconds=90)])
    registry = CollectorRegistry()

    def said() -> tuple[float | None, float | None]:
        told = registry.collect()
        every = {s.labels["state"]: s.value for m in told for s in m.samples
                 if m.name == "threecross_clocks" and s.labels["clock"] == "closure"}  # fmt: skip
        return every.get("due"), every.get("met")

    with fresh(dsn) as bound:
        HubMetrics(bound, registry, lambda: next(moments))
        running_and_ended(bound, 40, open_share=2)
        with bound.begin() as connection:
            connection.execute(text("UPDATE cases SET lead = 'one'"))
        assert said() == (40.0, 17.0)
        with bound.begin() as connection:
            connection.execute(text("UPDATE clocks SET verdict = 'met' WHERE closed_at IS NOT NULL"))
            connection.execute(text("DELETE FROM clocks WHERE closed_at IS NULL"))
        assert said() == (20.0, 17.0)
        assert said() == (20.0, 20.0)
