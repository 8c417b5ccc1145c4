"""Items of the feed become orders. Pure.

Promise: the same item leads to the same steps; what an introduction and the fact behind it both say is one step, since
a step is named by what it is about: the dispatch, the summons, or the fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.contract import Item, Step
from connectors.tasks.settings import OrderRule
from schemas.events import SubjectKind

FIELDS = frozenset(
    {
        *("key", "word", "number", "subject", "seq", "stage", "category", "condition", "division", "grid", "address"),
        *("longitude", "latitude", "asset", "role", "lead", "due_at", "sent_at", "minutes", "reason", "level"),
        *("reporting_org", "text", "evidence", "written_at"),
    }
)
"""What an order can tell; the key and the moment of writing come with its delivery."""

TIMES = frozenset({"due_at", "sent_at", "written_at"})

DONE = frozenset({"handed_back", "returned", "transferred", "released"})
"""Statuses in which nothing is expected of a party."""


def steps(rules: Sequence[OrderRule], org: str, item: Item) -> list[Step]:
    """The orders that an item is to this organisation, in the order of the rules."""
    if item.subject.kind != SubjectKind.CASE:
        return []
    name = type(item.fact).__name__ if item.reason == "fact" else item.reason
    found = (_step(rule, org, item) for rule in rules if name in rule.facts)
    return [step for step in found if step is not None]


def _step(rule: OrderRule, org: str, item: Item) -> Step | None:
    party = next((one for one in item.card.parties if one.org == org and one.status not in DONE), None)
    summons = next((one for one in item.card.summons if one.org == org and one.reported_in_at is None), None)
    about = item.seq
    match rule.when:
        case "party":
            if party is None or party.role == "inform":
                return None
            about = party.dispatched_at or item.seq
        case "summoned":
            if summons is None:
                return None
            about = summons.at
        case "named":
            names = set(named(item.fact))
            if org not in names and (names or party is None):
                return None
        case "involved":
            if org not in {*(one.org for one in item.card.parties), *(one.org for one in item.card.summons)}:
                return None
    told = body(rule.word, org, item)
    if item.meta is None and about != item.seq:
        told["sent_at"] = about  # the order is older than its introduction
    return Step(f"{rule.step}-{about}", told)


def named(fact: Any) -> Iterator[str]:
    """The organisations that a fact speaks of; none: it speaks of all."""
    for name in ("party", "to", "org"):
        if (found := getattr(fact, name, None)) is not None:
            yield found
    for name in ("orgs", "parties"):
        listed: Sequence[Any] = getattr(fact, name, ())
        yield from (getattr(one, "org", one) for one in listed)


def body(word: str, org: str, item: Item) -> dict[str, Any]:
    """What an order can tell, by the names of ours; times in UTC µs, texts and files as references."""
    card, fact = item.card, item.fact
    place, party = card.place, next((one for one in card.parties if one.org == org), None)
    summons = next((one for one in card.summons if one.org == org), None)
    position = place.position if place else None
    told = {
        "word": word,
        "number": card.number or item.subject.id,
        "subject": item.subject.id,
        "seq": item.seq,
        "stage": card.stage,
        "category": card.category.code if card.category else None,
        "condition": card.condition,
        "division": place.division if place else None,
        "grid": place.grid if place else None,
        "address": place.address if place else None,
        "longitude": position.longitude if position else None,
        "latitude": position.latitude if position else None,
        "asset": card.asset,
        "role": party.role if party else None,
        "lead": card.lead,
        "sent_at": item.meta.occurred_at if item.meta else item.recorded_at,
        "due_at": _due(fact, party, summons),
        "reporting_org": card.reporting_org,
        "minutes": getattr(fact, "minutes", None),
        "reason": getattr(fact, "reason", None),
        "level": getattr(fact, "level", None),
        "text": getattr(fact, "text", None) or card.text,
        "evidence": list(getattr(fact, "evidence", ()) or card.evidence),
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def _due(fact: Any, party: Any, summons: Any) -> int | None:
    for value in (
        getattr(fact, "until", None),
        getattr(party, "due_at", None),
        getattr(summons, "due_at", None) if getattr(summons, "reported_in_at", None) is None else None,
    ):
        if value is not None:
            return int(value)
    return None
