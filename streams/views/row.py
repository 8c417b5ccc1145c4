"""A case as people look at it: the fold of its facts into one row. Pure.

Promise: `evolve` folds any sequence of facts that casework wrote, never raises, and gives the same row however the
facts were batched. Facts that are about other subjects change nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas import events
from schemas.events import Acknowledged, FactMeta, HandedBack
from streams.core.authority import Stage
from streams.core.case import EVOLVE as CASEWORK
from streams.core.case import Case
from streams.core.clocks import evolve as evolve_clocks
from streams.views.more import NO_MORE, More, WordRow
from streams.views.rooms import matters, parties, reviews, steps, work
from streams.views.shape import NEW, CaseRow, PartyRow
from streams.views.standing import leading, parties_as_they_stand

__all__ = ["CASEWORK", "EVOLVE", "NEW", "CaseRow", "PartyRow", "evolve"]

_ROOMS = steps.EVOLVE | parties.EVOLVE | matters.EVOLVE | work.EVOLVE | reviews.EVOLVE
STAGES = {stage: stage.value for stage in Stage}
STATUS_ONLY = frozenset({Acknowledged, HandedBack})
"""The commonest facts by which nobody else leads."""
EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = (
    dict.fromkeys(events.FACTS.values(), steps.unchanged) | _ROOMS
)


def evolve(row: CaseRow, meta: FactMeta, fact: Any) -> CaseRow:
    """The row after one more fact."""
    cls, before = type(fact), row.case
    case = _as_casework(cls, before, meta, fact)
    row = EVOLVE[cls](row, meta, fact)
    stage, handed_back = row.stage, row.handed_back_at
    if case.stage is not before.stage:
        stage = STAGES[case.stage]
        if case.stage is Stage.HANDED_BACK:
            handed_back = meta.occurred_at
    parties, lead = row.parties, row.lead
    if case.parties is not before.parties:
        parties = parties_as_they_stand(parties, case.parties, meta)
        lead = leading(case.parties) if cls not in STATUS_ONLY else lead
    row = replace(
        row,
        seq=meta.seq,
        last_recorded_at=meta.recorded_at,
        case=case,
        stage=stage,
        handed_back_at=handed_back,
        parties=parties,
        lead=lead,
    )
    if meta.irregular:
        row = replace(row, irregular=tuple(dict.fromkeys(row.irregular + meta.irregular)))
    status = getattr(fact, "upstream_status", None)
    return row if status is None else _with_status(row, meta, status)


def _as_casework(cls: type, case: Case, meta: FactMeta, fact: Any) -> Case:
    """The case as casework decides by it, without the claims that it has decided."""
    if cls not in CASEWORK:
        return case
    case = CASEWORK[cls](case, meta, fact)
    marked = evolve_clocks(case.clocks, meta, fact)
    return case if marked is case.clocks else replace(case, clocks=marked)


def _with_status(row: CaseRow, meta: FactMeta, status: str) -> CaseRow:
    """A source's own word: of the system that opened the case, or of another one."""
    if meta.source.system == row.system:
        return replace(row, upstream_status=status)
    return replace(row, more=_with_word(row.more, meta, status))


def _with_word(more: More | None, meta: FactMeta, status: str) -> More:
    """Another system's own word; the latest of each system is kept."""
    more = more or NO_MORE
    system = meta.source.system
    others = [w for w in more.words if w.system != system]
    return replace(more, words=(*others, WordRow(meta.seq, meta.occurred_at, system, meta.actor.org, status)))
