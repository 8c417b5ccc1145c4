"""The log of each worker: what somebody did in person, told to the worker's own subject.

Promise: one line for each fact that a worker brought about in person, none for residents and systems.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas import ids
from schemas.events import (
    Audited,
    Checked,
    Deliberated,
    FactMeta,
    LeadVerified,
    LogWork,
    Mediated,
    Reported,
    SelfHandled,
    TargetVisited,
    Visited,
    WorkKind,
    WorkKindSymbol,
)
from streams.links.known import Known
from streams.links.saying import Said, cause, say

NOT_AT_WORK = frozenset(("reporter", "source", "links", "clocks"))
"""Roles of residents and systems."""

KINDS: dict[type, WorkKindSymbol] = {
    Reported: WorkKind.REPORT,
    Checked: WorkKind.CHECK,
    LeadVerified: WorkKind.CHECK,
    Audited: WorkKind.CHECK,
    SelfHandled: WorkKind.SELF_HANDLE,
    Deliberated: WorkKind.DELIBERATION,
    Mediated: WorkKind.DELIBERATION,
    TargetVisited: WorkKind.VISIT,
}


def claims(known: Known, meta: FactMeta, fact: Any) -> Iterator[Said]:
    """The line that a fact makes in the log of whoever brought it about."""
    kind = fact.kind if type(fact) is Visited else KINDS.get(type(fact))
    person = meta.actor.person
    if kind is None or person is None or meta.actor.role in NOT_AT_WORK:
        return
    about = meta.subject.id if meta.subject.kind in ("case", "household") else None
    grid = known.case(meta.subject.id).grid if meta.subject.kind == "case" else None
    worker = ids.subject_id("worker", "person", person)
    yield say(cause(meta), "worker", worker, LogWork(kind, grid, about, meta.fact_id))
