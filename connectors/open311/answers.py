"""Rows and settings as the documents of GeoReport, field by field in the order of the specification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Row

from connectors.open311 import times
from connectors.open311.documents import MEDIA_TYPES, Document, Many
from connectors.open311.settings import ENDED, Attribute, Endpoint, Service
from connectors.open311.translate.posted import Problem

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def discovery(endpoint: Endpoint) -> Document:
    """Where the endpoint is and what it speaks."""
    formats = Many("format", [media.partition(";")[0] for media in MEDIA_TYPES.values()])
    one = {
        "specification": SPECIFICATION,
        "url": endpoint.url,
        "changeset": endpoint.changeset,
        "type": endpoint.type,
        "formats": formats,
    }
    about = {"changeset": endpoint.changeset, "contact": endpoint.contact, "key_service": endpoint.key_service}
    return Document("discovery", {**about, "endpoints": Many("endpoint", [one])})


def services(endpoint: Endpoint) -> Document:
    """The list of services."""
    return Document("services", Many("service", [_service(each) for each in endpoint.services]))


def _service(service: Service) -> dict[str, Any]:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description or None,
        "metadata": bool(service.attributes),
        "type": service.type,
        "keywords": ", ".join(service.keywords) or None,
        "group": service.group or None,
    }


def definition(service: Service) -> Document:
    """The questions of a service."""
    asked = [_attribute(order, each) for order, each in enumerate(service.attributes, 1)]
    content = {"service_code": service.code, "attributes": Many("attribute", asked)}
    return Document("service_definition", content)


def _attribute(order: int, attribute: Attribute) -> dict[str, Any]:
    found: dict[str, Any] = {
        "variable": attribute.variable,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": attribute.required,
        "datatype_description": attribute.datatype_description or None,
        "order": order,
        "description": attribute.description or None,
    }
    if attribute.values:
        found["values"] = Many("value", [{"key": each.key, "name": each.name} for each in attribute.values])
    return found


def created(service: Service, number: str) -> Document:
    """The number of a new request; a token where the service answers later."""
    name = "token" if service.type == "batch" else "service_request_id"
    return Document("service_requests", Many("request", [{name: number, "service_notice": service.notice or None}]))


def resolved(token: str, number: str) -> Document:
    """The number that a token stands for."""
    return Document("service_requests", Many("request", [{"service_request_id": number, "token": token}]))


def requests(rows: Iterable[Row[Any]], endpoint: Endpoint, zone: tzinfo) -> Document:
    """Requests as the public sees them. What a person wrote is not among it, nor pictures, nor who reported."""
    known = {service.code: service for service in endpoint.services}
    return Document("service_requests", Many("request", [_request(row, known, zone) for row in rows]))


def _request(row: Row[Any], known: dict[str, Service], zone: tzinfo) -> dict[str, Any]:
    service = known.get(row.service_code)
    return {
        "service_request_id": row.service_request_id,
        "status": "closed" if row.status in ENDED else "open",
        "status_notes": row.note or None,
        "service_name": service.name if service else row.service_code,
        "service_code": row.service_code,
        "description": None,
        "agency_responsible": row.agency,
        "service_notice": (service.notice if service else "") or None,
        "requested_datetime": _written(row.requested_at, zone),
        "updated_datetime": _written(row.updated_at, zone),
        "expected_datetime": _written(row.expected_at, zone),
        "address": row.address,
        "address_id": None,
        "zipcode": None,
        "lat": row.latitude,
        "long": row.longitude,
        "media_url": None,
    }


def updates(rows: Iterable[Row[Any]], zone: tzinfo) -> Document:
    """Updates, each under the second in which it was recorded."""
    found = [
        {
            "update_id": row.update_id,
            "service_request_id": row.service_request_id,
            "status": row.status,
            "updated_datetime": times.write(row.recorded * times.SECOND, zone),
            "description": row.note or None,
            "media_url": None,
        }
        for row in rows
    ]
    return Document("service_request_updates", Many("request_update", found))


def taken(update_id: str) -> Document:
    """An update was taken."""
    return Document("service_request_updates", Many("request_update", [{"update_id": update_id}]))


def errors(problems: Sequence[Problem]) -> Document:
    """What is wrong, for the user."""
    found = [{"code": problem.status, "description": problem.description} for problem in problems]
    return Document("errors", Many("error", found))


def _written(at: datetime | None, zone: tzinfo) -> str | None:
    return None if at is None else at.astimezone(zone).replace(microsecond=0).isoformat()
