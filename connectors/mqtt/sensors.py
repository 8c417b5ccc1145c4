"""The inlet: messages of sensors become happenings, happenings become claims; what is known of each sensor is noted.

One thread works. A group of messages is decided on a copy of what is known; only when Kafka has the claims is the copy
noted and the broker told. Killed in between, the same messages come again and lead to the same claims.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from connectors.contract import BadMessage, Draft, Refused, Surroundings, Take
from connectors.mqtt import reading, watching
from connectors.mqtt.listening import Arrived, Work
from connectors.mqtt.settings import Fitted, Mqtt, Topic
from connectors.mqtt.translate import Sensor, Speaker, draft
from connectors.mqtt.watching import SECOND, Happening, Patience, Watch
from connectors.notebook import Notes
from schemas.events import Actor, Position

NOWHERE = Fitted()


class Known(msgspec.Struct, frozen=True):
    """What is known of a sensor: the row of its topic by its filter (None until its first reading), its watch."""

    topic: str | None = None
    watch: Watch = Watch()
    position: Position | None = None


class Ear(Protocol):
    """What brings messages: a subscription on a broker."""

    def start(self, work: Work) -> None: ...
    def stop(self) -> None: ...


class Sensors:
    """All sensors of one connector."""

    def __init__(self, config: Mqtt, around: Surroundings, listening: Ear, notes: Notes) -> None:
        department = around.department
        self._config, self._around, self._listening, self._notes = config, around, listening, notes
        self._by = Speaker(config.system, Actor(department.org, department.role), department.zone)
        self._topics = {topic.filter: topic for topic in config.topics}
        self._known: dict[str, Known] = {}
        self._places = {code: reading.fitted_position(fitted) for code, fitted in config.sensors.items()}

    def routes(self, take: Take) -> None:
        """None: sensors speak to a broker."""

    def start(self, take: Take) -> None:
        """Remember how each sensor was, then listen."""
        self._known = {code: msgspec.convert(note, Known) for code, note in self._notes.under("sensor/").items()}
        self._listening.start(lambda group: self.work(take, group))

    def stop(self) -> None:
        self._listening.stop()

    def work(self, take: Take, group: Sequence[Arrived]) -> bool:
        """Take a group of messages, and what time has brought about; False: not now."""
        changed: dict[str, Known] = {}
        found: list[Draft] = []
        bad: list[BadMessage] = []
        for arrived in group:
            try:
                found += self._arrived(changed, arrived)
            except BadMessage as wrong:
                bad.append(BadMessage(place(arrived), wrong.reason, arrived.payload))
        found += self._time_passes(changed)
        try:
            for letter in bad:
                take.bury(letter)
            if found:
                take(found)
        except Refused as refusal:
            self._around.log.warning("sensors have to wait", reason=str(refusal))
            return False
        self._note(changed)
        self._count("unreadable", len(bad))
        self._count("taken", len(group) - len(bad))
        return True

    def _arrived(self, changed: dict[str, Known], arrived: Arrived) -> Iterator[Draft]:
        alive, name = self._config.alive, arrived.topic
        if alive is not None and reading.matches(alive.filter, name):
            return self._alive(changed, arrived, reading.sensor_of(name, alive.sensor))
        topic = reading.topic_of(self._config, name)
        if topic is None:
            raise BadMessage(name, "no row of mqtt.topics is for this topic")
        return self._read(changed, topic, arrived)

    def _read(self, changed: dict[str, Known], topic: Topic, arrived: Arrived) -> Iterator[Draft]:
        zone = self._around.department.zone
        told = reading.read(topic, arrived.topic, arrived.payload, arrived.received, zone)
        known = self._of(changed, told.sensor)
        step = watching.read(known.watch, told.at, told.alarm, told.value, self._patience(topic))
        position = told.position or known.position
        return self._becomes(changed, told.sensor, Known(topic.filter, step[0], position), step[1])

    def _alive(self, changed: dict[str, Known], arrived: Arrived, code: str) -> Iterator[Draft]:
        assert self._config.alive is not None  # whoever calls has looked
        word = arrived.payload.decode("utf-8", "replace").strip()
        if word not in (self._config.alive.online, self._config.alive.offline):
            raise BadMessage(arrived.topic, "the payload is neither the word for online nor that for offline")
        known = self._of(changed, code)
        there = word == self._config.alive.online
        step = watching.seen(known.watch, arrived.received, there, self._patience(self._topic(known)))
        return self._becomes(changed, code, msgspec.structs.replace(known, watch=step[0]), step[1])

    def _time_passes(self, changed: dict[str, Known]) -> list[Draft]:
        now = self._around.clock()
        found: list[Draft] = []
        for code in [*self._known, *(changed.keys() - self._known.keys())]:
            known = self._of(changed, code)
            if known.watch.waiting:
                watch, happenings = watching.passed(known.watch, now, self._patience(self._topic(known)))
                if happenings:
                    found += self._becomes(changed, code, msgspec.structs.replace(known, watch=watch), happenings)
        return found

    def _becomes(
        self, changed: dict[str, Known], code: str, known: Known, happenings: Sequence[Happening]
    ) -> Iterator[Draft]:
        changed[code] = known
        if not happenings:
            return iter(())
        sensor = self._sensor(code, known)
        return iter([made for happening in happenings if (made := draft(self._by, sensor, happening)) is not None])

    def _sensor(self, code: str, known: Known) -> Sensor:
        topic, alive = self._topic(known), self._config.alive
        fitted = self._config.sensors.get(code, NOWHERE)
        position = known.position or self._places.get(code)
        away = alive.category if alive else None
        kind = topic.kind if known.topic else "sensor"
        grid = fitted.grid
        if grid is None and position is not None:
            grid = self._around.grid_at(position.longitude, position.latitude)
        return Sensor(code, kind, topic.unit, topic.category, away, fitted, position, grid)

    def _of(self, changed: dict[str, Known], code: str) -> Known:
        return changed.get(code) or self._known.get(code, Known())

    def _topic(self, known: Known) -> Topic:
        return self._topics.get(known.topic or "", self._config.topics[0])

    def _patience(self, topic: Topic) -> Patience:
        away = self._config.alive.after_seconds if self._config.alive else 0.0
        return Patience(*(round(seconds * SECOND) for seconds in (topic.hold_seconds, topic.quiet_seconds, away)))

    def _note(self, changed: dict[str, Known]) -> None:
        """Remember; on disk only what a restart must know, which a reading that says the same as before is not."""
        notes: dict[str, Any] = {
            f"sensor/{code}": msgspec.to_builtins(known)
            for code, known in changed.items()
            if _lasting(known) != _lasting(self._known.get(code, Known()))
        }
        if notes:
            self._notes.put(notes)
        self._known |= changed

    def _count(self, outcome: str, times: int) -> None:
        if times:
            self._around.metrics.told.labels(self._around.department.name, outcome).inc(times)


def place(arrived: Arrived) -> str:
    """Names a message, however often it comes."""
    return f"{arrived.topic}@{sha256(arrived.payload).hexdigest()[:16]}"


def _lasting(known: Known) -> Known:
    return msgspec.structs.replace(known, watch=msgspec.structs.replace(known.watch, at=0, value=None), position=None)
