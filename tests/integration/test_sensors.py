"""Sensors on a real broker: alarms, flapping, last wills, messages told again, and a hub that is away meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from connectors import department
from connectors.mqtt.connector import make
from connectors.mqtt.listening import Listening, Login, reachable
from connectors.mqtt.sensors import Sensors
from connectors.mqtt.settings import Mqtt
from tests.integration.broker import Mosquitto
from tests.integration.counterpart import counterpart
from tests.integration.engine import now, wait_until
from tests.link_samples import Kept, Notepad, around

SMOKE, SECOND, COVER = "YG-0001", "YG-0002", "JG-0107"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as made:
        yield made


def settings(port: int, **changes: Any) -> Mqtt:
    """The shipped example, on this broker, and quicker: half a second instead of minutes."""
    example: Mqtt = department.example("sensors").options
    topics = tuple([replace(topic, hold_seconds=0, quiet_seconds=0.5) for topic in example.topics])
    assert example.alive is not None
    alive = replace(example.alive, after_seconds=0.5)
    return replace(example, port=port, topics=topics, alive=alive, keep_alive_seconds=5, **changes)


class District:
    """The district's sensors, which are a program of their own."""

    def __init__(self, control: int) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{control}", timeout=20)

    def say(self, code: str, *values: float) -> None:
        self._client.post(f"/{code}/say", json={"values": values}).raise_for_status()

    def happen(self, code: str, what: str, count: int = 1) -> None:
        self._client.post(f"/{code}/{what}", params={"count": count}).raise_for_status()


@contextmanager
def sensors(port: int) -> Iterator[District]:
    with counterpart("sensors", ["--broker", f"127.0.0.1:{port}"]) as ports:
        yield District(ports["control"])


class Centre:
    """The hub's side; it may go away and come back with its notes."""

    def __init__(self, folder: Path, config: Mqtt) -> None:
        self.take, self.notes = Kept(), Notepad()
        self._config = config
        self._around = around(folder, org="yicheng-centre", role="operator", clock=now)

    @contextmanager
    def here(self) -> Iterator[None]:
        listening = Listening(self._config, Login(None, None), now, self._around.log)
        inlet = Sensors(self._config, self._around, listening, self.notes)
        inlet.start(self.take)
        try:
            yield
        finally:
            inlet.stop()

    def said(self) -> list[str]:
        return [f"{type(d.body).__name__} {d.meta.source.number.partition('@')[0]}" for d in self.take.drafts]

    def wait_for(self, *wanted: str) -> None:
        wait_until(lambda: len(self.said()) >= len(wanted), f"{wanted}, not {self.said()}")
        assert self.said() == list(wanted)


def test_an_alarm_on_the_broker_becomes_a_report_and_its_end_a_supplement(broker: Mosquitto, tmp_path: Path) -> None:
    centre = Centre(tmp_path, settings(broker.port))
    with sensors(broker.port) as district, centre.here():
        district.say(SMOKE, 12, 13, 12)
        district.say(COVER, 1.5, 40)
        centre.wait_for(f"Report {COVER}")
        district.say(SMOKE, 512, 100, 512, 100)
        centre.wait_for(f"Report {COVER}", f"Report {SMOKE}", f"Supplement {SMOKE}")
    assert centre.take.drafts[0].body.place.position.original_system == "GCJ-02"


def test_messages_that_come_again_change_nothing(broker: Mosquitto, tmp_path: Path) -> None:
    centre = Centre(tmp_path, settings(broker.port))
    with sensors(broker.port) as district:
        with centre.here():
            district.say(SMOKE, 512)
            centre.wait_for(f"Report {SMOKE}")
            district.happen(SMOKE, "again", 1)
            district.happen(SMOKE, "again", 2)
        with centre.here():  # the retained ones come again, too
            district.say(SECOND, 512)
            centre.wait_for(f"Report {SMOKE}", f"Report {SECOND}")


def test_what_came_while_the_hub_was_away_is_not_lost(broker: Mosquitto, tmp_path: Path) -> None:
    centre = Centre(tmp_path, settings(broker.port))
    with sensors(broker.port) as district:
        with centre.here():
            district.say(SECOND, 512)
            centre.wait_for(f"Report {SECOND}")
        district.say(SMOKE, 512)
        district.say(SMOKE, 100)
        with centre.here():
            centre.wait_for(f"Report {SECOND}", f"Report {SMOKE}", f"Supplement {SMOKE}")


def test_the_broker_hears_that_a_message_was_taken_only_when_kafka_has_it(broker: Mosquitto, tmp_path: Path) -> None:
    centre = Centre(tmp_path, settings(broker.port))
    with sensors(broker.port) as district:
        with centre.here():
            district.say(SECOND, 512)
            centre.wait_for(f"Report {SECOND}")
            centre.take.refuses = True
            district.say(SMOKE, 512)
        assert centre.said() == [f"Report {SECOND}"], "killed before Kafka had it"
        centre.take.refuses = False
        with centre.here():
            centre.wait_for(f"Report {SECOND}", f"Report {SMOKE}")


def test_a_sensor_whose_connection_breaks_is_reported_by_its_last_will(broker: Mosquitto, tmp_path: Path) -> None:
    centre = Centre(tmp_path, settings(broker.port))
    with sensors(broker.port) as district, centre.here():
        district.say(SMOKE, 12)
        district.happen(SMOKE, "drop")
        centre.wait_for(f"Report {SMOKE}")
        assert centre.take.drafts[0].body.category.code == "0199"
        district.happen(SMOKE, "come-back")
        centre.wait_for(f"Report {SMOKE}", f"Supplement {SMOKE}")


def test_a_broker_that_goes_away_and_comes_back_has_kept_the_session(broker: Mosquitto, tmp_path: Path) -> None:
    centre = Centre(tmp_path, settings(broker.port))
    with centre.here():
        with sensors(broker.port) as district:
            district.say(SECOND, 512)
            centre.wait_for(f"Report {SECOND}")
        broker.stop()
        assert "cannot be reached" in reachable(settings(broker.port), Login(None, None))[0]
        broker.start()
        assert reachable(settings(broker.port), Login(None, None)) == []
        with sensors(broker.port) as district:
            district.say(SMOKE, 512)
            wait_until(lambda: f"Report {SMOKE}" in centre.said(), "the report after the return")


def test_nonsense_on_the_broker_is_kept_and_holds_nothing_up(broker: Mosquitto, tmp_path: Path) -> None:
    centre = Centre(tmp_path, settings(broker.port))
    with sensors(broker.port) as district, centre.here():
        district.happen(SMOKE, "nonsense")
        district.say(SMOKE, 512)
        centre.wait_for(f"Report {SMOKE}")
    assert "no JSON" in centre.take.letters[0].reason


def test_the_demo_s_own_broker_does_it_as_well(tmp_path: Path) -> None:
    with counterpart("broker") as ports:
        centre = Centre(tmp_path, settings(ports["port"]))
        with sensors(ports["port"]) as district, centre.here():
            district.say(SMOKE, 512)
            centre.wait_for(f"Report {SMOKE}")
            district.happen(SMOKE, "drop")
            wait_until(lambda: len(centre.take.drafts) >= 2, "the last will")


def test_the_connector_can_be_made_and_says_what_is_wrong(tmp_path: Path) -> None:
    config = settings(1)
    made = make(config, around(tmp_path, org="yicheng-centre", role="operator", clock=now))
    assert made.inlet is not None
    assert made.check()[0].startswith("the broker 127.0.0.1:1 cannot be reached")
