"""Orders become claims, facts become answers: pure, and the same for the same."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from connectors.contract import Card, Department, Draft, Item, NumberRef, Personal, Step
from connectors.orders.orders import Order
from schemas import ids
from schemas.events import (
    Actor,
    Amend,
    Category,
    ClaimMeta,
    Closed,
    Dispatched,
    Filed,
    FilingRefused,
    HandedBack,
    Place,
    Report,
    ReporterAnswered,
    Source,
    Subject,
    SubjectKind,
    Supplement,
    TextRef,
    Transferred,
    Voided,
)

INLET = "12345"
ALIAS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""How aliases of personal numbers look; no hotline numbers its orders so."""
CHANGED = "upstream-changed"
"""Why an order is amended: the hotline has changed it."""


class Told(NamedTuple):
    """What was told of an order last, and how often it has changed."""

    open: str
    words: str
    changes: int = 0


class Seen(NamedTuple):
    """An order as it is to be told: `number` as claims carry it, `open` and `words` tell its two parts apart from any
    others; `before` is what was told last, None when the order is new."""

    order: Order
    number: str
    open: str
    words: str
    before: Told | None

    @property
    def changed(self) -> bool:
        """Whether it differs from what was told last."""
        return self.before is None or self.before[:2] != (self.open, self.words)

    @property
    def now(self) -> Told:
        """What has been told once this is."""
        if self.before is None:
            return Told(self.open, self.words)
        return Told(self.open, self.words, self.before.changes + self.changed)


def drafts(seen: Seen, department: Department, system: str) -> list[Draft]:
    """The claim of an order: a report when it is new, one correction when something of it has changed."""
    order = seen.order
    category, place = Category(*order.category), Place(order.division, None, order.place)
    if seen.before is None:
        body: Any = Report(category, place, INLET)
        return [_draft(seen, department, system, body, "report", "1", Personal(order.words or None, (), order.caller))]
    if not seen.changed:
        return []
    words = "\n".join(part for part in (order.words, order.caller) if part)
    personal = Personal(words) if words and seen.before.words != seen.words else Personal()
    body = Amend(CHANGED, category, place) if seen.before.open != seen.open else Supplement()
    occurrence = str(seen.now.changes)
    return [_draft(seen, department, system, body, "change", occurrence, personal)]


def _draft(
    seen: Seen, department: Department, system: str, body: Any, action: str, occurrence: str, personal: Personal
) -> Draft:
    meta = ClaimMeta(
        ids.claim_id(system, seen.number, action, occurrence),
        Subject(SubjectKind.CASE, ids.case_id(system, seen.number)),
        seen.order.at,
        Actor(department.org, department.role),
        Source(system, seen.number),
    )
    return Draft(meta, body, personal)


# ------------------------------------------------------------ answers

ANSWERED = (Filed, FilingRefused, Dispatched, Transferred, HandedBack, ReporterAnswered, Closed, Voided)
"""What the hotline hears of."""


def steps(item: Item, system: str) -> list[Step]:
    """The row that goes back for a fact about an order of theirs, or about one that they are party of."""
    if item.subject.kind != "case" or not isinstance(item.fact, ANSWERED) or item.meta is None:
        return []
    card = item.card
    row: dict[str, Any] = {
        "number": _number(card, system),
        "hub_number": card.number,
        "status": card.stage,
        "org": card.lead,
        "at": item.meta.occurred_at,
        "due": card.due_at,
        "text": _words(item.fact),
    }
    return [Step(f"answer-{item.seq}", row)]


def _number(card: Card, system: str) -> NumberRef | str | None:
    """Their own number, where the order was theirs; an alias of one is opened at delivery."""
    source = card.source
    if source is None or source.system != system:
        return None
    return NumberRef(source.number) if ALIAS.fullmatch(source.number) else source.number


def _words(fact: Any) -> TextRef | None:
    """What is meant for the caller; what parties tell each other is not."""
    match fact:
        case ReporterAnswered(text=text):
            return text
    return None
