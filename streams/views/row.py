"""A case as people look at it: the fold of its facts into one row. Pure.

Promise: `evolve` folds any sequence of facts that casework wrote, never raises, and gives the same row however the
facts were batched. Facts that are about other subjects change nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas import events
from schemas.events import FactMeta
from streams.core.case import EVOLVE as _CASEWORK
from streams.views.more import NO_MORE, More, WordRow
from streams.views.rooms import matters, parties, reviews, steps, work
from streams.views.shape import NEW, CaseRow, PartyRow

__all__ = ["EVOLVE", "NEW", "CaseRow", "PartyRow", "evolve"]

_ROOMS = steps.EVOLVE | parties.EVOLVE | matters.EVOLVE | work.EVOLVE | reviews.EVOLVE
EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = (
    dict.fromkeys(events.FACTS.values(), steps.unchanged) | _ROOMS
)


def evolve(row: CaseRow, meta: FactMeta, fact: Any) -> CaseRow:
    """The row after one more fact."""
    cls = type(fact)
    case = _CASEWORK[cls](row.case, meta, fact) if cls in _CASEWORK else row.case
    row = EVOLVE[cls](row, meta, fact)
    irregular, said, more = row.irregular, row.upstream_status, row.more
    if meta.irregular:
        irregular = tuple(dict.fromkeys(irregular + meta.irregular))
    status = getattr(fact, "upstream_status", None)
    if status is not None:
        if meta.source.system == row.system:
            said = status
        else:
            more = _with_word(more, meta, status)
    return replace(
        row,
        seq=meta.seq,
        last_recorded_at=meta.recorded_at,
        irregular=irregular,
        upstream_status=said,
        more=more,
        case=case,
    )


def _with_word(more: More | None, meta: FactMeta, status: str) -> More:
    """Another system's own word; the latest of each system is kept."""
    more = more or NO_MORE
    system = meta.source.system
    others = [w for w in more.words if w.system != system]
    return replace(more, words=(*others, WordRow(meta.seq, meta.occurred_at, system, meta.actor.org, status)))
