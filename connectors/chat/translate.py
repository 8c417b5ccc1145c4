"""Messages as claims, and items of the feed as what a group is told. Pure.

Promise: what a person wrote, and who it was, stands in the part of a draft that goes to the vault. A group is told
about its own reports only, and nothing of a case that is restricted or gone; what was answered to the reporter by
another way than the chat stays there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from msgspec.structs import asdict

from connectors.chat.message import More, Told, fingerprint, group_of, number
from connectors.chat.settings import Chat, Telling
from connectors.contract import Department, Draft, Item, Personal, Step
from connectors.intake.translate import Shown, shown
from schemas import ids
from schemas.events import (
    Actor,
    Category,
    ClaimMeta,
    FileRef,
    Grid,
    Place,
    Position,
    Report,
    ReporterAnswered,
    Source,
    Subject,
    SubjectKind,
    Supplement,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Saying(NamedTuple):
    """What is said into a group: a template, what stands in its gaps, and whether it answers the reporter."""

    group: str
    number: str
    text: str
    answers: bool
    opened_at: int | None


# ------------------------------------------------------------ from the group


def report(
    config: Chat, mine: Department, told: Told, grid: Grid, position: Position | None, photos: tuple[FileRef, ...]
) -> Draft:
    """The claim of a message with place and photo: its place is the grid of the group."""
    source = Source(config.system, number(config.system, told))
    place = Place(division=grid.division, grid=grid.code, position=position)
    body = Report(category(config, told.text), place, "chat", evidence=photos)
    claim = ids.claim_id(source.system, source.number, "report", "1")
    subject = Subject(SubjectKind.CASE, ids.case_id(source.system, source.number))
    meta = ClaimMeta(claim, subject, told.occurred_at, Actor(mine.org, mine.role), source)
    return Draft(meta, body, Personal(_words(told), person=_contact(told)), fingerprint(told))


def supplement(config: Chat, mine: Department, told: Told, more: More, of: str, photos: tuple[FileRef, ...]) -> Draft:
    """The claim of more about the report with the number `of`."""
    claim = ids.claim_id(config.system, of, "supplement", number(config.system, told))
    subject = Subject(SubjectKind.CASE, ids.case_id(config.system, of))
    source = Source(config.system, of)
    meta = ClaimMeta(claim, subject, told.occurred_at, Actor(mine.org, mine.role), source)
    return Draft(meta, Supplement(evidence=photos), Personal(more.text or None), fingerprint(told))


def category(config: Chat, text: str) -> Category:
    """What a message is about: the first keyword in it says so."""
    usual = config.category
    code = next((one.code for one in config.keywords if one.word in text), usual.code)
    return Category(usual.scheme, usual.version, code)


def _words(told: Told) -> str | None:
    address = told.place.address if told.place else None
    return "\n".join(line for line in (told.text.strip(), f"地点：{address}" if address else "") if line) or None


def _contact(told: Told) -> str:
    """How to reach the person; the same words are the same person."""
    sender = told.sender
    given = (("name", sender.name), ("phone", sender.phone), ("account", sender.id))
    return "\n".join(f"{name}: {value}" for name, value in given if value)


# ------------------------------------------------------------ into the group


def steps(config: Chat, zone: tzinfo, item: Item) -> list[Step]:
    """One step for each item of a case of ours: how it stands now, and what its group is told, if anything."""
    source = item.card.source
    ours = item.reason == "gone" or (source is not None and source.system == config.system)
    if item.subject.kind != SubjectKind.CASE or not ours:
        return []
    body: dict[str, Any] = {"shown": asdict(shown(item)), "telling": _telling(config, zone, item)}
    return [Step(f"{item.reason}-{item.seq}", body)]


def _telling(config: Chat, zone: tzinfo, item: Item) -> dict[str, Any] | None:
    now, fact, source = shown(item), item.fact, item.card.source
    row = None if now.hidden or fact is None else _row(config, fact)
    if row is None or source is None:
        return None
    reason = getattr(fact, "reason", None) or ""
    values = {**gaps(config, zone, source.number, now), "reason": config.reasons.get(reason, reason)}
    return {
        "group": group_of(source.number),
        "number": source.number,
        "says": row.says,
        "values": values,
        "text": getattr(fact, "text", None) if "{text}" in row.says else None,
        "answers": isinstance(fact, ReporterAnswered),
        "opened_at": item.card.opened_at,
    }


def _row(config: Chat, fact: Any) -> Telling | None:
    if isinstance(fact, ReporterAnswered) and fact.channel != config.channel:
        return None
    name, reason = type(fact).__name__, getattr(fact, "reason", None)
    return next((row for row in config.tellings if name in row.facts and row.reason in (None, reason)), None)


def gaps(config: Chat, zone: tzinfo, named: str, now: Shown) -> dict[str, str]:
    """What stands in the gaps of a template about the report with a number."""
    nobody = config.replies.nobody
    due = None if now.due_at is None else (EPOCH + timedelta(microseconds=now.due_at)).astimezone(zone)
    return {
        "number": named,
        "case": now.number or nobody,
        "stage": config.stages.get(now.stage, now.stage),
        "lead": config.organisations.get(now.lead, now.lead) if now.lead else nobody,
        "due": f"{due:%Y-%m-%d %H:%M}" if due else nobody,
    }


def saying(telling: Mapping[str, Any]) -> Saying:
    """What is said, of the opened body of a step; a text that has been erased is left out."""
    text = telling["says"].format(**telling["values"], text=telling["text"] or "")
    return Saying(telling["group"], telling["number"], text, telling["answers"], telling["opened_at"])
