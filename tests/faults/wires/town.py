"""A town over the wires: a hub, its connectors in a process of their own, and six departments as programs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from schemas.wire.settings import HubSettings, KafkaSettings
from tests.faults.wires import civic, companies, squads
from tests.faults.wires.civic import AppSide, CouncilSide
from tests.faults.wires.side import Known, Side
from tests.feeds import subscription
from tests.integration.connecting import Linked
from tests.integration.engine import Hub, running_hub
from tests.integration.subscribing import subscribe

COMPANIES = ("heat", "power", "water")
PATIENCE = """
[delivery]
first_seconds = 0.2
longest_seconds = 1.0
rest_seconds = 0.5
conflicts = 20
"""


START_SECONDS = 240.0
"""A storm on a busy machine waits so long for connectors that were killed; nothing else is decided by it."""


class Town:
    """`sides` are given cases; the app reports some. `undone`, `letters`: what the hub says that it owes."""

    def __init__(self, hub: Hub, linked: Linked, sides: list[Side], app: AppSide, secrets: dict[str, str]) -> None:
        self.hub, self.linked, self.sides, self.app = hub, linked, sides, app
        self._secrets = secrets

    @property
    def everybody(self) -> list[Known]:
        """The departments and the app."""
        return [*self.sides, self.app]

    @property
    def council(self) -> CouncilSide:
        return next(side for side in self.sides if isinstance(side, CouncilSide))

    def start(self) -> None:
        """Start the connectors, and tell everybody where the hub is now."""
        self.linked.start(**self._secrets)
        for side in self.everybody:
            side.moved(f"http://127.0.0.1:{self.linked.port}")

    def kill(self) -> None:
        """kill -9."""
        self.linked.end(signal.SIGKILL)

    def undone(self, side: str | None = None) -> list[Any]:
        """Steps that a department, or any, has not got: each with its state and reason."""
        query = """
            SELECT destination, subject_id::text AS case, step, state, why, detail FROM deliveries
            WHERE NOT state = ANY(:done) AND (CAST(:side AS text) IS NULL OR destination = :side)"""
        return self.linked.rows(query, done=["acknowledged", "confirmed"], side=side)

    def states(self, side: str, case: str) -> set[str]:
        """How the steps of a case stand."""
        query = "SELECT state FROM deliveries WHERE destination = :side AND subject_id = CAST(:case AS uuid)"
        return {row["state"] for row in self.linked.rows(query, side=side, case=case)}

    def unread(self) -> list[str]:
        """Feeds whose end the connectors have not read."""
        kept = self.linked.rows("SELECT department, partition, next_offset FROM feed_positions")
        read = {(row["department"], row["partition"]): row["next_offset"] for row in kept}
        found = []
        for side in self.everybody:
            code = "open311" if side is self.app else side.reading.org
            for partition, end in self._ends(code).items():
                if read.get((side.name, partition), 0) < end:
                    found.append(f"{side.name} has read partition {partition} to {read.get((side.name, partition))}")
        return found

    def _ends(self, code: str) -> dict[int, int]:
        """Behind the last item of each partition of a feed; records of transactions do not count."""
        ends: dict[int, int] = {}
        for record in self.hub.records(f"feed.{code}"):
            ends[record.partition] = record.offset + 1
        return ends


@contextmanager
def town(kafka: KafkaSettings, settings: HubSettings, dsn: str, folder: Path) -> Iterator[Town]:
    """Everything started; nothing of it runs afterwards."""
    with running_hub(kafka, settings, dsn, folder) as hub, ExitStack() as stack:
        sides: list[Side] = []
        texts: dict[str, str] = {}
        secrets = {"NEIGHBOUR_OPEN311_KEY": "agreed"}
        for name in COMPANIES:
            company, texts[name] = stack.enter_context(companies.running(name, folder))
            sides.append(company)
            secrets |= {f"THREECROSS_{name.upper()}_TOKEN": "token", f"THREECROSS_{name.upper()}_SECRET": "agreed"}
        squad, texts[squad.name], given = stack.enter_context(squads.tables(folder, dsn))
        platform, texts[platform.name], given_too = stack.enter_context(squads.platform(folder))
        council, app, more = stack.enter_context(civic.running(folder))
        sides += [squad, platform, council]
        linked = Linked(hub.kafka, hub.settings, dsn, folder)
        linked.patience = START_SECONDS
        stack.callback(_end, linked)
        for name, text in (texts | more).items():
            linked.department(name, text + PATIENCE)
        _subscribed(hub, sides)
        yield Town(hub, linked, sides, app, secrets | given | given_too)


def _subscribed(hub: Hub, sides: list[Side]) -> None:
    """Each has a feed of what it is given; the app's endpoint has one of all that is public."""
    orgs = [side.reading.org for side in sides]
    given = [subscription(org, org, involved_as=("lead", "assist", "summoned")) for org in orgs]
    subscribe(hub, subscription("open311", "yicheng-open311"), *given)
    hub.casework()
    hub.outbox()


def _end(linked: Linked) -> None:
    if linked.process is not None:
        linked.end(signal.SIGKILL)
    linked.producer.close()
    linked.engine.dispose()
