"""The database: one history of migrations that amounts to the tables in the code, and engines that see one hub only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from connectors.tables import positions
from ops.database import DatabaseProblem, drop_namespace, engine, migrate
from ops.database.migrate import TABLES, configuration
from streams.views.tables import partitions
from tests.integration.databases import fresh, server


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("postgres")) as dsn:
        yield dsn


@pytest.fixture
def database(dsn: str) -> Iterator[sa.Engine]:
    with fresh(dsn) as made:
        yield made


def lag(database: sa.Engine) -> list[object]:
    """What a migration would have to change for the schema to be what the code says."""
    with database.connect() as c:
        context = MigrationContext.configure(c, opts={"compare_server_default": True})
        return list(compare_metadata(context, TABLES))  # type: ignore[arg-type]


CATALOG = """
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
           a.attidentity::text || coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
           coalesce(col_description(c.oid, a.attnum), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', ''
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'index', tablename, indexname, replace(indexdef, schemaname || '.', ''), '', '', ''
    FROM pg_indexes WHERE schemaname = current_schema()
"""


def catalog(database: sa.Engine) -> set[tuple[str, ...]]:
    """All columns, constraints and indexes of the hub's tables, as PostgreSQL itself describes them."""
    with database.connect() as c:
        return {tuple(row) for row in c.execute(sa.text(CATALOG)) if not row[1].startswith("alembic")}


def names(dsn: str, schema: str) -> set[str]:
    with psycopg.connect(dsn) as c:
        found = c.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
    return {str(name) for (name,) in found}


def test_the_migrations_amount_to_the_tables_in_the_code(database: sa.Engine) -> None:
    assert lag(database) == []


def test_postgresql_describes_migrated_tables_as_those_that_the_code_creates(dsn: str, database: sa.Engine) -> None:
    with fresh(dsn) as other:
        with other.begin() as c:
            for metadata in TABLES:
                metadata.drop_all(c)
                metadata.create_all(c)
        made = catalog(other)
        assert catalog(database) == made
        for change in ("parties DROP CONSTRAINT parties_pkey", "vault_keys DROP CONSTRAINT vault_keys_erased"):
            with database.begin() as c:
                c.execute(sa.text(f"ALTER TABLE {change}"))
            assert catalog(database) != made


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE cases DROP COLUMN due_at",
        "ALTER TABLE cases ADD COLUMN mood text",
        "ALTER TABLE parties ALTER COLUMN role DROP NOT NULL",
        "ALTER TABLE refusals ALTER COLUMN seq TYPE text",
        "ALTER TABLE cases ALTER COLUMN reworks SET DEFAULT 1",
        "DROP INDEX cases_open_due_at",
        "DROP TABLE vault_lookups",
    ],
)
def test_a_schema_that_lags_behind_the_code_is_noticed(database: sa.Engine, change: str) -> None:
    with database.begin() as c:
        c.execute(sa.text(change))
    assert lag(database) != []


def test_the_history_has_one_end() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


def test_migrating_again_changes_nothing_and_keeps_the_rows(dsn: str) -> None:
    migrate(dsn, "twice")
    made = engine(dsn, "twice")
    with made.begin() as c:
        c.execute(sa.insert(positions).values(connector="csv", position={"line": 7}))
    migrate(dsn, "twice")
    with made.begin() as c:
        assert c.scalar(sa.select(positions.c.position)) == {"line": 7}
    made.dispose()
    drop_namespace(dsn, "twice")


def test_processes_that_migrate_at_once_do_not_race(dsn: str) -> None:
    problems: list[Exception] = []

    def start() -> None:
        try:
            migrate(dsn, "race")
        except Exception as error:  # noqa: BLE001
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert "cases" in names(dsn, "race")
    drop_namespace(dsn, "race")


def test_hubs_on_one_server_do_not_see_each_other(dsn: str) -> None:
    with fresh(dsn) as one, fresh(dsn) as other:
        with one.begin() as c:
            c.execute(sa.insert(partitions).values(partition=0, next_offset=5, fold_version="x"))
        with other.begin() as c:
            assert c.scalar(sa.select(sa.func.count()).select_from(partitions)) == 0


