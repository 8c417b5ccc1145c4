"""How facts change what links knows of cases and groups. Pure folds, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    AccountOpened,
    Amended,
    Category,
    Closed,
    ClosingKind,
    Divided,
    FactMeta,
    FilingRefused,
    GroupClosed,
    GroupJoined,
    GroupLeft,
    GroupOpened,
    GroupSolved,
    MemberAdded,
    MemberRemoved,
    Merged,
    Place,
    Reopened,
    Reported,
    ReportWithdrawn,
    Restricted,
    Voided,
)
from streams.links.known import Known, KnownAccount, KnownCase, KnownGroup
from streams.links.near import Point, on_earth

DAY = 86_400_000_000
"""Microseconds."""
VERIFIED = (ClosingKind.CHECKED, ClosingKind.SELF_HANDLED)


def learn(known: Known, meta: FactMeta, fact: Any) -> bool:
    """Takes a fact in; False when it was taken in before (the fold rule)."""
    subject, kind = meta.subject.id, type(fact)
    if meta.subject.kind == "case":
        case = known.case(subject)
        if meta.seq <= case.seq:
            return False
        evolve = _CASE.get(kind)
        known.put("cases", subject, replace(evolve(case, meta, fact) if evolve else case, seq=meta.seq))
    elif meta.subject.kind == "group":
        group = known.group(subject)
        if meta.seq <= group.seq:
            return False
        grow = _GROUP.get(kind)
        known.put("groups", subject, replace(grow(group, meta, fact) if grow else group, seq=meta.seq))
    elif kind is AccountOpened:
        known.put("accounts", subject, KnownAccount(subject, fact.holder, fact.bank, meta.occurred_at))
    return True


# ------------------------------------------------------------ cases


def category(said: Category) -> str:
    """A category as one word: the same matter under another version of its list is the same."""
    return f"{said.scheme}/{said.code}"


def _point(place: Place) -> Point | None:
    if place.position is None:
        return None
    point = (place.position.longitude, place.position.latitude)
    return point if on_earth(point) else None


def _reported(case: KnownCase, meta: FactMeta, fact: Reported) -> KnownCase:
    return replace(
        _described(case, meta, fact.category, fact.place),
        reported_at=meta.occurred_at,
        recorded_at=meta.recorded_at,
        opened_by=meta.fact_id,
        history=meta.actor.role == "source" and meta.recorded_at - meta.occurred_at > DAY,
        org=meta.actor.org,
        reporter=fact.reporter,
        restricted=fact.restricted,
    )


def _described(case: KnownCase, meta: FactMeta, what: Category | None, where: Place | None) -> KnownCase:
    if what is not None:
        case = replace(case, category=category(what))
    if where is not None:
        case = replace(case, point=_point(where), division=where.division or "", grid=where.grid)
    return replace(case, described_by=meta.fact_id, described_at=meta.occurred_at)


def _amended(case: KnownCase, meta: FactMeta, fact: Amended) -> KnownCase:
    if fact.category is None and fact.place is None:
        return case
    return _described(case, meta, fact.category, fact.place)


def _ended(case: KnownCase, meta: FactMeta, _fact: Any) -> KnownCase:
    return replace(case, ended_at=meta.occurred_at)


def _closed(case: KnownCase, meta: FactMeta, fact: Closed) -> KnownCase:
    verified = meta.fact_id if fact.kind in VERIFIED else None
    return replace(case, ended_at=meta.occurred_at, verified_by=case.verified_by or verified)


def _reopened(case: KnownCase, _meta: FactMeta, _fact: Reopened) -> KnownCase:
    return replace(case, ended_at=None)


def _joined(case: KnownCase, _meta: FactMeta, fact: GroupJoined) -> KnownCase:
    return case if fact.group in case.groups else replace(case, groups=(*case.groups, fact.group))


def _left(case: KnownCase, _meta: FactMeta, fact: GroupLeft) -> KnownCase:
    return replace(case, groups=tuple(group for group in case.groups if group != fact.group))


def _divided(case: KnownCase, _meta: FactMeta, fact: Divided) -> KnownCase:
    return replace(case, parts=case.parts + len(fact.parts))


def _restricted(case: KnownCase, _meta: FactMeta, _fact: Restricted) -> KnownCase:
    return replace(case, restricted=True)


_CASE: dict[type, Callable[[KnownCase, FactMeta, Any], KnownCase]] = {
    Reported: _reported,
    Amended: _amended,
    Closed: _closed,
    FilingRefused: _ended,
    ReportWithdrawn: _ended,
    Voided: _ended,
    Merged: _ended,
    Reopened: _reopened,
    GroupJoined: _joined,
    GroupLeft: _left,
    Divided: _divided,
    Restricted: _restricted,
}
ENDING: frozenset[type] = frozenset((Closed, FilingRefused, ReportWithdrawn, Voided, Merged))
"""Facts after which a case is not open."""

# ------------------------------------------------------------ groups


def _opened(group: KnownGroup, _meta: FactMeta, fact: GroupOpened) -> KnownGroup:
    return replace(group, org=fact.org, opened=True)


def _member_added(group: KnownGroup, _meta: FactMeta, fact: MemberAdded) -> KnownGroup:
    return group if fact.case in group.members else replace(group, members=(*group.members, fact.case))


def _member_removed(group: KnownGroup, _meta: FactMeta, fact: MemberRemoved) -> KnownGroup:
    return replace(group, members=tuple(member for member in group.members if member != fact.case))


def _solved(group: KnownGroup, meta: FactMeta, _fact: GroupSolved) -> KnownGroup:
    return replace(group, solved_by=meta.fact_id, solved_at=meta.occurred_at, closing=False)


def _group_closed(group: KnownGroup, _meta: FactMeta, _fact: GroupClosed) -> KnownGroup:
    return replace(group, closed=True)


_GROUP: dict[type, Callable[[KnownGroup, FactMeta, Any], KnownGroup]] = {
    GroupOpened: _opened,
    MemberAdded: _member_added,
    MemberRemoved: _member_removed,
    GroupSolved: _solved,
    GroupClosed: _group_closed,
}
