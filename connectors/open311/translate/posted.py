"""Forms that others post: what is wrong with them in GeoReport's words, or the claims that they make.

Promise: whatever a person wrote (description, address, answers, contact, addresses of pictures) stands in the part of a
draft that goes to the vault. A claim carries the service's category, coordinates, and the division served.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors.contract import Attached, Draft, Personal
from connectors.open311 import times
from connectors.open311.settings import STATUSES, Endpoint, Jurisdiction, Said, Service
from connectors.open311.translate import answers, claims
from connectors.open311.translate.answers import Fields
from schemas import ids
from schemas.events import Actor, ClaimMeta, Place, Position, Report, Source, Subject, SubjectKind

MAX_DESCRIPTION = 4_000
MAX_FIELD = 2_000
INLET = "open311"
CONTACT = ("account_id", "email", "phone", "first_name", "last_name", "device_id")

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Problem(NamedTuple):
    """One error as GeoReport tells it: HTTP status, code in the answer, and a sentence for the user; `seconds` after
    which to try again, where that is known."""

    status: int
    description: str
    seconds: int | None = None


class Refused(Exception):
    """A form that cannot be taken: all its problems. The first one gives the HTTP status."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


class Request(NamedTuple):
    """A request that can be taken."""

    service: Service
    jurisdiction: Jurisdiction
    position: Position | None
    text: str
    contact: str


class Update(NamedTuple):
    """An update that can be taken."""

    service_request_id: str
    update_id: str
    said: Said
    text: str
    at: int


class Sender(NamedTuple):
    """For whom a claim is made: the actor of the department, the case, the source's number, when it came, files."""

    actor: Actor
    subject: str
    source: Source
    at: int
    files: tuple[Attached, ...] = ()


def jurisdiction(endpoint: Endpoint, given: str | None) -> Jurisdiction:
    """The jurisdiction of a call; it may be left out where there is one. Raises Refused."""
    if not given:
        if len(endpoint.jurisdictions) == 1:
            return endpoint.jurisdictions[0]
        raise Refused(Problem(400, "jurisdiction_id was not provided"))
    for each in endpoint.jurisdictions:
        if each.id == given:
            return each
    raise Refused(Problem(404, "jurisdiction_id was not found"))


def service(endpoint: Endpoint, code: str | None) -> Service:
    """The service of a code. Raises Refused."""
    if not code:
        raise Refused(Problem(400, "service_code was not provided"))
    for each in endpoint.services:
        if each.code == code:
            return each
    raise Refused(Problem(404, "service_code was not found"))


def request(fields: Fields, endpoint: Endpoint) -> Request:
    """The request of a form. Raises Refused with all that is wrong with it."""
    where = jurisdiction(endpoint, one(fields, "jurisdiction_id"))
    what = service(endpoint, one(fields, "service_code"))
    position, wrong = _position(fields)
    wrong += [*_location(fields, position), *_lengths(fields), *answers.problems(fields, what)]
    if wrong:
        raise Refused(*(Problem(400, each) for each in wrong))
    return Request(what, where, position, _text(fields, what), _contact(fields))


def update(fields: Fields, endpoint: Endpoint) -> Update:
    """The update of a form. Raises Refused with all that is wrong with it."""
    jurisdiction(endpoint, one(fields, "jurisdiction_id"))
    case, number = one(fields, "service_request_id"), one(fields, "update_id")
    status = (one(fields, "status") or "").lower()
    wrong = [
        f"{name} was not provided" for name, given in (("service_request_id", case), ("update_id", number)) if not given
    ]
    said = claims.row_of(endpoint.said, status)
    if said is None:
        known = ", ".join(row.status for row in endpoint.said) or "none"
        wrong.append("status is not one that can be told here: " + known if status in STATUSES else "status is unknown")
    try:
        at = times.read(one(fields, "updated_datetime") or "")
    except times.BadTime as bad:
        wrong.append(f"updated_datetime {bad}")
    wrong += _lengths(fields)
    if wrong or said is None:
        raise Refused(*(Problem(400, each) for each in wrong))
    return Update((case or "").lower(), number or "", said, _told(fields, status), at)


