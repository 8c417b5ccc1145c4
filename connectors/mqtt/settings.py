"""Sensors on a broker: which topics, what their payloads say, what is an alarm, where each sensor stands. Strict.

`[mqtt]` says where the broker is; `[[mqtt.topics]]` a kind of sensor each; `[mqtt.alive]` how a sensor says that it is
there, and the broker (last will) that it is not; `[mqtt.sensors.CODE]` where a fixed sensor stands.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Secret
from schemas.events import Category

Seconds = Annotated[float, Meta(ge=0)]
Level = Annotated[int, Meta(ge=1)]


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a value must be: `above` or `below` a number, or one of the `words`."""

    above: float | None = None
    below: float | None = None
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.above is None) + (self.below is None) + (not self.words) != 2:
            raise ValueError("a limit is one of above, below, words")

    def holds(self, value: float | str) -> bool:
        """Whether the value is so. A text is never above or below."""
        if isinstance(value, str) or self.words:
            return str(value) in self.words
        return value > self.above if self.above is not None else value < (self.below or 0)


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the fields of a JSON payload; a dot goes into a field. `time` is that of the measurement, by which
    duplicates are told: in seconds or milliseconds since 1970, or ISO 8601."""

    time: str = "time"
    value: str = "value"
    longitude: str | None = None
    latitude: str | None = None


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of sensor. `sensor`: which level of the topic, from 1, is the sensor's code.

    An alarm is reported once it has lasted `hold_seconds`, and is over once nothing came of it for `quiet_seconds`:
    what flaps within is one. `clear` (default: no alarm) keeps an alarm up between the two limits. `coordinates`:
    system of the payload's coordinates.
    """

    filter: str
    sensor: Level
    kind: str
    category: Category
    alarm: Limit
    payload: Payload = Payload()
    clear: Limit | None = None
    unit: str = ""
    hold_seconds: Seconds = 0.0
    quiet_seconds: Seconds = 300.0
    coordinates: Literal["WGS-84", "CGCS2000", "GCJ-02", "BD-09"] | None = None

    def __post_init__(self) -> None:
        with_place = {self.payload.longitude is None, self.payload.latitude is None, self.coordinates is None}
        if len(with_place) != 1:
            raise ValueError("payload.longitude, payload.latitude and coordinates (their system) go together")
        if self.sensor > self.filter.count("/") + 1:
            raise ValueError(f'"{self.filter}" has no level {self.sensor}')


class Alive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Topic on which a sensor says `online`, and its last will `offline`; away for `after_seconds` it is reported."""

    filter: str
    sensor: Level
    category: Category
    online: str = "online"
    offline: str = "offline"
    after_seconds: Seconds = 60.0


class Fitted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a fixed sensor stands; its coordinates in their own system."""

    grid: str | None = None
    division: str | None = None
    address: str | None = None
    asset: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    coordinates: Literal["WGS-84", "CGCS2000", "GCJ-02", "BD-09"] | None = None

    def __post_init__(self) -> None:
        if len({self.longitude is None, self.latitude is None, self.coordinates is None}) != 1:
            raise ValueError("longitude, latitude and coordinates (their system) go together")


class Mqtt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[mqtt]`. `system`: code of the sensors' numbering in the hub; ids are made of it, so never change it. `client`:
    the name under which the broker keeps what comes while we are away: one connector, one name."""

    host: str
    system: str
    client: str
    topics: tuple[Topic, ...]
    port: int = 1883
    tls: bool = False
    user: Secret | None = None
    password: Secret | None = None
    keep_alive_seconds: int = 30
    alive: Alive | None = None
    sensors: dict[str, Fitted] = {}
