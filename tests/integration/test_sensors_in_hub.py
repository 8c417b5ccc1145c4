"""Sensors through a whole hub: broker, connectors, casework and grids are real, and the connectors are killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import department
from ops.reference import loading
from ops.reference.documents import Document
from schemas.events import Grid, Outline, OutlinePoint, OutlineRing, Reported
from tests.integration.broker import Mosquitto
from tests.integration.connecting import Linked
from tests.integration.engine import Hub, now, wait_until
from tests.integration.test_sensors import sensors

SMOKE, COVER = "YG-0001", "JG-0107"
CORNERS = ((114.01, 32.97), (114.018, 32.97), (114.018, 32.99), (114.01, 32.99), (114.01, 32.97))
GRID = Grid(
    code="411702007003002",
    scheme="yicheng",
    kind="residential",
    level="grid",
    name="春晓 2",
    outline=Outline("CGCS2000", (OutlineRing(False, tuple([OutlinePoint(x, y, x, y) for x, y in CORNERS])),)),
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    (tmp_path / "broker").mkdir()
    with Mosquitto(tmp_path / "broker") as made:
        yield made


def reported(hub: Hub) -> list[tuple[str, str | None]]:
    """Sensor and grid of every report, in their order."""
    found = [told for told in hub.facts() if isinstance(told.body, Reported)]
    return [(told.meta.source.number.partition("@")[0], told.body.place.grid) for told in found]


def test_alarms_become_cases_in_their_grids_once_whatever_is_killed(
    hub: Hub, dsn: str, tmp_path: Path, broker: Mosquitto
) -> None:
    loading.load(
        hub.kafka, hub.settings, [Document("grids", "chunxiao", (GRID,))], loading.By("centre", "steward"), now()
    )
    hub.casework()
    linked = Linked(hub.kafka, hub.settings, dsn, tmp_path)
    linked.department("sensors", example(broker.port))
    try:
        linked.start()
        with sensors(broker.port) as district:
            district.say(COVER, 1.5, 40)
            wait_until(lambda: reported(hub) == [(COVER, GRID.code)], "the report of the cover")
            linked.end(signal.SIGKILL)
            district.say(SMOKE, 512, 12, 512)
            district.happen(COVER, "again", 1)
            linked.start()
            wait_until(lambda: len(reported(hub)) == 2, "the report of smoke")
            district.happen(SMOKE, "nonsense")
            wait_until(lambda: linked.rows("SELECT 1 FROM connector_dead_letters"), "the dead letter")
            linked.end(signal.SIGKILL)
            linked.start()
            district.say(COVER, 1.0)
            wait_until(lambda: "Supplemented" in kinds(hub), "the end of the cover's alarm")
        assert sorted(reported(hub)) == [(COVER, GRID.code), (SMOKE, "411702007003001")]
        assert "Refused" not in kinds(hub)
    finally:
        if linked.process is not None:
            linked.end()
        linked.producer.close()
        linked.engine.dispose()


def kinds(hub: Hub) -> list[str]:
    return [type(told.body).__name__ for told in hub.facts()]


def example(port: int) -> str:
    """The shipped department on this broker, its cover not placed by hand, and quicker."""
    text = (department._examples() / "sensors.toml").read_text("utf-8")
    text = text.replace("port = 1883", f"port = {port}").replace('grid = "411702007003002"\nasset', "asset")
    text = text.replace("hold_seconds = 5\n", "hold_seconds = 0\n").replace("hold_seconds = 10\n", "hold_seconds = 0\n")
    quick: str = text.replace("quiet_seconds = 600", "quiet_seconds = 1")
    return quick
