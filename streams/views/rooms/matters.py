"""What the case is about and how it hangs together with others: amendments, links, duplicates, groups, restriction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Absorbed,
    Amended,
    Divided,
    DuplicateDismissed,
    DuplicateSuspected,
    FactMeta,
    GroupJoined,
    GroupLeft,
    LeadVerificationAsked,
    LeadVerified,
    Linked,
    Merged,
    ReferenceAnswered,
    ReferenceAsked,
    RegimeChanged,
    ReporterAnswered,
    ReportWithdrawn,
    Restricted,
    Unlinked,
    Voided,
)
from streams.views.more import NO_MORE, AmendmentRow, LinkRow, More, QuestionRow
from streams.views.rooms.parties import bears
from streams.views.rooms.steps import condition_text
from streams.views.rooms.work import worked
from streams.views.shape import CaseRow, with_more


def _more(row: CaseRow) -> More:
    return row.more or NO_MORE


def _amended(row: CaseRow, meta: FactMeta, fact: Amended) -> CaseRow:
    what = tuple(n for n in ("category", "place", "condition", "asset") if getattr(fact, n) is not None)
    row = with_more(
        row, amendments=(*_more(row).amendments, AmendmentRow(meta.seq, meta.occurred_at, fact.reason, what))
    )
    if fact.category:
        c = fact.category
        row = replace(row, category_scheme=c.scheme, category_version=c.version, category_code=c.code)
    if fact.condition:
        row = replace(row, condition=condition_text(fact.condition))
    if fact.asset:
        row = with_more(row, asset=fact.asset, asset_seq=meta.seq)
    if fact.place:
        row = _moved(row, meta, fact)
    return replace(row, bearing=bears(row, meta)) if fact.place or fact.asset else row


def _moved(row: CaseRow, meta: FactMeta, fact: Amended) -> CaseRow:
    place = fact.place
    assert place is not None
    position = place.position
    return replace(
        row,
        division=place.division,
        grid=place.grid,
        longitude=position.longitude if position else None,
        latitude=position.latitude if position else None,
        bearing=replace(row.bearing, place_seq=meta.seq),
    )


def _linked(row: CaseRow, meta: FactMeta, other: str, kind: str) -> CaseRow:
    """One entry for each other case and kind; what is known of a duplicate replaces what was suspected."""
    replaced = ("suspected", "dismissed") if kind == "dismissed" else (kind,)
    kept = [link for link in _more(row).links if link.other != other or link.kind not in replaced]
    return with_more(row, links=(*kept, LinkRow(meta.seq, meta.occurred_at, other, kind)))


def _link(row: CaseRow, meta: FactMeta, fact: Linked) -> CaseRow:
    return _linked(row, meta, fact.other, fact.kind)


def _unlinked(row: CaseRow, _meta: FactMeta, fact: Unlinked) -> CaseRow:
    cut = ("unknown", "related", "same_cause", "follow_up")
    return with_more(row, links=tuple(k for k in _more(row).links if k.other != fact.other or k.kind not in cut))


def _suspected(row: CaseRow, meta: FactMeta, fact: DuplicateSuspected) -> CaseRow:
    return _linked(row, meta, fact.other, "suspected")


def _dismissed(row: CaseRow, meta: FactMeta, fact: DuplicateDismissed) -> CaseRow:
    return _linked(row, meta, fact.other, "dismissed")


def _merged(row: CaseRow, meta: FactMeta, fact: Merged) -> CaseRow:
    return with_more(_linked(row, meta, fact.into, "merged"), ended_because=fact.reason)


def _absorbed(row: CaseRow, meta: FactMeta, fact: Absorbed) -> CaseRow:
    return _linked(row, meta, fact.other, "absorbed")


def _divided(row: CaseRow, meta: FactMeta, fact: Divided) -> CaseRow:
    return worked(row, meta, "divided", str(len(fact.parts)))


def _joined(row: CaseRow, _meta: FactMeta, fact: GroupJoined) -> CaseRow:
    return with_more(row, groups=tuple(dict.fromkeys((*_more(row).groups, fact.group))))


def _left(row: CaseRow, _meta: FactMeta, fact: GroupLeft) -> CaseRow:
    return with_more(row, groups=tuple(g for g in _more(row).groups if g != fact.group))


def _restricted(row: CaseRow, _meta: FactMeta, fact: Restricted) -> CaseRow:
    orgs = tuple(dict.fromkeys((*_more(row).visible_to, *fact.orgs)))
    return with_more(replace(row, restricted=True), visible_to=orgs, restriction=fact.reason)


def _withdrawn(row: CaseRow, _meta: FactMeta, fact: ReportWithdrawn) -> CaseRow:
    return with_more(row, ended_because=fact.reason)


def _voided(row: CaseRow, _meta: FactMeta, fact: Voided) -> CaseRow:
    return with_more(row, ended_because=fact.reason)


def _regime(row: CaseRow, _meta: FactMeta, fact: RegimeChanged) -> CaseRow:
    return with_more(row, regime=fact.regime)


def _first_answer(row: CaseRow, meta: FactMeta, _fact: ReporterAnswered) -> CaseRow:
    first = _more(row).first_answer_at
    return row if first is not None else with_more(row, first_answer_at=meta.occurred_at)


def _asked(row: CaseRow, meta: FactMeta, fact: ReferenceAsked) -> CaseRow:
    asked = QuestionRow(meta.seq, meta.occurred_at, meta.actor.org, fact.party, fact.purpose)
    return with_more(row, questions=(*_more(row).questions, asked))


def _reference_answered(row: CaseRow, _meta: FactMeta, fact: ReferenceAnswered) -> CaseRow:
    def answered(q: QuestionRow) -> QuestionRow:
        mine = q.party == fact.party and q.outcome is None
        return replace(q, outcome=fact.outcome, reference=fact.reference) if mine else q

    return with_more(row, questions=tuple(answered(q) for q in _more(row).questions))


def _verification_asked(row: CaseRow, meta: FactMeta, _fact: LeadVerificationAsked) -> CaseRow:
    return worked(row, meta, "lead verification asked")


def _verified(row: CaseRow, meta: FactMeta, fact: LeadVerified) -> CaseRow:
    return worked(row, meta, "lead verified", "confirmed" if fact.confirmed else "not confirmed")


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    Amended: _amended,
    Linked: _link,
    Unlinked: _unlinked,
    DuplicateSuspected: _suspected,
    DuplicateDismissed: _dismissed,
    Merged: _merged,
    Absorbed: _absorbed,
    Divided: _divided,
    GroupJoined: _joined,
    GroupLeft: _left,
    Restricted: _restricted,
    ReportWithdrawn: _withdrawn,
    Voided: _voided,
    RegimeChanged: _regime,
    ReporterAnswered: _first_answer,
    ReferenceAsked: _asked,
    ReferenceAnswered: _reference_answered,
    LeadVerificationAsked: _verification_asked,
    LeadVerified: _verified,
}
