"""A case on the closure loop, as casework must know it: state, and the fold of its facts.

Promise: `evolve` folds any sequence of facts that casework wrote, never raises, and gives the same state however the
facts were batched.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from sys import intern
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
from streams.core.authority import Stage

ENDED = frozenset({Stage.CLOSED, Stage.NOT_FILED})

FactBody = Any
"""One of the fact classes of schemas.events, without its meta."""


class PartyStatus(StrEnum):
    """Where one party stands with its own part of the work."""

    DISPATCHED = "dispatched"
    ACKNOWLEDGED = "acknowledged"
    HANDED_BACK = "handed_back"
    REWORK = "rework"


class Party(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One party of the case."""

    org: str
    role: str
    status: PartyStatus = PartyStatus.DISPATCHED

    @property
    def works(self) -> bool:
        """True for lead and assists: they must hand back before the case can be checked."""
        return self.role != PartyRole.INFORM


class Case(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What casework must know of a case to decide the next claim.

    `claims` holds 24 bytes for each claim decided: its id (16) and the head of its digest (8).
    """

    seq: int = 0
    stage: Stage = Stage.NONE
    reported_at: int = 0
    reporting_org: str = ""
    division: str = ""
    parties: tuple[Party, ...] = ()
    claims: bytes = b""

    @property
    def ended(self) -> bool:
        """True when nothing more is expected; a later claim still finds the case."""
        return self.stage in ENDED


NEW = Case()
ENTRY = 24
"""Bytes of one claim in `Case.claims`."""


def _remember(claims: bytes, claim_id: str, digest: bytes) -> bytes:
    entry = bytes.fromhex(claim_id.replace("-", "")) + digest[:8]
    return claims if claims.endswith(entry) else claims + entry


def _with_status(parties: tuple[Party, ...], orgs: tuple[str, ...], status: PartyStatus) -> tuple[Party, ...]:
    return tuple([Party(p.org, p.role, status) if p.org in orgs else p for p in parties])


def _reported(case: Case, meta: FactMeta, fact: Reported) -> Case:
    return replace(
        case,
        stage=Stage.REPORTED,
        reported_at=meta.occurred_at,
        reporting_org=intern(meta.actor.org),
        division=intern((fact.place.division or "")[:6]),
    )


def _filed(case: Case, _meta: FactMeta, _fact: Filed) -> Case:
    return replace(case, stage=Stage.FILED)


def _filing_refused(case: Case, _meta: FactMeta, _fact: FilingRefused) -> Case:
    return replace(case, stage=Stage.NOT_FILED)


def _dispatched(case: Case, _meta: FactMeta, fact: Dispatched) -> Case:
    return replace(case, stage=Stage.DISPATCHED, parties=tuple(Party(intern(a.org), a.role) for a in fact.parties))


def _acknowledged(case: Case, _meta: FactMeta, fact: Acknowledged) -> Case:
    return replace(case, parties=_with_status(case.parties, (fact.party,), PartyStatus.ACKNOWLEDGED))


def _handed_back(case: Case, _meta: FactMeta, fact: HandedBack) -> Case:
    parties = _with_status(case.parties, (fact.party,), PartyStatus.HANDED_BACK)
    done = all(p.status is PartyStatus.HANDED_BACK for p in parties if p.works)
    return replace(case, parties=parties, stage=Stage.HANDED_BACK if done else case.stage)


def _checked(case: Case, _meta: FactMeta, fact: Checked) -> Case:
    return replace(case, stage=Stage.PASSED) if fact.result == CheckResult.PASSED else case


def _rework_ordered(case: Case, _meta: FactMeta, fact: ReworkOrdered) -> Case:
    return replace(case, stage=Stage.DISPATCHED, parties=_with_status(case.parties, fact.parties, PartyStatus.REWORK))


def _closed(case: Case, _meta: FactMeta, _fact: Closed) -> Case:
    return replace(case, stage=Stage.CLOSED)


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


EVOLVE: dict[type, Callable[[Case, FactMeta, Any], Case]] = {
    Reported: _reported,
    AliasAdded: _unchanged,
    Filed: _filed,
    FilingRefused: _filing_refused,
    Refused: _unchanged,
    Dispatched: _dispatched,
    Acknowledged: _acknowledged,
    Committed: _unchanged,
    HandedBack: _handed_back,
    SelfHandled: _unchanged,
    ReworkOrdered: _rework_ordered,
    Checked: _checked,
    Closed: _closed,
}


def evolve(case: Case, meta: FactMeta, fact: FactBody) -> Case:
    """The case after one more fact."""
    case = EVOLVE[type(fact)](case, meta, fact)
    return replace(case, seq=meta.seq, claims=_remember(case.claims, meta.claim_id, meta.claim_digest))


def seen(case: Case, claim_id: str, digest: bytes) -> bool | None:
    """Whether this claim id was decided before: True with this content, False only with other content, None never."""
    key = bytes.fromhex(claim_id.replace("-", ""))
    if case.claims.find(key) < 0:
        return None
    if _holds(case.claims, key + digest[:8]):
        return True
    return False if _holds(case.claims, key) else None


def _holds(claims: bytes, start: bytes) -> bool:
    """True when an entry of `claims` begins so; a match across two entries is none."""
    at = claims.find(start)
    while at > 0 and at % ENTRY:
        at = claims.find(start, at + 1)
    return at >= 0
