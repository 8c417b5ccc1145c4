"""Connectors of this hub put together: what each is given, and asking one whether its other side can be spoken to."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import CollectorRegistry

from connectors import department
from connectors.contract import Made, Refused
from connectors.department import Loaded
from connectors.metrics import ConnectorMetrics
from connectors.running.around import Around, surroundings
from ops import feeds
from ops.clock import utc_now
from ops.database.engine import engine, plain_errors
from ops.delivering import DeliveryMetrics, reading_of, secret_reader
from ops.finding import Found
from ops.reference.stored import stored
from ops.reference_now import ReferenceNow
from ops.settings import Settings, SettingsProblem
from ops.vault import open_vault
from schemas.wire.settings import KafkaSettings

log = structlog.get_logger(__name__)

FOLDER = "connectors"
"""Folder of the data directory with one folder for each department."""


def around(settings: Settings, registry: CollectorRegistry) -> Around:
    """What the connectors of this hub are given. Raises SettingsProblem, VaultError."""
    if settings.bootstrap is None or settings.dsn is None:
        raise SettingsProblem("The connectors must be told THREECROSS_BOOTSTRAP and THREECROSS_DSN.")
    bound = engine(settings.dsn, settings.hub.sql_schema, application="threecross connectors", pool=20)
    with plain_errors(settings.dsn):
        vault = open_vault(bound, settings.key_file)
    DeliveryMetrics(bound, registry)
    kafka = KafkaSettings(settings.bootstrap)
    reference = ReferenceNow(kafka, settings.hub, utc_now, time.monotonic)
    return Around(
        engine=bound,
        kafka=kafka,
        hub=settings.hub,
        vault=vault,
        reading=lambda loaded: reading_of(vault, bound, loaded),
        clock=utc_now,
        monotonic=time.monotonic,
        chance=random.random,
        secret=secret_reader(settings.departments_folder, os.environ),
        folder=settings.data.root / FOLDER,
        metrics=ConnectorMetrics(registry),
        log=log,
        police_codes=reference.police_codes,
        grid_at=reference.grid_at,
        departments=settings.departments_folder,
        grid_of_group=reference.grid_of_group,
        on_duty=reference.on_duty,
    )


def check_department(found: Found, name: str) -> list[str]:
    """What is wrong with the link to a department, asked of the hub and of the other side. Raises Refused,
    SettingsProblem."""
    loaded = department.load(found.settings.departments_folder / f"{name}.toml")
    with _given_to(found) as given_to:
        if missing := list(_missing_secrets(given_to, loaded)):
            return missing
        with made(given_to, loaded) as connector:
            return [*_unsubscribed(found, loaded), *connector.check()]


@contextmanager
def linked(found: Found, name: str) -> Iterator[tuple[Around, Made]]:
    """The connector of a department, made for a command, and what it is given. Raises Refused, SettingsProblem."""
    loaded = department.load(found.settings.departments_folder / f"{name}.toml")
    with _given_to(found) as given_to, made(given_to, loaded) as connector:
        yield given_to, connector


@contextmanager
def made(given_to: Around, loaded: Loaded) -> Iterator[Made]:
    """The connector of a department; what it has opened is closed at the end. Raises Refused."""
    connector = loaded.kind.make(loaded.options, surroundings(given_to, loaded))
    try:
        yield connector
    finally:
        connector.close()


@contextmanager
def _given_to(found: Found) -> Iterator[Around]:
    settings = found.settings.model_copy(update={"bootstrap": found.kafka.bootstrap, "dsn": found.dsn})
    given_to = around(settings, CollectorRegistry())
    try:
        yield given_to
    finally:
        given_to.engine.dispose()


def _unsubscribed(found: Found, loaded: Loaded) -> Iterator[str]:
    """What is wrong with the subscription that the file names."""
    code = loaded.head.subscription
    if code is None:
        return
    subscribed = feeds.subscribed(stored(found.kafka, found.settings.hub), utc_now())
    if code not in subscribed:
        yield f"{loaded.name}.toml: there is no subscription {code}: threecross feed subscribe FILE makes one"
    elif (owner := subscribed[code].subscription.owner) != loaded.head.org:
        yield f"{loaded.name}.toml: the subscription {code} is of {owner}, [department] org is {loaded.head.org}"


def _missing_secrets(given_to: Around, loaded: Loaded) -> Iterator[str]:
    for secret in department.secrets(loaded.options):
        try:
            given_to.secret(secret)
        except Refused as wrong:
            yield str(wrong)
