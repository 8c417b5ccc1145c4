"""Work and time: progress, deliberation, extensions, suspension, and clocks that spoke up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Deliberated,
    DueRecomputed,
    ExtensionApproved,
    ExtensionAsked,
    ExtensionGranted,
    ExtensionRefused,
    FactMeta,
    Mediated,
    Progressed,
    RanOut,
    Referred,
    Resumed,
    RunOutWithdrawn,
    Suspended,
    VisitMissed,
    Warned,
)
from streams.views.more import NO_MORE, ClockRow, ExtensionRow, More, SuspensionRow, WorkRow
from streams.views.shape import CaseRow, with_more


def _more(row: CaseRow) -> More:
    return row.more or NO_MORE


def worked(row: CaseRow, meta: FactMeta, what: str, outcome: str | None = None) -> CaseRow:
    """A step that changes no stage; of each kind and organisation the latest is kept."""
    by = meta.actor.org
    others = [w for w in _more(row).work if (w.what, w.by) != (what, by)]
    return with_more(row, work=(*others, WorkRow(meta.seq, meta.occurred_at, what, by, outcome)))


def _progressed(row: CaseRow, meta: FactMeta, _fact: Progressed) -> CaseRow:
    return worked(row, meta, "progress")


def _agreed(agreed: bool) -> str:
    return "agreed" if agreed else "not agreed"


def _deliberated(row: CaseRow, meta: FactMeta, fact: Deliberated) -> CaseRow:
    return worked(row, meta, "deliberated", f"{_agreed(fact.agreed)}, {fact.participants} took part")


def _mediated(row: CaseRow, meta: FactMeta, fact: Mediated) -> CaseRow:
    return worked(row, meta, "mediated", _agreed(fact.agreed))


def _referred(row: CaseRow, meta: FactMeta, fact: Referred) -> CaseRow:
    return worked(row, meta, "referred", fact.to)


def _asked(row: CaseRow, meta: FactMeta, fact: ExtensionAsked) -> CaseRow:
    asked = ExtensionRow(meta.seq, meta.occurred_at, fact.party, fact.reason)
    return with_more(row, extensions=(*_more(row).extensions, asked))


def _pending(row: CaseRow, party: str, change: Callable[[ExtensionRow], ExtensionRow]) -> CaseRow:
    return with_more(
        row,
        extensions=tuple(change(e) if e.party == party and e.outcome == "asked" else e for e in _more(row).extensions),
    )


def _approved(row: CaseRow, _meta: FactMeta, fact: ExtensionApproved) -> CaseRow:
    return _pending(row, fact.party, lambda e: replace(e, approvals=e.approvals + 1))


def _granted(row: CaseRow, _meta: FactMeta, fact: ExtensionGranted) -> CaseRow:
    return _pending(row, fact.party, lambda e: replace(e, outcome="granted"))


def _refused(row: CaseRow, _meta: FactMeta, fact: ExtensionRefused) -> CaseRow:
    return _pending(row, fact.party, lambda e: replace(e, outcome="refused"))


def _suspended(row: CaseRow, meta: FactMeta, fact: Suspended) -> CaseRow:
    resting = SuspensionRow(meta.seq, meta.occurred_at, fact.reason, fact.until)
    return with_more(row, suspension=resting, suspended=_more(row).suspended + 1)


def _resumed(row: CaseRow, _meta: FactMeta, _fact: Resumed) -> CaseRow:
    return with_more(row, suspension=None)


def _spoke(
    row: CaseRow, meta: FactMeta, fact: Warned | RanOut | RunOutWithdrawn | DueRecomputed, state: str
) -> CaseRow:
    others = [c for c in _more(row).clocks if (c.clock, c.party) != (fact.clock, fact.party)]
    spoke = ClockRow(meta.seq, meta.occurred_at, fact.clock, fact.party, fact.due_at, state)
    return with_more(row, clocks=(*others, spoke))


def _warned(row: CaseRow, meta: FactMeta, fact: Warned) -> CaseRow:
    return _spoke(row, meta, fact, "warned")


def _ran_out(row: CaseRow, meta: FactMeta, fact: RanOut) -> CaseRow:
    return _spoke(row, meta, fact, "ran out")


def _in_time_after_all(row: CaseRow, meta: FactMeta, fact: RunOutWithdrawn) -> CaseRow:
    return _spoke(row, meta, fact, "in time after all")


def _recomputed(row: CaseRow, meta: FactMeta, fact: DueRecomputed) -> CaseRow:
    return _spoke(row, meta, fact, "recomputed")


def _missed(row: CaseRow, meta: FactMeta, _fact: VisitMissed) -> CaseRow:
    return worked(row, meta, "visit missed")


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    Progressed: _progressed,
    Deliberated: _deliberated,
    Mediated: _mediated,
    Referred: _referred,
    ExtensionAsked: _asked,
    ExtensionApproved: _approved,
    ExtensionGranted: _granted,
    ExtensionRefused: _refused,
    Suspended: _suspended,
    Resumed: _resumed,
    Warned: _warned,
    RanOut: _ran_out,
    RunOutWithdrawn: _in_time_after_all,
    DueRecomputed: _recomputed,
    VisitMissed: _missed,
}
