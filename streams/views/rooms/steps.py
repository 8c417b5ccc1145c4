"""The steps of the loop that nearly every case takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Checked,
    Closed,
    Committed,
    Condition,
    Dispatched,
    FactMeta,
    Filed,
    Refused,
    Reported,
    ReworkOrdered,
)
from streams.views.more import NO_MORE
from streams.views.shape import YELLOW_SHARE, Bearing, CaseRow, with_party


def condition_text(condition: Condition | None) -> str | None:
    """A filing condition as one text: scheme, version, code."""
    return f"{condition.scheme} {condition.version} {condition.code}" if condition else None


def _reported(row: CaseRow, meta: FactMeta, fact: Reported) -> CaseRow:
    place, position = fact.place, fact.place.position
    return replace(
        row,
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


def _dispatched(row: CaseRow, meta: FactMeta, _fact: Dispatched) -> CaseRow:
    return replace(row, dispatched_at=meta.occurred_at, bearing=_by_centre(row, meta))


def _committed(row: CaseRow, meta: FactMeta, fact: Committed) -> CaseRow:
    start = row.dispatched_at or row.filed_at or row.opened_at or meta.occurred_at
    yellow = start + int(max(0, fact.due_at - start) * YELLOW_SHARE)
    parties = with_party(row, fact.party, due_at=fact.due_at, yellow_at=yellow) if fact.party else row.parties
    return replace(row, committed_due_at=fact.due_at, due_at=fact.due_at, yellow_at=yellow, parties=parties)


def _rework_ordered(row: CaseRow, _meta: FactMeta, _fact: ReworkOrdered) -> CaseRow:
    return replace(row, reworks=row.reworks + 1)


def _checked(row: CaseRow, meta: FactMeta, _fact: Checked) -> CaseRow:
    return replace(row, checked_at=meta.occurred_at)


def _closed(row: CaseRow, meta: FactMeta, fact: Closed) -> CaseRow:
    return replace(row, closed_at=meta.occurred_at, closing_kind=fact.kind)


def _refused(row: CaseRow, _meta: FactMeta, _fact: Refused) -> CaseRow:
    return replace(row, refused=row.refused + 1)


def unchanged(row: CaseRow, _meta: FactMeta, _fact: Any) -> CaseRow:
    """The row does not show it."""
    return row


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    Reported: _reported,
    Filed: _filed,
    Refused: _refused,
    Dispatched: _dispatched,
    Committed: _committed,
    ReworkOrdered: _rework_ordered,
    Checked: _checked,
    Closed: _closed,
}
