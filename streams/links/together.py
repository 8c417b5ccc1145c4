"""Groups: who joins and leaves, what was solved together, when nothing is left.

Promise: who joined belongs to the group, whichever of the two links came to know first. A party that has solved a group
hands back in each member that has not ended; each member is still checked. A group that was solved is told to close
once, when its last member has ended, whichever links came to know last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    AddMember,
    CloseGroup,
    FactMeta,
    GroupJoined,
    GroupLeft,
    GroupOpened,
    GroupSolved,
    HandBack,
    MemberAdded,
    MemberRemoved,
    RemoveMember,
)
from streams.links.known import Join, Known
from streams.links.learning import ENDING
from streams.links.saying import Cause, Said, cause, say


def claims(known: Known, meta: FactMeta, fact: Any) -> Iterator[Said]:
    """What a fact of a case means for its groups, and one of a group for its members; `known` has taken it in."""
    subject = meta.subject.id
    match fact:
        case GroupJoined():
            yield from _joined(known, meta, fact)
        case GroupLeft():
            yield from _left(known, meta, fact)
        case GroupOpened():
            for join in known.joined_to(subject):
                yield from _added(known, join)
        case GroupSolved():
            yield from _solved(known, meta, fact)
            yield from _all_ended(known, subject)
        case MemberAdded() | MemberRemoved():
            yield from _all_ended(known, subject)
        case _ if type(fact) in ENDING:
            for group in known.case(subject).groups:
                yield from _all_ended(known, group)


def _joined(known: Known, meta: FactMeta, fact: GroupJoined) -> Iterator[Said]:
    join = Join(fact.group, meta.subject.id, meta.fact_id, meta.occurred_at)
    known.put("joins", (join.group, join.case), join)
    yield from _added(known, join)


def _left(known: Known, meta: FactMeta, fact: GroupLeft) -> Iterator[Said]:
    before = known.joins.get((fact.group, meta.subject.id))
    if before is not None:
        known.put("joins", (fact.group, meta.subject.id), replace(before, left=True))
    if known.group(fact.group).opened:
        yield say(cause(meta), "group", fact.group, RemoveMember(meta.subject.id, fact.reason))


def _added(known: Known, join: Join) -> Iterator[Said]:
    """A case that joins before the group is open is told to it when it opens."""
    if known.group(join.group).opened:
        yield say(Cause(join.fact_id, join.at), "group", join.group, AddMember(join.case), occurrence=join.fact_id)


def _solved(known: Known, meta: FactMeta, fact: GroupSolved) -> Iterator[Said]:
    for member in known.group(meta.subject.id).members:
        if known.case(member).ended_at is None:
            yield say(cause(meta), "case", member, HandBack(fact.party, fact.text, fact.evidence), org=fact.party)


def _all_ended(known: Known, group_id: str) -> Iterator[Said]:
    group = known.group(group_id)
    if group.solved_by is None or group.closed or group.closing or not group.members:
        return
    ends = [known.case(member).ended_at for member in group.members]
    if any(end is None for end in ends):
        return
    known.put("groups", group_id, replace(group, closing=True))
    at = max(group.solved_at, *(end for end in ends if end is not None))
    yield say(Cause(group.solved_by, at), "group", group_id, CloseGroup("all-ended"), occurrence=f"ended:{at}")
