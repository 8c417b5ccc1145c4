"""An intake in a connectors process on real servers, one for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.intake.asking import Asking, asked


@pytest.fixture(scope="package")
def asking(kafka_settings: KafkaSettings, dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """The app, and the process, ready."""
    hub = HubSettings(namespace="intake", partitions=2)
    with asked(kafka_settings, hub, dsn, tmp_path_factory.mktemp("intake")) as app:
        app.hub.start()
        yield app
