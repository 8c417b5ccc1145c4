"""Sensors, run through the kit: the counterpart is Mosquitto, which says itself whether a message was acknowledged."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from connectors import department
from connectors.contract import Delivery, Item, Made
from schemas import ids
from tests.integration.broker import Mosquitto
from tests.integration.engine import now, wait_until
from tests.kit.harness import PLANTED, Answered
from tests.kit.reading import ROOT, modules
from tests.link_samples import around

TAKEN, AGAIN = 200, 503
SECONDS = 1.5


class MqttHarness:
    """The sensors of a broker; each alarm is at once one."""

    def __init__(self, folder: Path, engine: Engine, broker: Mosquitto) -> None:
        text = (ROOT / "connectors/departments/examples/sensors.toml").read_text("utf-8")
        text = text.replace("port = 1883", f"port = {broker.port}").replace("hold_seconds = 5\n", "hold_seconds = 0\n")
        text = text.replace('kind = "烟感"', f'kind = "{PLANTED}"')
        self._loaded = department.parse("sensors", text.replace('org = "yicheng-centre"', 'org = "power"').encode())
        self._broker, self._registry = broker, CollectorRegistry()
        self.options: Any = self._loaded.options
        self.sources: Mapping[str, str] = modules("mqtt")
        self.troubles: Mapping[str, Callable[[], None]] = {"down": broker.stop, "up": broker.start}
        self._around = around(folder, role="operator", clock=now, registry=self._registry)._replace(engine=engine)
        self.made = self.remake()

    def remake(self) -> Made:
        return self._loaded.kind.make(self.options, self._around)

    def tell(self, take: Any, number: str, *, trusted: bool = True) -> Answered:
        """An alarm, always the same; whether the broker would tell it again."""
        inlet, before = self.remake().inlet, self._taken()
        assert inlet is not None
        inlet.start(take)
        self._publish(f"yicheng/smoke/{number}/reading", {"ts": 1_764_200_000_000, "ppm": 512})
        with suppress(AssertionError):
            wait_until(lambda: self._taken() > before, "the message being taken", SECONDS if take.refuses else 20)
        inlet.stop()
        return Answered(AGAIN if self._comes_again() else TAKEN)

    def _taken(self) -> float:
        labels = {"connector": "power", "outcome": "taken"}
        return self._registry.get_sample_value("threecross_connector_told_total", labels) or 0.0

    def _publish(self, topic: str, content: Any) -> None:
        client = self._client("kit-sensor", clean=True)
        client.publish(topic, json.dumps(content), qos=1).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()

    def _comes_again(self) -> bool:
        """Whether the broker still has something for the connector's own session."""
        came = threading.Event()
        client = self._client(self.options.client, clean=False, heard=lambda *_: came.set())
        found = came.wait(SECONDS)
        client.disconnect()
        client.loop_stop()
        return found

    def _client(self, name: str, *, clean: bool, heard: Callable[..., None] | None = None) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, name, clean_session=clean, protocol=paho.MQTTv311, manual_ack=True
        )
        client.on_message = heard
        client.connect("127.0.0.1", self._broker.port)
        client.loop_start()
        wait_until(client.is_connected, "the broker's answer")
        return client

    def items(self, _number: str) -> list[Item]:
        raise NotImplementedError("sensors are told nothing")

    def effects(self, _number: str) -> list[str]:
        raise NotImplementedError("sensors are told nothing")

    def never(self, _delivery: Delivery) -> Delivery:
        raise NotImplementedError("sensors are told nothing")

    def say(self, _number: str) -> None:
        raise NotImplementedError("sensors speak by themselves")

    def say_nonsense(self) -> None:
        raise NotImplementedError("sensors speak by themselves")

    def look_up(self, number: str) -> str | None:
        return ids.case_id(self.options.system, number)


@contextmanager
def start(folder: Path, engine: Engine) -> Iterator[MqttHarness]:
    """A broker of its own, sessions and all."""
    (folder / "broker").mkdir()
    with Mosquitto(folder / "broker") as broker:
        harness = MqttHarness(folder, engine, broker)
        try:
            yield harness
        finally:
            harness.made.close()
