"""From an item of the feed to the notices that it leads to, and to those that nobody needs any more. Pure.

A notice that waits for an answer is a ladder: its first rung is told at once, each further one at its minute unless the
department has answered, or the case is over, before.
"""

from __future__ import annotations

from datetime import timedelta, tzinfo
from itertools import pairwise
from typing import Any

from connectors.contract import CallOff, Card, Item, Step
from connectors.notices.duty import EPOCH
from connectors.notices.settings import Notice, Notices

ANSWER = "answer"
OVER = frozenset({"Closed", "Voided", "FilingRefused", "ReportWithdrawn", "Absorbed", "SelfHandled"})
"""Facts after which nobody need come any more."""
MINUTE = 60_000_000
APART = 0.5
"""Nobody is told sooner than this part of his minutes after the one before, who may have been told late himself."""


def steps(config: Notices, org: str, zone: tzinfo, item: Item) -> list[Step | CallOff]:
    """Each notice once: where the same clock is told of again, the step has the same name, and is there already."""
    led = [notice for notice in config.notices if item.reason == "fact" and _leads(notice, org, item.fact)]
    rungs = [step for notice in led for step in _ladder(notice, item, zone)]
    return [CallOff(ANSWER), *rungs] if _answers(config, org, item) else [*rungs]


def text(notice: Notice, card: Card, zone: tzinfo, fact: Any) -> str:
    """The words of a notice: the case's number, where, what and until when; a dash for what nobody knows."""
    place, due = card.place, getattr(fact, "due_at", None) or card.due_at
    return notice.text.format(
        number=card.number or "-",
        place=(place and (place.address or place.grid or place.division)) or "-",
        what=card.category.code if card.category else "-",
        due="-" if due is None else (EPOCH + timedelta(microseconds=due)).astimezone(zone).strftime("%m-%d %H:%M"),
    )


def _ladder(notice: Notice, item: Item, zone: tzinfo) -> list[Step]:
    name, words = _name(notice, item), text(notice, item.card, zone, item.fact)
    unless, top = (ANSWER if notice.answer_minutes else None), len(notice.answer_minutes)
    first = {"text": words, "notice": name, "rung": 0, "last": False, "apart_seconds": 0.0}
    steps = [Step(name, first, None, unless)]
    for rung, (before, minutes) in enumerate(pairwise((0.0, *notice.answer_minutes)), 1):
        body = first | {"rung": rung, "last": rung == top, "apart_seconds": 60 * (minutes - before) * APART}
        at = item.recorded_at + round(minutes * MINUTE)
        steps.append(Step(f"{name}-unanswered-{rung}", body, at, unless))
    return steps


def _answers(config: Notices, org: str, item: Item) -> bool:
    name = type(item.fact).__name__
    return item.reason == "gone" or name in OVER or (name in config.answers and _names(item.fact, org))


def _leads(notice: Notice, org: str, fact: Any) -> bool:
    if type(fact).__name__ not in notice.facts:
        return False
    if notice.clocks and getattr(fact, "clock", None) not in notice.clocks:
        return False
    return not notice.ours or _names(fact, org)


def _names(fact: Any, org: str) -> bool:
    if org in (getattr(fact, "party", None), getattr(fact, "to", None), getattr(fact, "org", None)):
        return True
    listed = (*getattr(fact, "orgs", ()), *getattr(fact, "parties", ()))
    return any(org in (one, getattr(one, "org", None)) for one in listed)


def _name(notice: Notice, item: Item) -> str:
    fact: Any = item.fact
    if getattr(fact, "clock", None) is None:
        return f"{notice.name}-{item.seq}"
    return f"{notice.name}-{type(fact).__name__}-{fact.clock}-{fact.party or ''}-{fact.due_at}"
