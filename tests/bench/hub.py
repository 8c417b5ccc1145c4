"""The hub's own processors, put together for a measurement as ops/processors.py puts them together for a hub."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from ops.brokers import topic_id
from ops.database.engine import engine
from ops.provision import read_epoch
from schemas.wire import sealing
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.deciding import Rules
from streams.casework.local import Identity
from streams.casework.processor import Casework
from streams.casework.writer import CopyPlace
from streams.clocks.processor import Clocks
from streams.core.authority import load_authority
from streams.fold_version import fold_version
from streams.metrics import WorkerMetrics
from streams.runtime.reference import ReferenceReader
from streams.runtime.worker import SOFTWARE_FAILURE, exit_now
from streams.views.processor import Views


def utc_now() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000


def casework_processor(bootstrap: str, namespace: str, folder: Path) -> Casework:
    """Casework with the rules that ship, on a provisioned namespace; its local copies lie in `folder`."""
    kafka, hub = KafkaSettings(bootstrap), HubSettings(namespace=namespace)
    epoch = read_epoch(kafka, hub)
    assert epoch is not None
    rules = Rules(load_authority(), ZoneInfo(hub.timezone), hub.division, epoch.epoch)
    copies = CopyPlace(folder, Identity(fold_version("streams.casework"), topic_id(kafka, hub, "facts"), epoch.epoch))
    seal = partial(sealing.seal, sealing.generate_keypair().public, info=sealing.DEAD_LETTER)
    return Casework(kafka, hub, rules, seal, copies, utc_now, WorkerMetrics(CollectorRegistry()))


def clocks_processor(bootstrap: str, namespace: str, folder: Path, reader: ReferenceReader) -> Clocks:
    """The clocks processor; a failure of its ticking ends the measurement."""
    kafka, hub = KafkaSettings(bootstrap), HubSettings(namespace=namespace)
    copies = CopyPlace(folder, Identity(fold_version("streams.clocks"), topic_id(kafka, hub, "facts"), 1))
    metrics = WorkerMetrics(CollectorRegistry())
    return Clocks(kafka, hub, reader, copies, utc_now, metrics, lambda _problem: exit_now(SOFTWARE_FAILURE))


def views_processor(bootstrap: str, namespace: str, dsn: str) -> Views:
    """The views processor on a migrated schema."""
    kafka, hub = KafkaSettings(bootstrap), HubSettings(namespace=namespace)
    database = engine(dsn, hub.sql_schema, application="threecross bench", pool=3)
    facts = topic_id(kafka, hub, "facts")
    return Views(database, fold_version("streams.views"), facts, utc_now, WorkerMetrics(CollectorRegistry()))
