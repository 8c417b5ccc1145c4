"""Items of the feed as rows that the public may see: no text that a person wrote, no restricted case, no person.

Promise: the same item gives the same row. What has no service or no jurisdiction here, and what is restricted or gone,
gives a row that hides the request.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from connectors.contract import Card, Item, Step
from connectors.open311.settings import Endpoint, Jurisdiction, Service, Status
from schemas.events import Category, Place


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One request as the public sees it after one fact. Times are UTC µs. `status` is None where only the stage tells
    it, and then counts only if the stage is another one than before: what a fact has said is not unsaid by the next."""

    service_request_id: str
    update_id: str
    seq: int
    recorded_at: int
    stage: str
    jurisdiction: str
    service_code: str
    status: str | None
    note: str
    by_stage: str
    note_by_stage: str
    agency: str | None
    requested_at: int
    expected_at: int | None
    address: str | None
    longitude: float | None
    latitude: float | None


class Hidden(Struct, frozen=True, forbid_unknown_fields=True):
    """A request that the public sees no more, or never saw."""

    service_request_id: str
    seq: int
    recorded_at: int


def steps(item: Item, endpoint: Endpoint) -> list[Step]:
    """What an item changes on the public side; nothing for subjects that are no cases."""
    if item.subject.kind != "case":
        return []
    row = shown(item, endpoint)
    name = "show" if isinstance(row, Row) else "hide"
    return [Step(f"{name}-{item.reason}-{item.seq}", {name: as_body(row)})]


def shown(item: Item, endpoint: Endpoint) -> Row | Hidden:
    """The row of an item."""
    card, recorded = item.card, item.recorded_at
    service = service_of(endpoint.services, card.category)
    where = jurisdiction_of(endpoint, card.place)
    if item.reason == "gone" or card.restricted or service is None or where is None:
        return Hidden(item.subject.id, item.seq, recorded)
    told, staged = _told(item, endpoint), _staged(card, endpoint)
    place = card.place or Place()
    at = place.position
    return Row(
        item.subject.id,
        f"{item.subject.id}.{item.seq}" + ("" if item.reason == "fact" else "i"),
        item.seq,
        recorded,
        card.stage,
        where.id,
        service.code,
        told.status if told else None,
        told.note if told else "",
        staged.status,
        staged.note,
        endpoint.agencies.get(card.lead or ""),
        card.opened_at or recorded,
        None if _has_ended(card) else card.due_at,
        place.address,
        at.longitude if at else None,
        at.latitude if at else None,
    )


def service_of(services: tuple[Service, ...], category: Category | None) -> Service | None:
    """The service of a category."""
    return next((service for service in services if service.category == category), None)


def jurisdiction_of(endpoint: Endpoint, place: Place | None) -> Jurisdiction | None:
    """The jurisdiction with the longest division that holds the place."""
    division = (place.division if place else None) or ""
    holding = [each for each in endpoint.jurisdictions if division.startswith(each.division)]
    return max(holding, key=lambda each: len(each.division), default=None)


def as_body(row: Row | Hidden) -> dict[str, Any]:
    """The row as the body of a step: plain values."""
    return {name: getattr(row, name) for name in row.__struct_fields__}


def _told(item: Item, endpoint: Endpoint) -> Status | None:
    """The row of the table that a fact has."""
    name = type(item.fact).__name__ if item.fact is not None else ""
    if not name:
        return None
    reason = getattr(item.fact, "reason", UNSET)
    return next((row for row in endpoint.statuses if row.fact == name and _meets(row, reason, item.card)), None)


def _meets(row: Status, reason: str | UnsetType | None, card: Card) -> bool:
    return row.reason in ("", reason) and row.stage in ("", card.stage)


def _staged(card: Card, endpoint: Endpoint) -> Status:
    rows = (row for row in endpoint.statuses if not row.fact and row.stage in ("", card.stage))
    return next(rows, Status("open"))


def _has_ended(card: Card) -> bool:
    return card.stage in ("closed", "not_filed", "withdrawn", "void", "merged")
