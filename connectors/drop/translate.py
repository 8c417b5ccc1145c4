"""Items become steps, answers become drafts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from connectors.contract import BadMessage, Department, Draft, Item, LookUp, Message, Personal, Step
from schemas import ids
from schemas.events import (
    Acknowledge,
    Actor,
    ClaimMeta,
    HandBack,
    Progress,
    ReportIn,
    Return,
    Source,
    Subject,
)

WORDS: Final = {made.__name__: made for made in (Acknowledge, ReportIn, Progress, HandBack, Return)}
"""What an answer can say, by the name of its claim."""


def steps(item: Item) -> list[Step]:
    """One step for each item: what has happened, and the case as it stands then."""
    card = item.card
    body: dict[str, Any] = {
        "what": type(item.fact).__name__ if item.fact is not None else item.reason,
        "number": card.number,
        "stage": card.stage,
        "category": card.category.code if card.category else None,
        "address": card.place.address if card.place else None,
        "lead": card.lead,
        "parties": [party.org for party in card.parties],
        "due_at": card.due_at,
        "text": card.text,
    }
    return [Step(f"{item.reason}-{item.seq}", body)]


def drafts(message: Message, department: Department, words: Mapping[str, str], look_up: LookUp) -> list[Draft]:
    """The claim that an answer makes. Raises BadMessage."""
    said = message.content
    if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("number", "says", "at")):
        raise BadMessage(message.place, "an answer is an object with number, says and at", message.raw)
    made = WORDS.get(words.get(said["says"], said["says"]))
    subject = look_up(said["number"])
    if made is None:
        raise BadMessage(message.place, f"says must be one of {', '.join(sorted({*WORDS, *words}))}", message.raw)
    if subject is None:
        raise BadMessage(message.place, "its number is of no case that was sent here", message.raw)
    claim = ids.claim_id(department.name, said["number"], made.__name__, message.place)
    meta = ClaimMeta(
        claim_id=claim,
        subject=Subject(kind="case", id=subject),
        occurred_at=_moment(message, department),
        actor=Actor(org=department.org, role=department.role),
        source=Source(system=department.name, number=said["number"]),
        already_done=True,
    )
    text = said.get("text") if made is not Acknowledge else None
    return [Draft(meta, _claim(made, department.org, said), Personal(text=text or None))]


def _claim(made: type[Any], party: str, said: Mapping[str, Any]) -> Any:
    return Return(party, str(said.get("reason") or "unstated")) if made is Return else made(party=party)


def _moment(message: Message, department: Department) -> int:
    try:
        at = datetime.fromisoformat(message.content["at"])
    except ValueError:
        raise BadMessage(message.place, "at is no time like 2026-11-27T09:30:00", message.raw) from None
    at = at if at.tzinfo else at.replace(tzinfo=department.zone)
    return round(at.timestamp() * 1_000_000)
