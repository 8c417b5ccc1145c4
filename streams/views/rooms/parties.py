"""Who works on the case: whistle, summons, report-in, and what is kept of changes beside their status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Adjudicated,
    AdjudicationCalled,
    DispatchProposed,
    Escalated,
    FactMeta,
    HandedOver,
    HandOverAnswered,
    HandOverJustified,
    LeadAppointed,
    PartiesAdded,
    PartyReleased,
    ReportedIn,
    Returned,
    Summoned,
    Supervised,
    Transferred,
    Urged,
    Whistled,
)
from streams.views.more import NO_MORE, HandOverRow, More, ReturnRow, SummonRow, WhistleRow
from streams.views.shape import Bearing, CaseRow, with_more

MINUTE = 60_000_000


def bears(row: CaseRow, meta: FactMeta) -> Bearing:
    """The three-cross rule goes by this fact, too."""
    return replace(row.bearing, seq=meta.seq, at=meta.occurred_at, reference=meta.versions.reference)


def _more(row: CaseRow) -> More:
    return row.more or NO_MORE


def _whistled(row: CaseRow, meta: FactMeta, fact: Whistled) -> CaseRow:
    blown = WhistleRow(meta.seq, meta.occurred_at, meta.actor.org, fact.need, fact.targets)
    row = replace(row, bearing=bears(row, meta))
    return with_more(row, whistles=(*_more(row).whistles, blown))


def _summoned(row: CaseRow, meta: FactMeta, fact: Summoned) -> CaseRow:
    due = meta.occurred_at + fact.minutes * MINUTE if fact.minutes is not None else None
    called = {s.org: s for s in _more(row).summons}
    called |= {org: SummonRow(meta.seq, meta.occurred_at, org, due) for org in fact.orgs}
    return with_more(row, summons=tuple(called.values()))


def _reported_in(row: CaseRow, meta: FactMeta, fact: ReportedIn) -> CaseRow:
    called = {s.org: s for s in _more(row).summons}
    mine = called.get(fact.party) or SummonRow(meta.seq, meta.occurred_at, fact.party, called=False)
    called[fact.party] = replace(mine, reported_in_at=meta.occurred_at, reported_in_seq=meta.seq)
    return with_more(row, summons=tuple(called.values()))


def _changed(row: CaseRow, meta: FactMeta, _fact: Any) -> CaseRow:
    """Who works has changed."""
    return replace(row, dispatched_at=row.dispatched_at or meta.occurred_at, bearing=bears(row, meta))


def _returned(row: CaseRow, meta: FactMeta, fact: Returned) -> CaseRow:
    back = ReturnRow(meta.seq, meta.occurred_at, fact.party, fact.reason)
    return with_more(row, returns=(*_more(row).returns, back))


def _adjudication_called(row: CaseRow, meta: FactMeta, _fact: AdjudicationCalled) -> CaseRow:
    return with_more(row, adjudication_called_at=meta.occurred_at)


def _adjudicated(row: CaseRow, meta: FactMeta, fact: Adjudicated) -> CaseRow:
    return with_more(_changed(row, meta, fact), adjudicated_at=meta.occurred_at)


def _handed_over(row: CaseRow, meta: FactMeta, fact: HandedOver) -> CaseRow:
    over = HandOverRow(meta.seq, meta.occurred_at, fact.service, fact.org)
    return with_more(_changed(row, meta, fact), hand_overs=(*_more(row).hand_overs, over))


def _answered(row: CaseRow, meta: FactMeta, fact: HandOverAnswered) -> CaseRow:
    answered = [
        replace(h, accepted=fact.accepted, reference=fact.reference) if h.org == fact.org and h.accepted is None else h
        for h in _more(row).hand_overs
    ]
    return with_more(replace(row, bearing=bears(row, meta)), hand_overs=tuple(answered))


def _justified(row: CaseRow, meta: FactMeta, _fact: HandOverJustified) -> CaseRow:
    return with_more(
        row,
        hand_overs=tuple(
            replace(h, justified_at=meta.occurred_at) if h.justified_at is None else h for h in _more(row).hand_overs
        ),
    )


def _proposed(row: CaseRow, _meta: FactMeta, fact: DispatchProposed) -> CaseRow:
    return with_more(row, level=fact.level, proposed=tuple(f"{a.role} {a.org}" for a in fact.parties))


def _escalated(row: CaseRow, _meta: FactMeta, fact: Escalated) -> CaseRow:
    return with_more(row, level=fact.level, level_org=fact.org)


def _supervised(row: CaseRow, _meta: FactMeta, fact: Supervised) -> CaseRow:
    return with_more(row, supervision=fact.level)


def _urged(row: CaseRow, _meta: FactMeta, _fact: Urged) -> CaseRow:
    return with_more(row, urged=_more(row).urged + 1)


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    Whistled: _whistled,
    Summoned: _summoned,
    ReportedIn: _reported_in,
    LeadAppointed: _changed,
    PartiesAdded: _changed,
    PartyReleased: _changed,
    Transferred: _changed,
    Returned: _returned,
    AdjudicationCalled: _adjudication_called,
    Adjudicated: _adjudicated,
    HandedOver: _handed_over,
    HandOverAnswered: _answered,
    HandOverJustified: _justified,
    DispatchProposed: _proposed,
    Escalated: _escalated,
    Supervised: _supervised,
    Urged: _urged,
}
