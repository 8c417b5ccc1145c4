"""What several tests of this tier start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.engine import Hub, running_hub


@pytest.fixture
def hub(kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path) -> Iterator[Hub]:
    """Topics and tables of a namespace of its own; a test starts the workers that it needs."""
    with running_hub(kafka_settings, hub_settings, dsn, tmp_path) as made:
        yield made
