"""`python -m ops.demo.counterparts.sensors --broker HOST:PORT`: sensors of a district, each with its own connection.

Every sensor publishes a reading now and then, QoS 1, and leaves a last will. What else happens to it is told over a
control port, whose number is printed as one JSON line.
"""

from __future__ import annotations

import argparse
import json
import signal
import socket
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from fastapi import FastAPI, HTTPException
from paho.mqtt.enums import CallbackAPIVersion

from ops.demo.counterparts.listener import Listener

DEVICES = Path(__file__).parent / "companies" / "sensors.toml"


class Sensor:
    """One device: its code, the topic that it publishes on, its normal value and its place."""

    def __init__(self, broker: tuple[str, int], device: dict[str, Any]) -> None:
        self.code: str = device["code"]
        self.sent: list[tuple[str, str]] = []
        self._broker, self._device = broker, device
        self._topic, self._status = device["topic"], f"{device['topic'].rpartition('/')[0]}/status"
        self._last = 0
        self._client = self._connection()

    def say(self, value: Any) -> None:
        """Publish a reading; its time is later than that of the one before, whatever the clock says."""
        self._last = max(self._last + 1, int(time.time() * 1000))
        content = {"ts": self._last, self._device.get("field", "value"): value}
        if "lon" in self._device:
            content |= {"lon": self._device["lon"], "lat": self._device["lat"]}
        self._publish(self._topic, json.dumps(content), retain=True)

    def normal(self) -> None:
        self.say(self._device["normal"])

    def again(self, count: int) -> None:
        """Publish the last messages once more, word for word, as a sensor does that has seen no acknowledgement."""
        for topic, payload in self.sent[-count:]:
            self._publish(topic, payload, retain=True)

    def nonsense(self) -> None:
        self._publish(self._topic, "\x00 no json", retain=False)

    def drop(self) -> None:
        """The connection breaks without a word: the broker publishes the last will."""
        self._client.loop_stop()
        broken = self._client.socket()
        if isinstance(broken, socket.socket):
            broken.shutdown(socket.SHUT_RDWR)
            broken.close()

    def come_back(self) -> None:
        self._client = self._connection()

    def end(self) -> None:
        self._client.loop_stop()
        self._client.disconnect()

    def _publish(self, topic: str, payload: str, *, retain: bool) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)
        self.sent.append((topic, payload))

    def _connected(self, client: mqtt.Client, *_: Any) -> None:
        client.publish(self._status, "online", qos=1, retain=True)

    def _connection(self) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, self.code, protocol=mqtt.MQTTv311)
        client.will_set(self._status, "offline", qos=1, retain=True)
        client.on_connect = self._connected
        client.connect(*self._broker, keepalive=10)
        client.loop_start()
        return client


class District:
    """All sensors, by code."""

    def __init__(self, broker: tuple[str, int], devices: list[dict[str, Any]]) -> None:
        self.sensors = {device["code"]: Sensor(broker, device) for device in devices}

    def of(self, code: str) -> Sensor:
        if code not in self.sensors:
            raise HTTPException(404, "no such sensor")
        return self.sensors[code]

    def app(self) -> FastAPI:
        """What a test or the demo tells the sensors."""
        app = FastAPI(openapi_url=None)

        @app.post("/{code}/say")
        def say(code: str, content: dict[str, Any]) -> None:
            for value in content["values"]:
                self.of(code).say(value)
                time.sleep(content.get("pause_seconds", 0))

        @app.post("/{code}/{what}")
        def happen(code: str, what: str, count: int = 1) -> None:
            sensor = self.of(code)
            match what:
                case "again":
                    sensor.again(count)
                case "nonsense":
                    sensor.nonsense()
                case "drop":
                    sensor.drop()
                case "come-back":
                    sensor.come_back()
                case _:
                    raise HTTPException(404, "no such thing happens to a sensor")

        @app.get("/book")
        def book() -> dict[str, list[tuple[str, str]]]:
            return {code: sensor.sent for code, sensor in self.sensors.items()}

        return app


def main() -> None:
    """Run until the process is told to end."""
    options = argparse.ArgumentParser(prog="sensors", description=__doc__)
    options.add_argument("--broker", required=True, help="HOST:PORT")
    options.add_argument("--devices", type=Path, default=DEVICES, help="file with [[devices]]")
    options.add_argument("--every-seconds", type=float, default=0.0, help="a normal reading so often; 0: never")
    options.add_argument("--control-port", type=int, default=0)
    given = options.parse_args()
    host, _, port = given.broker.rpartition(":")
    district = District((host, int(port)), tomllib.loads(given.devices.read_text("utf-8"))["devices"])
    control = Listener(district.app(), given.control_port)
    control.up()
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    print(json.dumps({"control": control.port}), flush=True)
    while not ended.wait(given.every_seconds or 3600):
        for sensor in district.sensors.values():
            sensor.normal()
    for sensor in district.sensors.values():
        sensor.end()


if __name__ == "__main__":
    main()
