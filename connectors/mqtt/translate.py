"""What happened to a sensor becomes claims: pure. An alarm is a report of its own, an absence is one too.

The number of a report is the sensor's code and the moment at which it began: who tells it again tells the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from connectors.contract import Draft, Personal
from connectors.mqtt.settings import Fitted
from connectors.mqtt.watching import Happening
from schemas import ids
from schemas.events import Actor, Category, ClaimMeta, Place, Position, Report, Source, Subject, SubjectKind, Supplement

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INLET = "sensor"


class Sensor(NamedTuple):
    """What is known of a sensor: `category` of its alarms, `away` of its absence; where it stands."""

    code: str
    kind: str
    unit: str
    category: Category
    away: Category | None
    fitted: Fitted
    position: Position | None
    grid: str | None = None


class Speaker(NamedTuple):
    """For whom the sensors speak."""

    system: str
    actor: Actor
    zone: tzinfo


def draft(by: Speaker, sensor: Sensor, happening: Happening) -> Draft | None:
    """The claim of a happening; None where nobody wants to hear of it."""
    if happening.what in ("lost", "back") and sensor.away is None:
        return None
    away = happening.what in ("lost", "back")
    number = f"{sensor.code}@{'away-' if away else ''}{happening.since}"
    body: Any = Supplement()
    if happening.what in ("raised", "lost"):
        category = sensor.away if away and sensor.away else sensor.category
        body = Report(category, _place(sensor), INLET, asset=sensor.fitted.asset)
    meta = ClaimMeta(
        ids.claim_id(by.system, number, type(body).__name__, happening.what),
        Subject(SubjectKind.CASE, ids.case_id(by.system, number)),
        happening.at,
        by.actor,
        Source(by.system, number),
    )
    return Draft(meta, body, Personal(text=_words(sensor, happening, by.zone)))


def _place(sensor: Sensor) -> Place:
    fitted = sensor.fitted
    return Place(fitted.division, sensor.grid, fitted.address, sensor.position)


def _words(sensor: Sensor, happening: Happening, zone: tzinfo) -> str:
    at = (EPOCH + timedelta(microseconds=happening.at)).astimezone(zone).isoformat(sep=" ", timespec="seconds")
    value = (
        ""
        if happening.value is None
        else f" {happening.value:g}"
        if not isinstance(happening.value, str)
        else f" {happening.value}"
    )
    match happening.what:
        case "raised":
            return f"{sensor.kind} {sensor.code}: alarm{value}{sensor.unit} since {at}"
        case "cleared":
            return f"{sensor.kind} {sensor.code}: quiet{value}{sensor.unit} since {at}"
        case "lost":
            return f"{sensor.kind} {sensor.code}: not there since {at}"
        case _:
            return f"{sensor.kind} {sensor.code}: there again since {at}"
