"""Shapes of what people look at: a case as one row, its parties, and what only some cases have.

All times are UTC µs of when it happened (`occurred_at`), except `last_recorded_at`. `yellow_at` is the moment when 80 %
of the time to `due_at` is used; which light shines is compared when somebody looks. A `seq` cites a fact of the case.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.events import PartyRoleSymbol
from streams.core.case import NEW as NEW_CASE
from streams.core.case import Case
from streams.views.more import NO_MORE, More

YELLOW_SHARE = 0.8


class PartyRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One party and what it has done; field names are those of the table `parties`. `seq` made it a party."""

    org: str
    role: PartyRoleSymbol
    status: str = "dispatched"
    dispatched_at: int | None = None
    acknowledged_at: int | None = None
    handed_back_at: int | None = None
    returned_at: int | None = None
    gone_at: int | None = None
    yellow_at: int | None = None
    due_at: int | None = None
    seq: int = 0


GONE = frozenset({"transferred", "released"})
"""Statuses of those who are no party any more."""


class Bearing(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the three-cross rule goes by beside the parties.

    `seq` is the newest fact that it rests on, `at` when that happened, `reference` the version pinned there. `centre`
    is the organisation that filed or dispatched.
    """

    seq: int = 0
    at: int = 0
    reference: int = 0
    place_seq: int = 0
    centre: str | None = None
    centre_seq: int = 0


NO_BEARING = Bearing()


class CaseRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One case; field names are those of the table `cases`, but for those in NOT_COLUMNS.

    `case` is the case as casework decides by it, without the claims. Stage, lead, and role and status of the parties
    are taken from there, so that the views cannot say otherwise.
    """

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
    reporting_org: str | None = None
    restricted: bool = False
    condition: str | None = None
    more: More | None = None
    parties: tuple[PartyRow, ...] = ()
    bearing: Bearing = NO_BEARING
    case: Case = NEW_CASE


NEW = CaseRow()
ENDED = frozenset({"closed", "not_filed", "withdrawn", "void", "merged"})
"""Stages in which nothing more is expected."""
NOT_COLUMNS = frozenset({"parties", "bearing", "case"})


def with_more(row: CaseRow, **changes: Any) -> CaseRow:
    """The row with other values of what only some cases have."""
    return replace(row, more=replace(row.more or NO_MORE, **changes))


def with_party(row: CaseRow, org: str, **changes: Any) -> tuple[PartyRow, ...]:
    """Its parties, one of them changed; an organisation that is no party changes nothing."""
    return tuple([replace(p, **changes) if p.org == org and p.status not in GONE else p for p in row.parties])
