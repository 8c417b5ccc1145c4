"""The processors of a hub, by name, put together from settings: what a worker process runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from ops.brokers import topic_id
from ops.clock import utc_now
from ops.database.engine import engine, place, plain_errors
from ops.embedded.problem import ServerProblem
from ops.metrics import HubMetrics
from ops.provision import read_epoch
from ops.vault.pairs import known_public_key
from schemas.events import HubEpoch
from schemas.wire import sealing
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.deciding import Rules
from streams.casework.local import Identity
from streams.casework.processor import Casework
from streams.casework.writer import CopyPlace, Seal
from streams.clocks.processor import Clocks
from streams.core.authority import load_authority
from streams.fold_version import fold_version
from streams.links.processor import Links
from streams.metrics import WorkerMetrics
from streams.outbox.processor import Outbox
from streams.runtime.processor import Processor
from streams.runtime.reference import ReferenceReader
from streams.runtime.worker import SOFTWARE_FAILURE, exit_now
from streams.views.processor import Views

log = structlog.get_logger(__name__)

CASEWORK, CLOCKS, LINKS, VIEWS = "streams.casework", "streams.clocks", "streams.links", "streams.views"
OUTBOX = "streams.outbox"
"""Packages whose folds are kept: what they made is folded again when their code is another."""


@dataclass(frozen=True)
class Surroundings:
    """What processors are built from. `state` is the folder of this process's local copies, `clock` gives UTC µs."""

    kafka: KafkaSettings
    dsn: str
    hub: HubSettings
    state: Path
    registry: CollectorRegistry
    reference: ReferenceReader
    clock: Callable[[], int] = utc_now

    @cached_property
    def engine(self) -> Engine:
        return engine(self.dsn, self.hub.sql_schema, application="threecross worker", pool=3)

    @cached_property
    def metrics(self) -> WorkerMetrics:
        return WorkerMetrics(self.registry)

    @cached_property
    def facts_topic_id(self) -> str:
        return topic_id(self.kafka, self.hub, "facts")

    def epoch(self) -> HubEpoch:
        """The recorded epoch. Raises ServerProblem where the hub was never provisioned."""
        found = read_epoch(self.kafka, self.hub)
        if found is None:
            what = f"The hub {self.hub.namespace} has never been started"
            raise ServerProblem(what, self.kafka.bootstrap, "start it with threecross up, which makes its topics")
        return found

    def seal(self) -> Seal:
        """Seals bytes for the vault, with its public key alone. Raises ServerProblem where the vault has none yet."""
        with plain_errors(self.dsn), self.engine.connect() as connection:
            key = known_public_key(connection)
        if key is None:
            what = "The vault has no key for dead letters"
            raise ServerProblem(what, place(self.dsn), "start the hub with threecross up, which makes it")
        return partial(sealing.seal, key, info=sealing.DEAD_LETTER)


def casework(around: Surroundings) -> Processor:
    """Decides claims. Raises ServerProblem."""
    hub, epoch = around.hub, around.epoch().epoch
    rules = Rules(load_authority(), ZoneInfo(hub.timezone), hub.division, epoch)
    copies = CopyPlace(around.state, Identity(fold_version(CASEWORK), around.facts_topic_id, epoch))
    return Casework(around.kafka, hub, rules, around.seal(), copies, around.clock, around.metrics, around.reference)


def clocks(around: Surroundings) -> Processor:
    """Notices what falls due in silence. Raises ServerProblem."""
    place = CopyPlace(around.state, Identity(fold_version(CLOCKS), around.facts_topic_id, around.epoch().epoch))
    return Clocks(around.kafka, around.hub, around.reference, place, around.clock, around.metrics, _end_by)


def _end_by(problem: BaseException) -> None:
    """What runs beside the facts has broken: the process ends, for its supervisor to start it again."""
    log.error("worker ends", exc_info=problem)
    exit_now(SOFTWARE_FAILURE)


def links(around: Surroundings) -> Processor:
    """Says to other subjects what a fact means for them. Raises ServerProblem."""
    folded = fold_version(LINKS), around.facts_topic_id
    return Links(around.engine, around.kafka, around.hub, around.reference, folded, around.clock, around.metrics)


def views(around: Surroundings) -> Processor:
    """Folds facts into tables. Raises ServerProblem."""
    HubMetrics(around.engine, around.registry)
    folded_by, facts = fold_version(VIEWS), around.facts_topic_id
    return Views(around.engine, folded_by, facts, around.clock, around.metrics, around.reference)


def outbox(around: Surroundings) -> Processor:
    """Puts what departments have subscribed to into their feeds. Raises ServerProblem."""
    folded = fold_version(OUTBOX, VIEWS)
    place = CopyPlace(around.state, Identity(folded, around.facts_topic_id, around.epoch().epoch))
    return Outbox(around.kafka, around.hub, around.reference, place, around.clock, around.metrics, _end_by)


def load_ahead() -> None:
    """What every start needs and nobody can change later: above all the versions of the code that is loaded now."""
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    for package in (CASEWORK, CLOCKS, LINKS, VIEWS):
        fold_version(package)
    fold_version(OUTBOX, VIEWS)


PROCESSORS: dict[str, Callable[[Surroundings], Processor]] = {
    "casework": casework,
    "clocks": clocks,
    "links": links,
    "views": views,
    "outbox": outbox,
}
"""Every processor of this hub, in the order in which claims pass them."""
