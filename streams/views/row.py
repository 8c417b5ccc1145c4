"""A case as people look at it: the fold of its facts into one row, its parties and their times. Pure.

All times are UTC µs of when it happened (`occurred_at`), except `last_recorded_at`. `yellow_at` is the moment when 80 %
of the time to `due_at` is used; which light shines is compared when somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.events import (
    Acknowledged,
    AliasAdded,
    Checked,
    CheckResult,
    Closed,
    Committed,
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

YELLOW_SHARE = 0.8


class PartyRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One party and what it has done."""

    org: str
    role: str
    status: str = "dispatched"
    dispatched_at: int | None = None
    acknowledged_at: int | None = None
    handed_back_at: int | None = None


class CaseRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One case; field names are those of the table `cases`."""

    seq: int = 0
    number: str | None = None
    system: str = ""
    source_number: str = ""
    stage: str = "none"
    category_scheme: str | None = None
    category_version: str | None = None
    category_code: str | None = None
    division: str | None = None
    grid: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    inlet: str | None = None
    opened_at: int | None = None
    filed_at: int | None = None
    dispatched_at: int | None = None
    handed_back_at: int | None = None
    checked_at: int | None = None
    closed_at: int | None = None
    closing_kind: str | None = None
    lead: str | None = None
    committed_due_at: int | None = None
    yellow_at: int | None = None
    due_at: int | None = None
    reworks: int = 0
    refused: int = 0
    irregular: tuple[str, ...] = ()
    upstream_status: str | None = None
    last_recorded_at: int = 0
    parties: tuple[PartyRow, ...] = ()


NEW = CaseRow()


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
    )


def _filed(row: CaseRow, meta: FactMeta, fact: Filed) -> CaseRow:
    return replace(row, stage="filed", number=fact.number, filed_at=meta.occurred_at)


def _filing_refused(row: CaseRow, _meta: FactMeta, _fact: FilingRefused) -> CaseRow:
    return replace(row, stage="not_filed")


def _dispatched(row: CaseRow, meta: FactMeta, fact: Dispatched) -> CaseRow:
    parties = tuple(PartyRow(a.org, a.role, dispatched_at=meta.occurred_at) for a in fact.parties)
    lead = next((a.org for a in fact.parties if a.role == PartyRole.LEAD), None)
    return replace(row, stage="dispatched", dispatched_at=meta.occurred_at, lead=lead, parties=parties)


def _party(row: CaseRow, org: str, **changes: Any) -> tuple[PartyRow, ...]:
    return tuple(replace(p, **changes) if p.org == org else p for p in row.parties)


def _acknowledged(row: CaseRow, meta: FactMeta, fact: Acknowledged) -> CaseRow:
    return replace(row, parties=_party(row, fact.party, status="acknowledged", acknowledged_at=meta.occurred_at))


def _committed(row: CaseRow, meta: FactMeta, fact: Committed) -> CaseRow:
    start = row.dispatched_at or row.filed_at or row.opened_at or meta.occurred_at
    yellow = start + int(max(0, fact.due_at - start) * YELLOW_SHARE)
    return replace(row, committed_due_at=fact.due_at, due_at=fact.due_at, yellow_at=yellow)


def _handed_back(row: CaseRow, meta: FactMeta, fact: HandedBack) -> CaseRow:
    parties = _party(row, fact.party, status="handed_back", handed_back_at=meta.occurred_at)
    if any(p.status != "handed_back" for p in parties if p.role != PartyRole.INFORM):
        return replace(row, parties=parties)
    return replace(row, parties=parties, stage="handed_back", handed_back_at=meta.occurred_at)


def _rework_ordered(row: CaseRow, _meta: FactMeta, fact: ReworkOrdered) -> CaseRow:
    parties = tuple(replace(p, status="rework") if p.org in fact.parties else p for p in row.parties)
    return replace(row, stage="dispatched", parties=parties, reworks=row.reworks + 1)


def _checked(row: CaseRow, meta: FactMeta, fact: Checked) -> CaseRow:
    stage = "passed" if fact.result == CheckResult.PASSED else row.stage
    return replace(row, stage=stage, checked_at=meta.occurred_at)


def _closed(row: CaseRow, meta: FactMeta, fact: Closed) -> CaseRow:
    return replace(row, stage="closed", closed_at=meta.occurred_at, closing_kind=fact.kind)


def _refused(row: CaseRow, _meta: FactMeta, _fact: Refused) -> CaseRow:
    return replace(row, refused=row.refused + 1)


def _unchanged(row: CaseRow, _meta: FactMeta, _fact: Any) -> CaseRow:
    return row


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    Reported: _reported,
    AliasAdded: _unchanged,
    Filed: _filed,
    FilingRefused: _filing_refused,
    Refused: _refused,
    Dispatched: _dispatched,
    Acknowledged: _acknowledged,
    Committed: _committed,
    HandedBack: _handed_back,
    SelfHandled: _unchanged,
    ReworkOrdered: _rework_ordered,
    Checked: _checked,
    Closed: _closed,
}


def evolve(row: CaseRow, meta: FactMeta, fact: Any) -> CaseRow:
    """The row after one more fact."""
    row = EVOLVE[type(fact)](row, meta, fact)
    irregular = row.irregular
    if meta.irregular:
        irregular = tuple(dict.fromkeys(irregular + meta.irregular))
    status = getattr(fact, "upstream_status", None) or row.upstream_status
    return replace(row, seq=meta.seq, last_recorded_at=meta.recorded_at, irregular=irregular, upstream_status=status)
