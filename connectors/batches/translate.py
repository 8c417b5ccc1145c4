"""Facts become lines for the police: pure, and the same for the same item.

A case is named by who opened it: `hub:<id>` by the hub, `110:<number>` by the police. What is personal stands in
`capsule` as references, opened at delivery and sealed at once; the caller's contact goes along only with a matter that
the police are asked to take.
"""

from __future__ import annotations

from typing import Any

from connectors.contract import CallerRef, Card, Item, Step
from schemas.events import (
    Dispatched,
    Filed,
    FilingRefused,
    HandedOver,
    PartiesAdded,
    ReferenceAnswered,
    ReferenceAsked,
    Refused,
    ReporterAnswered,
    SentAgain,
    Summoned,
    TextRef,
    Transferred,
)

HUB, POLICE = "hub", "110"


def case_name(item: Item, system: str) -> str:
    """What both sides call the case."""
    source = item.card.source
    if source is not None and source.system == system:
        return f"{POLICE}:{source.number}"
    return f"{HUB}:{item.subject.id}"


def steps(item: Item, org: str, system: str) -> list[Step]:
    """The line that an item leads to. `org` is the police's code, `system` the name of their numbers."""
    if item.subject.kind != "case":
        return []
    match item.reason:
        case "introduced":
            told = _line("introduced", item, {"card": _card(item.card)})
        case "gone":
            told = _line("gone", item, {})
        case _:
            told = _told(item, org, system)
    told["case"] = case_name(item, system)
    return [Step(f"{told['kind']}-{item.seq}", told)]


def _told(item: Item, org: str, system: str) -> dict[str, Any]:
    match item.fact:
        case HandedOver(org=to) as fact if to == org:
            body: dict[str, Any] = {"service": fact.service, "reason": fact.reason, "card": _card(item.card)}
            return _line("hand-over", item, body, text=fact.text or item.card.text, caller=True, urgent=True)
        case Summoned(orgs=orgs) if org in orgs:
            return _line("summons", item, {"card": _card(item.card)}, text=item.card.text)
        case ReferenceAsked(party=party) as fact if party == org:
            body = {"purpose": fact.purpose, "by": _speaker(item), "card": _card(item.card)}
            return _line("question", item, body, text=fact.text)
        case ReferenceAnswered(party=party) as fact if party != org:
            body = {"party": party, "outcome": fact.outcome, "reference": fact.reference}
            return _line("reference", item, body)
        case Filed() | FilingRefused() if _theirs(item, system):
            return _line("transfer-answer", item, _answer(item))
        case Refused() as fact if _speaker(item) == org:
            return _line("refused", item, {"claim": fact.claim_type.rpartition(".")[2], "rule": fact.rule})
    if (role := _sent_as(item.fact, org)) is not None:
        body = {"role": role, "card": _card(item.card)}
        return _line("transfer", item, body, text=_words(item.fact) or item.card.text, caller=True)
    return _line("news", item, _news(item), text=_answered(item, system))


def _line(
    kind: str,
    item: Item,
    body: dict[str, Any],
    *,
    text: TextRef | None = None,
    caller: bool = False,
    urgent: bool = False,
) -> dict[str, Any]:
    capsule: dict[str, Any] = {"text": text} if text is not None else {}
    if caller:
        capsule["contact"] = CallerRef()
    at = item.meta.occurred_at if item.meta is not None else item.recorded_at
    return {"lane": "urgent" if urgent else "regular", "kind": kind, "body": {"at": at, **body}, "capsule": capsule}


def _sent_as(fact: Any, org: str) -> str | None:
    """The role in which a fact makes the police a party; None where it does not."""
    match fact:
        case Dispatched(parties=parties) | PartiesAdded(parties=parties):
            return next((one.role for one in parties if one.org == org and one.role != "inform"), None)
        case Transferred(to=to) if to == org:
            return "lead"
        case SentAgain(party=party) if party == org:
            return "again"
    return None


def _words(fact: Any) -> TextRef | None:
    match fact:
        case Dispatched(text=text) | SentAgain(text=text):
            return text
    return None


def _answered(item: Item, system: str) -> TextRef | None:
    """What the reporter is told, where the police are the reporting side and pass it on."""
    match item.fact:
        case ReporterAnswered(text=text) if _theirs(item, system):
            return text
    return None


def _theirs(item: Item, system: str) -> bool:
    return item.card.source is not None and item.card.source.system == system


def _answer(item: Item) -> dict[str, Any]:
    match item.fact:
        case FilingRefused(reason=reason):
            return {"accepted": False, "reason": reason, "number": None}
    return {"accepted": True, "reason": None, "number": item.card.number}


def _news(item: Item) -> dict[str, Any]:
    """That something has happened, who said so, and how the case stands."""
    name = type(item.fact).__name__ if item.fact is not None else None
    return {"fact": name, "by": _speaker(item), **_standing(item.card)}


def _speaker(item: Item) -> str | None:
    return item.meta.actor.org if item.meta is not None else None


def _standing(card: Card) -> dict[str, Any]:
    parties = [{"org": one.org, "role": one.role, "status": one.status} for one in card.parties]
    return {"number": card.number, "stage": card.stage, "lead": card.lead, "parties": parties, "due_at": card.due_at}


def _card(card: Card) -> dict[str, Any]:
    """The case as it stands, without a word of anybody. `division` is exchanged for police codes at delivery."""
    category, place = card.category, card.place
    found: dict[str, Any] = _standing(card) | {"restricted": card.restricted, "condition": card.condition}
    if category is not None:
        found["category"] = {"scheme": category.scheme, "version": category.version, "code": category.code}
    if place is not None:
        found |= {"division": place.division, "grid": place.grid, "place": place.address}
        if place.position is not None:
            found["position"] = {"longitude": place.position.longitude, "latitude": place.position.latitude}
    return found
