"""A whole hub on one machine: servers, what they must hold, processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from os import getpid
from pathlib import Path
from typing import IO

from connectors import department
from ops.clock import utc_now
from ops.database.engine import DatabaseProblem, engine, place, plain_errors
from ops.database.migrate import migrate
from ops.embedded import process
from ops.embedded.datadir import DataDir, Running
from ops.embedded.jars import JarCache
from ops.embedded.kafka import EmbeddedKafka
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.problem import ServerProblem
from ops.embedded.server import EmbeddedServer
from ops.finding import Found
from ops.processors import PROCESSORS
from ops.provision import provision
from ops.restarts import RestartPolicy
from ops.settings import PREFIX, Settings, SettingsProblem
from ops.supervisor import Child, Supervisor
from ops.vault import VaultError, open_vault
from ops.vault.pairs import known_public_key
from schemas.wire.settings import KafkaSettings

CONNECTORS = "connectors"
"""Name of the process of the departments."""

Say = Callable[[str], None]
"""Told in a few words what is being done."""


def processors(only: str | None) -> list[str]:
    """Names of the processors to run. Raises SettingsProblem for one that does not exist."""
    if only is None:
        return list(PROCESSORS)
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - PROCESSORS.keys()):
        raise SettingsProblem(f"--only: there is no processor {unknown[0]}; use {', '.join(PROCESSORS)}.")
    return [name for name in PROCESSORS if name in wanted]


class Hub:
    """One hub to be run: `supervisor` runs it. Take the data directory's lock before."""

    def __init__(
        self,
        settings: Settings,
        wanted: Sequence[str],
        say: Say,
        output: IO[bytes] | None = None,
        policy: RestartPolicy | None = None,
    ) -> None:
        """Raises ServerProblem when an HTTP port that was asked for is taken, Refused for a wrong department's file, or
        where strangers could administer."""
        self._departments = department.folder(settings.departments_folder)
        if self._departments:
            from connectors.running import guard

            guard.token_of(settings.connectors_token, settings.http_host)
        _require_ports(settings, len(wanted) + bool(self._departments))
        self.settings = settings
        self._wanted = wanted
        self._say = say
        self._kafka = None if settings.bootstrap else EmbeddedKafka(settings.data.kafka)
        self._postgres = None if settings.dsn else EmbeddedPostgres(settings.data.postgres)
        self._running: Running | None = None
        self._http: dict[str, str] = {}
        servers: list[EmbeddedServer] = [server for server in (self._kafka, self._postgres) if server is not None]
        self.supervisor = Supervisor(servers, self._prepare, output=output, policy=policy)

    def opening(self) -> str:
        """What is started first, in a few words; the first time on a machine takes longer."""
        names = [server.name for server in (self._kafka, self._postgres) if server is not None]
        fetching = self._kafka is not None and bool(JarCache().missing())
        return " and ".join(names) + (" (the first time: Apache Kafka is fetched, 44 MB)" if fetching else "")

    @property
    def running(self) -> Running:
        """Where everything is; known when the processes have been started."""
        assert self._running is not None
        return self._running

    def found(self) -> Found:
        """This hub, as a command would find it."""
        return Found(self.settings, KafkaSettings(self.running.bootstrap), self.running.dsn)

    def announce_ready(self) -> Running:
        """Write down which processes run, for other commands and for people."""
        self._running = replace(self.running, pids=self.supervisor.pids(), http=self._http)
        self.settings.data.announce(self._running)
        return self._running

    def _prepare(self) -> list[Child]:
        """What must be there before the processes start. Raises ServerProblem."""
        bootstrap = self.settings.bootstrap or (self._kafka.bootstrap if self._kafka else "")
        dsn = self.settings.dsn or (self._postgres.dsn if self._postgres else "")
        hub = self.settings.hub
        prepare(self.settings, bootstrap, dsn, self._say)
        same = (hub.namespace, hub.partitions, hub.timezone, hub.division, str(self.settings.departments_folder))
        self._running = Running(getpid(), bootstrap, dsn, *same)
        self.settings.data.announce(self._running)
        self._say("processes")
        children = [self._child(number, name) for number, name in enumerate(self._wanted)]
        return [*children, self._connectors(len(children))] if self._departments else children

    def _child(self, number: int, name: str) -> Child:
        self._http[name], port = self._address(number)
        argv = (sys.executable, "-m", "ops.worker", name, "--http-port", str(port))
        return Child(name, argv, f"{self._http[name]}/readyz", self._environment(), program=3)

    def _connectors(self, number: int) -> Child:
        """The process of all departments; it knows no spare, since it must be alone."""
        address, port = self._address(number)
        self._http[CONNECTORS] = address
        argv = (sys.executable, "-m", "ops.connecting", "--http-port", str(port))
        token = {f"{PREFIX}CONNECTORS_TOKEN": self.settings.connectors_token or ""}
        return Child(CONNECTORS, argv, f"{address}/readyz", self._environment() | token)

    def _address(self, number: int) -> tuple[str, int]:
        port = self.settings.http_port + number if self.settings.http_port else process.free_port()
        host = self.settings.http_host
        local = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        return f"http://{f'[{local}]' if ':' in local else local}:{port}", port

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        given = {"data_dir": settings.data.root, "bootstrap": self.running.bootstrap, "dsn": self.running.dsn}
        given["departments"] = settings.departments_folder
        same = ("namespace", "partitions", "timezone", "division", "http_host")
        given |= {name: getattr(settings, name) for name in same}
        return {PREFIX + name.upper(): str(value) for name, value in given.items()}


def prepare(settings: Settings, bootstrap: str, dsn: str, say: Say) -> None:
    """Topics, tables and keys of a hub, where they are not there yet. Raises ServerProblem."""
    hub = settings.hub
    try:
        say("topics")
        provision(KafkaSettings(bootstrap), hub, utc_now())
        say("tables")
        migrate(dsn, hub.sql_schema)
        say("vault")
        _make_vault_keys(dsn, hub.sql_schema, settings.key_file)
    except DatabaseProblem as problem:
        raise ServerProblem(str(problem).rstrip("."), place(dsn), "start it, or correct --dsn") from problem
    except VaultError as problem:
        todo = "the hub does not start without its vault"
        raise ServerProblem(str(problem).rstrip("."), str(settings.key_file), todo) from problem


def _require_ports(settings: Settings, count: int) -> None:
    """Find out before anything is started that a port is taken."""
    for port in range(settings.http_port, settings.http_port + count) if settings.http_port else ():
        if not process.is_free(port):
            todo = "end what listens there, or say --http-port 0"
            raise ServerProblem("The HTTP port is taken", f"port {port}", todo)


def _make_vault_keys(dsn: str, sql_schema: str, key_file: Path) -> None:
    """Make the master key and the pair for dead letters, once. Where they exist no master key is needed here."""
    bound = engine(dsn, sql_schema, application="threecross up", pool=1)
    try:
        with plain_errors(dsn):
            with bound.connect() as connection:
                known = known_public_key(connection)
            if known is None:
                open_vault(bound, key_file).dead_letter_public_key()
    finally:
        bound.dispose()


def forget(data: DataDir) -> None:
    """Remove the notes of processes that have ended."""
    for note in data.run.glob("*.json"):
        with suppress(OSError):
            note.unlink()
