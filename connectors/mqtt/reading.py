"""What a sensor's message says: read strictly, its coordinates turned into the hub's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

import msgspec

from connectors.contract import BadMessage
from connectors.mqtt.settings import Fitted, Mqtt, Topic
from schemas.events import Position
from schemas.wire.coordinates import BadCoordinates, position

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 64 << 10
MILLISECONDS = 100_000_000_000
"""A number of this size or more counts milliseconds: as seconds it would be the year 5138."""


class Reading(NamedTuple):
    """One reading: `at` in UTC µs; `alarm` None between the limits."""

    sensor: str
    at: int
    value: float | str
    alarm: bool | None
    position: Position | None


def matches(wanted: str, topic: str) -> bool:
    """Whether a topic is one of a filter's (`+` one level, `#` the rest)."""
    ours, theirs = wanted.split("/"), topic.split("/")
    for index, level in enumerate(ours):
        if level == "#":
            return True
        if index >= len(theirs) or level not in ("+", theirs[index]):
            return False
    return len(ours) == len(theirs)


def topic_of(config: Mqtt, name: str) -> Topic | None:
    """The row of the topics' table for a topic; the first that fits."""
    return next((topic for topic in config.topics if matches(topic.filter, name)), None)


def sensor_of(name: str, level: int) -> str:
    """The sensor's code, from its level of the topic. Raises BadMessage."""
    levels = name.split("/")
    if level > len(levels) or not levels[level - 1]:
        raise BadMessage(name, f"level {level} of the topic, the sensor's code, is empty")
    return levels[level - 1]


def read(topic: Topic, name: str, payload: bytes, received: int, zone: tzinfo) -> Reading:
    """The reading in a payload; never later than it was received. Raises BadMessage."""
    sensor = sensor_of(name, topic.sensor)
    if len(payload) > LARGEST:
        raise BadMessage(name, f"the payload has more than {LARGEST} bytes")
    try:
        content = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadMessage(name, "the payload is no JSON") from None
    value = _field(content, topic.payload.value)
    if isinstance(value, bool):
        value = str(value).lower()
    if not isinstance(value, (int, float, str)):
        raise BadMessage(name, f'"{topic.payload.value}" is no number and no word')
    at = min(_time(name, _field(content, topic.payload.time), topic.payload.time, zone), received)
    return Reading(sensor, at, value, _alarm(topic, value), _position(topic, name, content))


def fitted_position(fitted: Fitted) -> Position | None:
    """Where a fixed sensor stands. Raises BadCoordinates."""
    if fitted.longitude is None or fitted.latitude is None or fitted.coordinates is None:
        return None
    return position(fitted.longitude, fitted.latitude, fitted.coordinates)


def _alarm(topic: Topic, value: float | str) -> bool | None:
    if topic.alarm.holds(value):
        return True
    return False if topic.clear is None or topic.clear.holds(value) else None


def _field(content: Any, path: str) -> Any:
    for part in path.split("."):
        content = content.get(part) if isinstance(content, dict) else None
    return content


def _time(name: str, value: Any, field: str, zone: tzinfo) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(value * (1_000 if value >= MILLISECONDS else 1_000_000))
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadMessage(name, f'"{field}" is no time: seconds or milliseconds since 1970, or ISO 8601') from None
    return ((found if found.tzinfo else found.replace(tzinfo=zone)) - EPOCH) // timedelta(microseconds=1)


def _position(topic: Topic, name: str, content: Any) -> Position | None:
    if topic.coordinates is None:
        return None
    x, y = (_field(content, path or "") for path in (topic.payload.longitude, topic.payload.latitude))
    if x is None and y is None:
        return None
    try:
        return position(float(x), float(y), topic.coordinates)
    except (BadCoordinates, TypeError, ValueError):
        raise BadMessage(name, f"the coordinates are none in {topic.coordinates}") from None
