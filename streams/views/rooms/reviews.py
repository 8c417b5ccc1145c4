"""What is looked at again: checks asked, forced closings, audits, call-backs, appeals, reopening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Appealed,
    AppealReviewed,
    Audited,
    AuditSampled,
    CalledBack,
    CheckAsked,
    Exempted,
    FactMeta,
    ForcingProposed,
    Reopened,
)
from streams.views.more import NO_MORE, AppealRow, CallBackRow, More
from streams.views.rooms.parties import bears
from streams.views.shape import CaseRow, with_more


def _more(row: CaseRow) -> More:
    return row.more or NO_MORE


def _check_asked(row: CaseRow, _meta: FactMeta, fact: CheckAsked) -> CaseRow:
    return with_more(row, check_asked=fact.org)


def _forcing(row: CaseRow, meta: FactMeta, _fact: ForcingProposed) -> CaseRow:
    return with_more(row, forcing_proposed_by=meta.actor.org)


def _sampled(row: CaseRow, _meta: FactMeta, _fact: AuditSampled) -> CaseRow:
    return with_more(row, audit="sampled")


def _audited(row: CaseRow, _meta: FactMeta, fact: Audited) -> CaseRow:
    return with_more(row, audit=fact.result)


def _called_back(row: CaseRow, meta: FactMeta, fact: CalledBack) -> CaseRow:
    said = CallBackRow(meta.seq, meta.occurred_at, fact.contacted, fact.solved, fact.satisfied)
    return with_more(row, call_backs=(*_more(row).call_backs, said))


def _appealed(row: CaseRow, meta: FactMeta, fact: Appealed) -> CaseRow:
    return with_more(row, appeals=(*_more(row).appeals, AppealRow(meta.seq, meta.occurred_at, fact.party, fact.ground)))


def _reviewed(row: CaseRow, _meta: FactMeta, fact: AppealReviewed) -> CaseRow:
    return with_more(
        row,
        appeals=tuple(
            replace(a, reviews=(*a.reviews, fact.approved)) if a.party == fact.party else a for a in _more(row).appeals
        ),
    )


def _exempted(row: CaseRow, _meta: FactMeta, fact: Exempted) -> CaseRow:
    return with_more(row, exempted=tuple(dict.fromkeys((*_more(row).exempted, fact.party))))


def _reopened(row: CaseRow, meta: FactMeta, _fact: Reopened) -> CaseRow:
    row = replace(row, closed_at=None, closing_kind=None, bearing=bears(row, meta))
    return with_more(row, reopened=_more(row).reopened + 1, forcing_proposed_by=None)


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    CheckAsked: _check_asked,
    ForcingProposed: _forcing,
    AuditSampled: _sampled,
    Audited: _audited,
    CalledBack: _called_back,
    Appealed: _appealed,
    AppealReviewed: _reviewed,
    Exempted: _exempted,
    Reopened: _reopened,
}