def report(found: Request, sender: Sender) -> Draft:
    """The claim that a request makes."""
    place = Place(division=found.jurisdiction.division, position=found.position)
    body = Report(found.service.category, place, INLET)
    personal = Personal(found.text or None, person=found.contact or None, attached=sender.files)
    return Draft(_meta(sender, "report", "1"), body, personal)


def supplement(found: Update, sender: Sender, caller: str) -> Draft:
    """The claim that an update makes; the same update of the same caller is the same claim."""
    body = claims.body(found.said, sender.actor.org)
    text = found.text if claims.takes_text(found.said) else ""
    files = sender.files if claims.takes_files(found.said) else ()
    meta = _meta(sender, "update", f"{caller}:{found.update_id}", at=min(found.at, sender.at))
    return Draft(meta, body, Personal(text or None, attached=files))


def is_case(service_request_id: str) -> bool:
    """Whether a service_request_id can be one of ours."""
    return _UUID.fullmatch(service_request_id) is not None


def one(fields: Fields, name: str) -> str | None:
    """The first value of a field; an empty one is none."""
    found = fields.get(name, ())
    return (found[0].strip() or None) if found else None


def _meta(sender: Sender, action: str, occurrence: str, at: int | None = None) -> ClaimMeta:
    claim = ids.claim_id(sender.source.system, sender.source.number, action, occurrence)
    subject = Subject(SubjectKind.CASE, sender.subject)
    return ClaimMeta(claim, subject, sender.at if at is None else at, sender.actor, sender.source)


def _position(fields: Fields) -> tuple[Position | None, list[str]]:
    lat, long = one(fields, "lat"), one(fields, "long")
    if lat is None and long is None:
        return None, []
    if lat is None or long is None:
        return None, ["lat and long are both needed"]
    latitude, longitude = answers.number(lat), answers.number(long)
    wrong = [] if latitude is not None and abs(latitude) <= 90 else ["lat is no latitude in WGS84 degrees"]
    wrong += [] if longitude is not None and abs(longitude) <= 180 else ["long is no longitude in WGS84 degrees"]
    if wrong or latitude is None or longitude is None:
        return None, wrong
    return Position(longitude, latitude, "WGS-84", longitude, latitude), []


def _location(fields: Fields, position: Position | None) -> list[str]:
    given = position or any(one(fields, name) for name in ("lat", "long", "address_string", "address_id"))
    return [] if given else ["a location was not provided: lat and long, address_string or address_id"]


def _lengths(fields: Fields) -> list[str]:
    wrong = []
    if len(one(fields, "description") or "") > MAX_DESCRIPTION:
        wrong.append(f"description is longer than {MAX_DESCRIPTION:,} characters")
    long = [
        name
        for name, values in fields.items()
        if name != "description" and max(map(len, values), default=0) > MAX_FIELD
    ]
    if long:
        wrong.append(f"a field is longer than {MAX_FIELD:,} characters")
    if any("\0" in value for values in fields.values() for value in values):
        wrong.append("a field holds a zero byte")
    return wrong


def _told(fields: Fields, status: str) -> str:
    """All that an update says, for the vault; a claim does not carry the status by which it was made."""
    lines = [] if status == "open" else [f"status: {status}"]
    lines += [one(fields, "description") or "", *_addresses(fields)]
    return "\n".join(line for line in lines if line)


def _addresses(fields: Fields) -> list[str]:
    return [f"media_url: {value}" for value in fields.get("media_url", ()) if value.strip()]


def _text(fields: Fields, what: Service) -> str:
    """All that a person wrote, for the vault."""
    lines = [one(fields, "description") or ""]
    lines += [f"{label}: {value}" for label in ("address_string", "address_id") if (value := one(fields, label))]
    asked = {attribute.code for attribute in what.attributes}
    lines += [
        f"{code}: {'; '.join(values)}" for code, values in answers.given(fields).items() if code in asked and values
    ]
    lines += _addresses(fields)
    return "\n".join(line for line in lines if line)


def _contact(fields: Fields) -> str:
    """How to reach the person, for the vault; the same words are the same person."""
    return "\n".join(f"{name}: {value}" for name in CONTACT if (value := one(fields, name)))
