"""The process of the connectors: every department of a folder, their HTTP side and administration, until SIGTERM.

    python -m ops.connecting [--http-port 0]

Everything else comes from THREECROSS_… in the environment; `threecross up --departments DIR` starts it so. Exit code
0: ended in order; 2: could not start, one sentence on standard error says why.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from connectors import department
from connectors.contract import Refused
from connectors.department import Loaded
from connectors.running import guard
from connectors.running.fleet import Fleet
from connectors.running.hosting import application, open_door
from connectors.running.signals import Bell
from ops import settings as all_settings
from ops.database.engine import DatabaseProblem
from ops.delivering import secret_reader
from ops.embedded.locks import DirectoryLock
from ops.embedded.problem import ServerProblem
from ops.http import HttpServer, own_routes
from ops.linking import around
from ops.logs import log_to_file
from ops.settings import Settings, SettingsProblem
from ops.vault import VaultError

log = structlog.get_logger(__name__)

NAME = "connectors"
DONE = 0
CANNOT_RUN = 2


class FleetReadiness:
    """What /readyz asks: ready once all have been started, however each one stands."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    @property
    def ready(self) -> bool:
        return self._fleet.started

    def report(self) -> dict[str, object]:
        return {name: one.standing()._asdict() for name, one in self._fleet.connectors.items()}


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ops.connecting", description="The connectors of a hub.")
    parser.add_argument("--http-port", type=int, help="0: a free one, written to run/connectors.json")
    arguments = parser.parse_args(argv)
    try:
        settings = all_settings.load(http_port=arguments.http_port)
        token_hash = _token_hash(settings)
        log_to_file(settings.data.logs, NAME)
        lock = DirectoryLock(settings.data.root, file=f"run/{NAME}.lock")
        try:
            departments = department.folder(settings.departments_folder)
            return asyncio.run(_run(settings, departments, token_hash))
        finally:
            lock.release()
    except (ServerProblem, DatabaseProblem, SettingsProblem, VaultError, Refused) as problem:
        print(f"{NAME}: {problem}", file=sys.stderr)
        return CANNOT_RUN


def _token_hash(settings: Settings) -> str | None:
    """What is kept of the token of the administration; None: whoever is on this machine may. Raises Refused."""
    secret = guard.token_of(settings.connectors_token, settings.http_host)
    return guard.kept(secret_reader(settings.departments_folder, os.environ)(secret)) if secret else None


async def _run(settings: Settings, departments: list[Loaded], token_hash: str | None) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    http = HttpServer(settings.http_host, settings.http_port)
    fleet = Fleet(
        departments, await asyncio.to_thread(around, settings, registry), lambda name: open_door(app, fleet, name)
    )
    app = application(fleet, f"{settings.http_host}:{http.port}", token_hash)
    app.router.routes.extend(own_routes({NAME: FleetReadiness(fleet)}, registry))
    http.start(app)
    note = {"pid": os.getpid(), "port": http.port, "departments": [one.name for one in departments]}
    settings.data.write_note(f"{NAME}.json", json.dumps(note))
    log.info("process started", pid=os.getpid(), port=http.port)
    bell = Bell()
    await asyncio.to_thread(fleet.start)
    watching = threading.Thread(target=fleet.watch, args=(bell,), name="watch", daemon=True)
    watching.start()
    await stop.wait()
    bell.stop()
    await asyncio.to_thread(watching.join)
    await asyncio.to_thread(fleet.stop)
    await http.stop()
    log.info("process ended")
    return DONE


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
