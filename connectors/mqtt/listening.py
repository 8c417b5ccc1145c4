"""A subscription on a broker that keeps what comes while we are away: one session, at least once, acknowledged by hand.

paho's thread only queues; one worker takes what has come together, in its order, and lets the broker forget it when
Kafka has it. What was not acknowledged comes again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from connectors.mqtt.settings import Mqtt

AT_LEAST_ONCE = 1
TOGETHER = 200
TICK_SECONDS = 0.5
RETRY_SECONDS = 2.0
END_SECONDS = 5.0
REACH_SECONDS = 5.0


class Arrived(NamedTuple):
    """A message as it came; `received` in UTC µs."""

    topic: str
    payload: bytes
    received: int
    mid: int
    qos: int


Work = Callable[[Sequence[Arrived]], bool]
"""Take messages, perhaps none (time has passed); False: not now, they must be handed over again."""


class Login(NamedTuple):
    """Who we are to the broker."""

    user: str | None
    password: str | None


class Listening:
    """The subscription of one connector."""

    def __init__(self, config: Mqtt, login: Login, clock: Callable[[], int], log: Any) -> None:
        self._config, self._clock, self._log = config, clock, log
        self._queue: SimpleQueue[Arrived] = SimpleQueue()
        self._ended = threading.Event()
        self._client = client(config, login, config.client, clean=False)
        self._gone = threading.Event()
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._message

    def start(self, work: Work) -> None:
        """Connect, now or when the broker is there, and work in a thread of its own."""
        self._client.connect_async(self._config.host, self._config.port, self._config.keep_alive_seconds)
        self._client.loop_start()
        self._thread = threading.Thread(target=self._run, args=[work], name=f"{self._config.client}-mqtt", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; the broker keeps the session, and with it what was not acknowledged."""
        self._ended.set()
        self._thread.join(END_SECONDS)
        if self._client.disconnect() == paho.MQTT_ERR_SUCCESS:
            self._gone.wait(END_SECONDS)
        self._client.loop_stop()

    def _run(self, work: Work) -> None:
        while not self._ended.is_set():
            group = self._group()
            while not work(group):
                if self._ended.wait(RETRY_SECONDS):
                    return
            for arrived in group:
                self._client.ack(arrived.mid, arrived.qos)

    def _group(self) -> list[Arrived]:
        group: list[Arrived] = []
        try:
            group.append(self._queue.get(timeout=TICK_SECONDS))
            while len(group) < TOGETHER:
                group.append(self._queue.get_nowait())
        except Empty:
            pass
        return group

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._log.warning("the broker refuses us", reason=str(reason))
            return
        self._gone.clear()
        client.subscribe([(name, AT_LEAST_ONCE) for name in filters(self._config)])

    def _disconnected(self, _client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._gone.set()
        if not self._ended.is_set():
            self._log.warning("the broker is gone, trying again", reason=str(reason))

    def _message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self._queue.put(Arrived(message.topic, bytes(message.payload), self._clock(), message.mid, message.qos))


def filters(config: Mqtt) -> list[str]:
    """All that is subscribed to."""
    found = [topic.filter for topic in config.topics] + ([config.alive.filter] if config.alive else [])
    return list(dict.fromkeys(found))


def client(config: Mqtt, login: Login, name: str, *, clean: bool) -> paho.Client:
    """A client of the broker, not connected yet. MQTT 3.1.1, which every broker speaks."""
    made = paho.Client(CallbackAPIVersion.VERSION2, name, clean_session=clean, protocol=paho.MQTTv311, manual_ack=True)
    if login.user is not None:
        made.username_pw_set(login.user, login.password)
    if config.tls:
        made.tls_set()
    return made


def reachable(config: Mqtt, login: Login) -> list[str]:
    """What is wrong with the broker, in sentences; asks under a name of its own, so that no session is taken over."""
    where = f"the broker {config.host}:{config.port}"
    answered, told = threading.Event(), list[str]()
    probe = client(config, login, f"{config.client}-check", clean=True)

    def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            told.append(f"{where} refuses us: {reason}")
        answered.set()

    probe.on_connect = connected
    try:
        probe.connect(config.host, config.port, config.keep_alive_seconds)
    except OSError as wrong:
        return [f"{where} cannot be reached ({wrong.strerror or type(wrong).__name__})"]
    probe.loop_start()
    in_time = answered.wait(REACH_SECONDS)
    probe.disconnect()
    probe.loop_stop()
    return told if in_time else [f"{where} does not answer"]
