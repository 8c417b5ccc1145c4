"""A group, worker, household or account as its facts have left it, in words for people and programs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ops.replay import Told
from schemas.events import PointsEarned, PointsRedeemed, PointsRevoked, WorkLogged
from streams.core import subjects
from streams.core.accounts import Account
from streams.core.groups import Group
from streams.core.households import Household
from streams.core.visits import Planned
from streams.core.workers import Worker

Document = dict[str, Any]


def document(facts: Sequence[Told], zone: str) -> Document:
    """What the facts of one subject amount to; moments are in ISO 8601 of the zone, days are the zone's."""
    state = subjects.new(facts[0].meta.subject.kind)
    for told in facts:
        state = subjects.evolve(state, told.meta, told.fact)
    local = ZoneInfo(zone)
    head = {"stage": str(state.stage), "facts": state.seq, "refused": sum(told.refused for told in facts)}
    match state:
        case Group():
            return head | _group(state)
        case Worker():
            return head | _worker(state, facts, local)
        case Household():
            return head | _household(state, local)
        case Account():
            return head | _account(state, facts, local)
    return head


def _moment(at: int | None, zone: ZoneInfo) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1e6, UTC).astimezone(zone).isoformat()


def _group(group: Group) -> Document:
    targets = [
        {"code": t.code, "team": t.team, "visits": t.visits, "outcome": t.outcome or None, "findings": t.findings}
        for t in group.targets
    ]
    together = {"members": list(group.members), "solved_by": list(group.solved_by)}
    campaign = {"teams": [code for code, _ in group.teams], "targets": targets, "findings": group.findings}
    done = {"done": list(group.done), "left": list(group.left)}
    said = {"purpose": group.purpose, "org": group.org}
    return said | (together if group.purpose == "together" else campaign | done)


def _worker(worker: Worker, facts: Sequence[Told], zone: ZoneInfo) -> Document:
    log = [(told.meta.occurred_at, told.fact) for told in facts if type(told.fact) is WorkLogged]
    days: dict[str, Counter[str]] = {}
    for at, fact in log:
        day = datetime.fromtimestamp(at / 1e6, zone).date().isoformat()
        days.setdefault(day, Counter())[fact.kind] += 1
    entries = [{"at": _moment(at, zone), "kind": f.kind, "grid": f.grid, "about": f.about} for at, f in log]
    return {"totals": dict(worker.totals), "days": {day: dict(days[day]) for day in sorted(days)}, "log": entries}


def _household(home: Household, zone: ZoneInfo) -> Document:
    def planned(visits: tuple[Planned, ...]) -> list[Document]:
        return [{"due_at": _moment(visit.due_at, zone), "worker": visit.worker} for visit in visits]

    steps = [
        {"code": s.code, "owner": s.owner, "due_at": _moment(s.due_at, zone), "done_at": _moment(s.done_at, zone)}
        for s in home.steps
    ]
    visits: Document = {"paid": home.visits.paid, "made": home.visits.made, "overdue": home.visits.overdue}
    visits |= {"ahead": planned(home.visits.ahead), "missed": planned(home.visits.missed)}
    plan = {"owner": home.owner or None, "review_at": _moment(home.review_at, zone), "steps": steps}
    return plan | {"visits": visits}


def _account(account: Account, facts: Sequence[Told], zone: ZoneInfo) -> Document:
    signs = {PointsEarned: 1, PointsRedeemed: -1, PointsRevoked: -1}
    movements = [
        {
            "at": _moment(told.meta.occurred_at, zone),
            "what": type(told.fact).__name__,
            "item": getattr(told.fact, "item", None),
            "points": signs[type(told.fact)] * told.fact.points,
            "balance": told.fact.balance,
        }
        for told in facts
        if type(told.fact) in signs
    ]
    head = {"holder": account.holder, "bank": account.bank, "balance": account.balance}
    return head | {"movements": movements}
