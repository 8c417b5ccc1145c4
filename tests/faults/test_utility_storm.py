"""A storm over the wires of three companies: nothing is lost, nothing happens twice, each case keeps its order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.wire.settings import HubSettings, KafkaSettings
from tests.faults.storm import STORY, Storm
from tests.integration.companies import city
from tests.integration.engine import Hub, running_hub

SECONDS = 25


@pytest.fixture
def hub(kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path) -> Iterator[Hub]:
    with running_hub(kafka_settings, hub_settings, dsn, tmp_path) as made:
        yield made


def test_companies_that_fail_and_connectors_that_are_killed_do_no_harm(hub: Hub, dsn: str, tmp_path: Path) -> None:
    with city(hub, dsn, tmp_path, sorted(STORY)) as made:
        storm = Storm(made, seed=7)
        storm.blow(SECONDS)
        print(f"{sum(map(len, storm.cases.values()))} cases; {', '.join(storm.happened)}")
        storm.assert_unharmed()
