"""Real servers for every tier that asks: one Apache Kafka and one PostgreSQL a session, started at the first wish.

A test stays apart from the others by its namespace, the prefix of its topics, groups and SQL schema.
"""

import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from ops.embedded import process
from ops.embedded.kafka import EmbeddedKafka
from ops.embedded.postgres import EmbeddedPostgres
from schemas.wire.settings import HubSettings, KafkaSettings

_numbers = itertools.count(1)


class Servers(NamedTuple):
    """The two servers of this session."""

    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Both servers, ready; stopped at the end of the session."""
    folder = tmp_path_factory.mktemp("servers")
    kafka = EmbeddedKafka(folder / "kafka")
    postgres = EmbeddedPostgres(folder / "postgres", fsync=False, settings={"max_connections": "200"})
    with ThreadPoolExecutor(2) as pool:
        pair = Servers(*pool.map(lambda server: server.__enter__(), (kafka, postgres)))
        yield pair
        list(pool.map(lambda server: server.stop(), pair))


@pytest.fixture(scope="session")
def kafka(servers: Servers) -> EmbeddedKafka:
    """The session's Kafka. A test that stops or kills it starts it again; one that destroys things makes its own."""
    return servers.kafka


@pytest.fixture(scope="session")
def postgres(servers: Servers) -> EmbeddedPostgres:
    """The session's PostgreSQL."""
    return servers.postgres


@pytest.fixture(scope="session")
def kafka_settings(kafka: EmbeddedKafka) -> KafkaSettings:
    """Where the session's Kafka is."""
    return KafkaSettings(kafka.bootstrap)


@pytest.fixture(scope="session")
def dsn(postgres: EmbeddedPostgres) -> str:
    """Address of the session's PostgreSQL; a test uses the schema of its `hub_settings`."""
    return postgres.dsn


@pytest.fixture
def hub_settings(request: pytest.FixtureRequest) -> HubSettings:
    """A hub of its own for each test: a new namespace, two partitions."""
    words = re.sub("[^a-z0-9]+", "-", request.node.name.lower().removeprefix("test_")).strip("-")
    return HubSettings(namespace=f"t{next(_numbers)}-{words}"[:41].rstrip("-"), partitions=2)


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback address on which nobody listens."""
    return process.free_port()
