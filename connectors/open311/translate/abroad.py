"""A case for another council, and its updates back as claims. Pure.

Promise: one order a case, whatever happens to it; what the other council says of a request is the claim that the table
names, spoken by the department that the council is in the hub, at the moment that the council states.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from connectors.contract import Draft, Item, Personal, Step
from connectors.open311 import times
from connectors.open311.settings import STATUSES, Abroad
from connectors.open311.translate import claims
from connectors.open311.translate.shown import service_of
from schemas import ids
from schemas.events import Actor, ClaimMeta, Source, Subject, SubjectKind

ORDER = "order"
GONE = frozenset({"transferred", "released", "returned"})
"""Statuses of a party that has nothing to do any more."""

TOLD = {
    "Supplemented": "open",
    "ReworkOrdered": "reopen",
    "Reopened": "reopen",
    "ReportWithdrawn": "closed",
    "Voided": "closed",
    "PartyReleased": "closed",
    "Transferred": "closed",
}
"""Status under which a later fact is told as an update, by the name of the fact."""


class Unfit(ValueError):
    """An update of the other council that cannot become a claim; one sentence without personal content."""


def steps(item: Item, org: str, abroad: Abroad) -> list[Step]:
    """The order, once the council is a party of the case; afterwards an update for each fact that it must hear of."""
    party = next((each for each in item.card.parties if each.org == org and each.role != "inform"), None)
    if item.subject.kind != "case" or item.reason == "gone" or party is None:
        return []
    name = type(item.fact).__name__ if item.fact is not None else ""
    concerns = getattr(item.fact, "party", org) == org
    told = [Step(f"update-{item.seq}", _update(item, TOLD[name]))] if name in TOLD and concerns else []
    return told if party.status in GONE else [Step(ORDER, _order(item, abroad)), *told]


def _order(item: Item, abroad: Abroad) -> dict[str, Any]:
    """Fields of the form; None stays out. Without a service the delivery is refused, in one sentence."""
    card = item.card
    service = service_of(abroad.services, card.category)
    place = card.place
    at = place.position if place else None
    return {
        "service_code": service.code if service else None,
        "lat": at.latitude if at else None,
        "long": at.longitude if at else None,
        "address_string": place.address if place else None,
        "description": card.text,
    }


def _update(item: Item, status: str) -> dict[str, Any]:
    return {
        "update_id": f"{item.subject.id}.{item.seq}",
        "status": status.upper(),
        "updated_at": item.recorded_at,
        "description": getattr(item.fact, "text", None),
    }


def update_id(update: Mapping[str, Any]) -> str:
    """The id of an update; where the council gives none, a digest of what it says."""
    given = update.get("update_id")
    if given:
        return str(given)
    told = [str(update.get(name) or "") for name in ("service_request_id", "status", "updated_datetime", "description")]
    return sha256(msgspec.json.encode(told)).hexdigest()[:32]


def drafts(update: Mapping[str, Any], abroad: Abroad, actor: Actor, subject: str, now: int) -> list[Draft]:
    """The claims of an update. A moment ahead of `now` (another clock) counts as now. Raises Unfit."""
    number, status = str(update.get("service_request_id") or ""), str(update.get("status") or "").lower()
    row = claims.row_of(abroad.said, status)
    if row is None:
        if status in STATUSES:
            return []
        raise Unfit("the update has a status that is none of Open311's: add it to the table, or ask the council")
    try:
        at = min(times.read(str(update.get("updated_datetime") or "")), now)
    except times.BadTime as bad:
        raise Unfit(f"the updated_datetime of the update {bad}") from None
    source = Source(abroad.system, number)
    claim = ids.claim_id(source.system, number, "update", update_id(update))
    meta = ClaimMeta(claim, Subject(SubjectKind.CASE, subject), at, actor, source, row.already_done)
    text = str(update.get("description") or "") if claims.takes_text(row) else ""
    return [Draft(meta, claims.body(row, actor.org), Personal(text or None))]
