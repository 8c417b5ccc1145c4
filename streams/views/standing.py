"""Parties as casework has them, with the times of what they did: each change of a status says when it happened."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.events import FactMeta, PartyRole
from streams.core.case import Party, PartyStatus
from streams.views.shape import PartyRow

WHEN: dict[PartyStatus, str] = {
    PartyStatus.ACKNOWLEDGED: "acknowledged_at",
    PartyStatus.HANDED_BACK: "handed_back_at",
    PartyStatus.RETURNED: "returned_at",
    PartyStatus.TRANSFERRED: "gone_at",
    PartyStatus.RELEASED: "gone_at",
}
"""The time that a status is the moment of."""
STATUSES = {status: status.value for status in PartyStatus}


def parties_as_they_stand(
    known: tuple[PartyRow, ...], parties: tuple[Party, ...], meta: FactMeta
) -> tuple[PartyRow, ...]:
    """The rows of these parties after a fact; who is new, or a party again, begins with it."""
    found, rows = [], dict[str, PartyRow]()
    for place, party in enumerate(parties):
        row = known[place] if place < len(known) else None
        if row is None or row.org != party.org:
            rows = rows or {row.org: row for row in known}
            row = rows.get(party.org) or _new(party, meta)
        same = row.status == party.status and row.role == party.role
        found.append(row if same else _as_it_stands(row, party, meta))
    return tuple(found)


def leading(parties: tuple[Party, ...]) -> str | None:
    """Who leads."""
    for party in parties:
        if party.leads:
            return party.org
    return None


def _new(party: Party, meta: FactMeta) -> PartyRow:
    return PartyRow(party.org, party.role, dispatched_at=meta.occurred_at, seq=meta.seq)  # type: ignore[arg-type]


def _as_it_stands(row: PartyRow, party: Party, meta: FactMeta) -> PartyRow:
    if _begins_anew(row, party):
        row = _new(party, meta)
    if row.status == party.status:
        return row if row.role == party.role else replace(row, role=party.role)
    when = WHEN.get(party.status)
    times = {when: meta.occurred_at} if when else {}
    return replace(row, role=party.role, status=STATUSES[party.status], **times)


def _begins_anew(row: PartyRow, party: Party) -> bool:
    """Whether it was gone and is back, or was only informed and works now."""
    back = row.gone_at is not None and not party.gone
    return back or (row.role == PartyRole.INFORM and party.role != PartyRole.INFORM)
