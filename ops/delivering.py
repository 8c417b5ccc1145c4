"""What this hub gives to its connectors: texts opened for a department, secrets, and figures of what is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from connectors.callers import caller
from connectors.contract import BadData, FileContent, Refused, Secret
from connectors.department import Loaded
from ops.vault import Erased, Vault, VaultError
from schemas.events import FileRef, TextRef

log = structlog.get_logger(__name__)

PURPOSE = "delivery"
BREAKERS = {"closed": 0, "half-open": 1, "open": 2}


class VaultReading:
    """Opens what is personal at the moment of delivery, in one department's name and role; the vault records it."""

    def __init__(self, vault: Vault, bound: Engine, who: str, role: str) -> None:
        self._vault = vault
        self._engine = bound
        self._who = who
        self._role = role

    def text(self, ref: TextRef) -> str | None:
        found = self._look(ref)
        return found if isinstance(found, str) else None

    def file(self, ref: FileRef) -> FileContent | None:
        found = self._look(ref)
        return FileContent(found, ref.media_type) if isinstance(found, bytes) else None

    def contact(self, person: str) -> dict[str, str] | None:
        found = self._look(person)
        return msgspec.json.decode(found, type=dict[str, str]) if isinstance(found, str) else None

    def caller(self, subject: str) -> dict[str, str] | None:
        with self._engine.connect() as connection:
            person = caller(connection, subject)
        return None if person is None else self.contact(person)

    def number(self, alias: str) -> str | None:
        found = self._look(alias)
        return found if isinstance(found, str) else None

    def _look(self, ref: TextRef | FileRef | str) -> str | bytes | None:
        try:
            return self._vault.get(ref, who=self._who, role=self._role, purpose=PURPOSE)
        except Erased:
            return None
        except VaultError as wrong:
            raise BadData(f"The vault does not show it to {self._who}: {type(wrong).__name__}.") from None


def reading_of(vault: Vault, bound: Engine, loaded: Loaded) -> VaultReading:
    """How a department's connector reads in the vault."""
    return VaultReading(vault, bound, f"connector:{loaded.name}", loaded.head.reads_as)


def secret_reader(folder: Path, environment: Mapping[str, str]) -> Callable[[Secret], str]:
    """Reads "env:NAME" and "file:PATH" (relative to the departments' folder). Raises Refused without the secret."""

    def read(secret: Secret) -> str:
        kind, _, name = secret.partition(":")
        if kind == "env":
            if name not in environment:
                raise Refused(f"the environment has no {name}, where a secret should be: set it, then restart")
            return environment[name]
        try:
            return (folder / name).read_text("utf-8").strip()
        except OSError as wrong:
            raise Refused(
                f"{folder / name}: a secret should be there ({wrong.strerror}): write it, mode 0600"
            ) from None

    return read


class Owed(msgspec.Struct, frozen=True):
    """What is owed to one department: open deliveries by state, age in seconds of the oldest."""

    department: str
    open: int
    parked: int
    dead: int
    oldest_seconds: float
    breaker: str


_OWED = text("""
    SELECT s.department, s.breaker, coalesce(d.open, 0) AS open, coalesce(d.parked, 0) AS parked,
           coalesce(d.dead, 0) AS dead, coalesce(extract(epoch FROM now() - d.oldest), 0) AS oldest
    FROM connector_states s LEFT JOIN (
        SELECT destination, count(*) AS open, min(made_at) AS oldest,
               count(*) FILTER (WHERE state = 'parked') AS parked, count(*) FILTER (WHERE state = 'dead') AS dead
        FROM deliveries WHERE state IN ('intent', 'attempted', 'parked', 'dead')
          AND NOT (timed AND made_at > now()) GROUP BY destination
    ) d ON d.destination = s.department ORDER BY s.department""")


def owed(c: Connection) -> list[Owed]:
    """What is owed to every department."""
    return [
        Owed(row.department, row.open, row.parked, row.dead, float(row.oldest), row.breaker) for row in c.execute(_OWED)
    ]


class DeliveryMetrics(Collector):
    """Asks PostgreSQL each time it is scraped; without an answer its figures are absent."""

    def __init__(self, bound: Engine, registry: CollectorRegistry) -> None:
        self._engine = bound
        registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Its metrics without values."""
        return [*self._empty()]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of this moment."""
        undelivered, parked, dead, oldest, breaker = self._empty()
        try:
            with self._engine.connect() as connection:
                found = owed(connection)
        except SQLAlchemyError as wrong:
            log.warning("figures of deliveries cannot be read", reason=type(wrong).__name__)
            return
        for one in found:
            undelivered.add_metric([one.department], one.open)
            parked.add_metric([one.department], one.parked)
            dead.add_metric([one.department], one.dead)
            oldest.add_metric([one.department], one.oldest_seconds)
            breaker.add_metric([one.department], BREAKERS[one.breaker])
        yield from (undelivered, parked, dead, oldest, breaker)

    @staticmethod
    def _empty() -> tuple[GaugeMetricFamily, ...]:
        def gauge(name: str, about: str) -> GaugeMetricFamily:
            return GaugeMetricFamily(f"threecross_connector_{name}", about, labels=["connector"])

        return (
            gauge("undelivered", "Steps that a department has not got, whatever they wait for."),
            gauge("parked", "Steps that wait behind one of their case that has failed for good."),
            gauge("failed_for_good", "Steps that have failed for good and wait for somebody."),
            gauge("oldest_undelivered_seconds", "Age of the oldest step that a department has not got."),
            gauge("breaker", "0: it is spoken to, 1: one delivery tries whether it is back, 2: it is left alone."),
        )
