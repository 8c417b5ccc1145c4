"""What running connectors are given by the process that hosts them: everything that is of this hub and this moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine

from connectors.contract import (
    GridAt,
    GridOfGroup,
    OnDuty,
    Secret,
    Surroundings,
    Vault,
    nowhere,
    unregistered,
    unrostered,
)
from connectors.delivery import store
from connectors.delivery.bodies import Reading
from connectors.department import Loaded
from connectors.metrics import ConnectorMetrics
from schemas.events import PoliceCode
from schemas.wire.settings import HubSettings, KafkaSettings


class Around(NamedTuple):
    """`clock` gives UTC µs, `monotonic` seconds, `chance` a number in [0, 1); `reading(department)` opens what is
    personal for it; `secret` reads a secret now; `folder` holds one folder for each department, `departments` their
    files and kinds of their own."""

    engine: Engine
    kafka: KafkaSettings
    hub: HubSettings
    vault: Vault
    reading: Callable[[Loaded], Reading]
    clock: Callable[[], int]
    monotonic: Callable[[], float]
    chance: Callable[[], float]
    secret: Callable[[Secret], str]
    folder: Path
    metrics: ConnectorMetrics
    log: Any
    police_codes: Callable[[], Sequence[PoliceCode]] = tuple
    grid_at: GridAt = nowhere
    departments: Path | None = None
    grid_of_group: GridOfGroup = unregistered
    on_duty: OnDuty = unrostered

    def look_up(self, department: str, system: str, number: str) -> str | None:
        """Subject id of a number that a department uses."""
        with self.engine.begin() as c:
            return store.look_up(c, department, system, number)


def surroundings(around: Around, loaded: Loaded) -> Surroundings:
    """What one connector is given."""
    folder = around.folder / loaded.name
    folder.mkdir(parents=True, exist_ok=True)
    return Surroundings(
        department=loaded.department,
        clock=around.clock,
        look_up=lambda system, number: around.look_up(loaded.name, system, number),
        secret=around.secret,
        folder=folder,
        engine=around.engine,
        vault=around.vault,
        log=around.log.bind(connector=loaded.name),
        metrics=around.metrics,
        police_codes=around.police_codes,
        grid_at=around.grid_at,
        grid_of_group=around.grid_of_group,
        on_duty=around.on_duty,
        kafka=around.kafka,
        hub=around.hub,
        subscription=loaded.head.subscription,
        reading=around.reading(loaded),
    )


def numbers_of(around: Around, loaded: Loaded, number: str) -> str | None:
    """A number as the department's own, the hub's, or the key of a delivery: what `Source.translate` is given."""
    for system in (loaded.name, "hub", "key"):
        found = around.look_up(loaded.name, system, number)
        if found is not None:
            return found
    return None
