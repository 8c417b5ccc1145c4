"""The steps of the loop that nearly every case takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Acknowledged,
    Checked,
    CheckResult,
    Closed,
    Committed,
    Condition,
    Dispatched,
    FactMeta,
    Filed,
    FilingRefused,
    HandedBack,
    PartyRole,
    Refused,
    Reported,
    ReworkOrdered,
    SelfHandled,
)
from streams.views.more import NO_MORE
from streams.views.shape import GONE, YELLOW_SHARE, Bearing, CaseRow, PartyRow, settled, with_party


def condition_text(condition: Condition | None) -> str | None:
    """A filing condition as one text: scheme, version, code."""
    return f"{condition.scheme} {condition.version} {condition.code}" if condition else None


def _reported(row: CaseRow, meta: FactMeta, fact: Reported) -> CaseRow:
    place, position = fact.place, fact.place.position
    return replace(
        row,
        stage="reported",
        system=meta.source.system,
        source_number=meta.source.number,
        category_scheme=fact.category.scheme,
        category_version=fact.category.version,
        category_code=fact.category.code,
        division=place.division,
        grid=place.grid,
        longitude=position.longitude if position else None,
        latitude=position.latitude if position else None,
        inlet=fact.inlet,
        opened_at=meta.occurred_at,
        reporting_org=meta.actor.org,
        restricted=row.restricted or fact.restricted,
        more=replace(row.more or NO_MORE, asset=fact.asset, asset_seq=meta.seq) if fact.asset else row.more,
        bearing=Bearing(meta.seq, meta.occurred_at, meta.versions.reference, meta.seq),
    )


def _filed(row: CaseRow, meta: FactMeta, fact: Filed) -> CaseRow:
    return replace(
        row,
        stage="filed",
        number=fact.number,
        filed_at=meta.occurred_at,
        condition=condition_text(fact.condition),
        bearing=_by_centre(row, meta),
    )


def _by_centre(row: CaseRow, meta: FactMeta) -> Bearing:
    """Who files or dispatches as a dispatcher is the centre of the case."""
    b, by = row.bearing, meta.actor
    centre, seq = (by.org, meta.seq) if by.role == "dispatcher" else (b.centre, b.centre_seq)
    return Bearing(meta.seq, meta.occurred_at, meta.versions.reference, b.place_seq, centre, seq)


def _filing_refused(row: CaseRow, _meta: FactMeta, _fact: FilingRefused) -> CaseRow:
    return replace(row, stage="not_filed")


def _dispatched(row: CaseRow, meta: FactMeta, fact: Dispatched) -> CaseRow:
    at, seq = meta.occurred_at, meta.seq
    new = {a.org: PartyRow(a.org, a.role, dispatched_at=at, seq=seq) for a in fact.parties}
    before = tuple(
        [p if p.status in GONE else replace(p, status="released", gone_at=at) for p in row.parties if p.org not in new]
    )
    return replace(
        row,
        stage="dispatched",
        dispatched_at=at,
        lead=next((a.org for a in fact.parties if a.role == PartyRole.LEAD), None),
        parties=before + tuple(new.values()),
        bearing=_by_centre(row, meta),
    )


def _acknowledged(row: CaseRow, meta: FactMeta, fact: Acknowledged) -> CaseRow:
    return replace(row, parties=with_party(row, fact.party, status="acknowledged", acknowledged_at=meta.occurred_at))


def _committed(row: CaseRow, meta: FactMeta, fact: Committed) -> CaseRow:
    start = row.dispatched_at or row.filed_at or row.opened_at or meta.occurred_at
    yellow = start + int(max(0, fact.due_at - start) * YELLOW_SHARE)
    parties = with_party(row, fact.party, due_at=fact.due_at, yellow_at=yellow) if fact.party else row.parties
    return replace(row, committed_due_at=fact.due_at, due_at=fact.due_at, yellow_at=yellow, parties=parties)


def _handed_back(row: CaseRow, meta: FactMeta, fact: HandedBack) -> CaseRow:
    parties = with_party(row, fact.party, status="handed_back", handed_back_at=meta.occurred_at)
    return settled(replace(row, parties=parties), meta)


def _rework_ordered(row: CaseRow, _meta: FactMeta, fact: ReworkOrdered) -> CaseRow:
    again = set(fact.parties)
    parties = tuple([replace(p, status="rework") if p.org in again else p for p in row.parties])
    return replace(row, stage="dispatched", parties=parties, reworks=row.reworks + 1)


def _checked(row: CaseRow, meta: FactMeta, fact: Checked) -> CaseRow:
    stage = "passed" if fact.result == CheckResult.PASSED else row.stage
    return replace(row, stage=stage, checked_at=meta.occurred_at)


def _closed(row: CaseRow, meta: FactMeta, fact: Closed) -> CaseRow:
    return replace(row, stage="closed", closed_at=meta.occurred_at, closing_kind=fact.kind)


def _refused(row: CaseRow, _meta: FactMeta, _fact: Refused) -> CaseRow:
    return replace(row, refused=row.refused + 1)


def unchanged(row: CaseRow, _meta: FactMeta, _fact: Any) -> CaseRow:
    """The row does not show it."""
    return row


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    Reported: _reported,
    Filed: _filed,
    FilingRefused: _filing_refused,
    Refused: _refused,
    Dispatched: _dispatched,
    Acknowledged: _acknowledged,
    Committed: _committed,
    HandedBack: _handed_back,
    SelfHandled: unchanged,
    ReworkOrdered: _rework_ordered,
    Checked: _checked,
    Closed: _closed,
}
