"""The embedded PostgreSQL: a real server that starts, stops, survives and explains itself."""

import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.problem import ServerProblem


@pytest.fixture
def own(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that a test may hurt."""
    server = EmbeddedPostgres(tmp_path / "postgres", fsync=False)
    yield server
    server.kill()


def ask(server: EmbeddedPostgres, query: str) -> str:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def run(server: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_a_new_server_becomes_ready_and_says_how_soon(
    own: EmbeddedPostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    own.start()
    own.wait_ready()
    new = time.monotonic() - began
    began = time.monotonic()
    own.restart()
    again = time.monotonic() - began
    memory = sum(map(pss, family(own))) / 2**20
    with capsys.disabled():
        print(f"\nPostgreSQL: new directory {new:.2f} s, restart {again:.2f} s, {memory:.0f} MiB")
    assert ask(own, "SHOW server_version").startswith("18")


def pss(process: psutil.Process) -> int:
    """Bytes of a process; 0 where it has ended meanwhile, as PostgreSQL's short-lived helpers do."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def family(server: EmbeddedPostgres) -> list[psutil.Process]:
    assert server.pid is not None
    parent = psutil.Process(server.pid)
    return [parent, *parent.children(recursive=True)]


def test_stopping_leaves_no_process(own: EmbeddedPostgres) -> None:
    own.start()
    own.wait_ready()
    everyone = family(own)
    own.stop()
    assert [p.pid for p in everyone if p.is_running()] == []


def test_stopping_does_not_wait_for_clients(own: EmbeddedPostgres) -> None:
    own.start()
    own.wait_ready()
    with psycopg.connect(own.dsn):
        began = time.monotonic()
        own.stop()
    assert time.monotonic() - began < 45  # a smart shutdown would wait for ever


def test_what_was_committed_survives_kill_9_and_the_address_stays(own: EmbeddedPostgres) -> None:
    own.start()
    own.wait_ready()
    run(own, "CREATE TABLE kept AS SELECT 42 AS n")
    address = own.dsn
    own.kill()
    own.start()
    own.wait_ready()
    assert own.dsn == address
    assert ask(own, "SELECT n FROM kept") == "42"


def test_commits_reach_the_disk_by_default(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        assert (ask(server, "SHOW fsync"), ask(server, "SHOW synchronous_commit")) == ("on", "on")


def test_nobody_gets_in_without_the_password(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.dsn.split("?")[0], passfile="/nowhere")


def test_a_password_in_the_environment_that_locks_us_out_is_one_sentence(
    own: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "another")
    own.start()
    with pytest.raises(ServerProblem, match=r"does not let us in: .*password.*: take the PG. variables"):
        own.wait_ready()


def test_the_password_stands_only_in_a_file_for_its_owner(postgres: EmbeddedPostgres) -> None:
    passfile = Path(postgres.dsn.split("passfile=")[1])
    assert stat.S_IMODE(passfile.stat().st_mode) == 0o600
    password = passfile.read_text().strip().rsplit(":", 1)[1]
    told = " ".join(word for p in family(postgres) for word in p.cmdline())
    assert password not in told + postgres.dsn + postgres.log_path.read_text()


def test_text_sorts_the_same_on_every_machine(postgres: EmbeddedPostgres) -> None:
    assert ask(postgres, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServerProblem, match=rf"its port is taken \(127\.0\.0\.1:{port}\): stop the program that"):
            EmbeddedPostgres(tmp_path, port=port).start()


def test_a_directory_in_use_is_one_sentence(own: EmbeddedPostgres) -> None:
    own.start()
    with pytest.raises(ServerProblem, match=r"in use by another hub .*choose another with --data-dir"):
        EmbeddedPostgres(own.directory).start()


def test_a_server_that_cannot_run_says_why(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, settings={"work_mem": "much"})
    server.start()
    with pytest.raises(
        ServerProblem, match=r'PostgreSQL ended with code 1: invalid value .*"work_mem": "much".*see that'
    ):
        server.wait_ready()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 MiB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", mount], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("only root can mount a small file system")
    yield mount
    subprocess.run(["umount", "--lazy", mount], check=True)


def test_a_full_disk_is_one_sentence_and_the_data_is_still_there_when_there_is_room(small_disk: Path) -> None:
    with EmbeddedPostgres(small_disk / "postgres") as server:
        run(server, "CREATE TABLE kept AS SELECT 42 AS n")
        free = psutil.disk_usage(str(small_disk)).free
        (small_disk / "ballast").write_bytes(bytes(free - 2**20))
        with pytest.raises(psycopg.Error):
            run(server, "CREATE TABLE big AS SELECT n, random() FROM generate_series(1, 500000) AS n")
        server.stop()
        with pytest.raises(ServerProblem, match=r"The disk is full, so PostgreSQL cannot start .*: make room"):
            server.start()
        (small_disk / "ballast").unlink()
        server.start()
        server.wait_ready()
        assert ask(server, "SELECT n FROM kept") == "42"