def test_the_version_table_stands_in_the_schema_of_the_hub(dsn: str) -> None:
    migrate(dsn, "own_version")
    assert "alembic_version" in names(dsn, "own_version")
    assert names(dsn, "public") == set()
    drop_namespace(dsn, "own_version")


def test_dropping_a_namespace_leaves_the_others_and_can_be_repeated(dsn: str, database: sa.Engine) -> None:
    migrate(dsn, "to_drop")
    for _ in range(2):
        drop_namespace(dsn, "to_drop")
    assert names(dsn, "to_drop") == set()
    assert lag(database) == []


@pytest.mark.parametrize("name", ["public", "pg_catalog", "information_schema", 'a"; DROP', "Upper", "", "a" * 64])
def test_a_schema_that_is_not_ours_to_use_is_refused(dsn: str, name: str) -> None:
    for ask in (migrate, drop_namespace, engine):
        with pytest.raises(DatabaseProblem, match="cannot be used; use another namespace"):
            ask(dsn, name)


def test_every_connection_is_in_utc_and_names_its_program(dsn: str) -> None:
    made = engine(dsn, "anything", application="threecross views")
    with made.connect() as c:
        assert c.scalar(sa.text("SHOW timezone")) == "UTC"
        assert c.scalar(sa.text("SHOW search_path")) == "anything"
        assert c.scalar(sa.text("SHOW application_name")) == "threecross views"
    made.dispose()


def test_options_already_in_the_dsn_stay(dsn: str) -> None:
    made = engine(f"{dsn}&options=-c%20work_mem%3D7MB", "anything")
    with made.connect() as c:
        assert c.scalar(sa.text("SHOW work_mem")) == "7MB"
        assert c.scalar(sa.text("SHOW search_path")) == "anything"
    made.dispose()


def test_times_keep_their_microseconds(database: sa.Engine) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    with database.begin() as c:
        c.execute(sa.insert(partitions).values(partition=1, next_offset=0, fold_version="x", watermark=at))
        assert c.scalar(sa.select(partitions.c.watermark)) == at


def test_a_statement_that_takes_too_long_ends(dsn: str) -> None:
    made = engine(dsn, "anything", statement_seconds=1)
    with made.connect() as c, pytest.raises(OperationalError, match="statement timeout"):
        c.execute(sa.text("SELECT pg_sleep(20)"))
    made.dispose()


def test_a_connection_that_died_is_replaced(dsn: str) -> None:
    made = engine(dsn, "anything", pool=1)
    with made.connect() as c:
        process = c.scalar(sa.text("SELECT pg_backend_pid()"))
    with psycopg.connect(dsn) as killer:
        killer.execute("SELECT pg_terminate_backend(%s)", [process])
    with made.connect() as c:
        assert c.scalar(sa.text("SELECT pg_backend_pid()")) != process
    made.dispose()


def test_a_server_that_does_not_answer_is_one_sentence_without_the_password() -> None:
    with pytest.raises(DatabaseProblem) as caught:
        migrate("postgresql://someone:s3cret@127.0.0.1:1/hub", "x")
    said = str(caught.value)
    assert said.startswith("PostgreSQL at 127.0.0.1:1/hub cannot be used: ")
    assert "s3cret" not in said
    assert "\n" not in said


def test_a_refused_login_is_one_sentence(dsn: str) -> None:
    port = psycopg.conninfo.conninfo_to_dict(dsn)["port"]
    with pytest.raises(DatabaseProblem, match="password authentication failed"):
        migrate(f"postgresql://threecross:wrong@127.0.0.1:{port}/threecross", "x")


@pytest.mark.parametrize("text", ["nonsense", "postgresql://u:s3cret@[::1/db", "host=x =y s3cret"])
def test_a_dsn_that_cannot_be_read_is_said_so_without_repeating_it(text: str) -> None:
    with pytest.raises(DatabaseProblem, match="DSN cannot be read") as caught:
        engine(text, "x")
    assert "s3cret" not in str(caught.value)
