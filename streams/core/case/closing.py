"""The ends of the loop: self-handled on the spot, closed after a check, forced by two, recorded; and reopened.

Promise: a case is closed over an open party only where it is forced, recorded by its source or self-handled.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from schemas.events import (
    AuditSampled,
    ClaimMeta,
    Close,
    Closed,
    ClosingKind,
    FactMeta,
    ForcingProposed,
    ProposeForcing,
    Reopen,
    Reopened,
    SelfHandle,
    SelfHandled,
)
from streams.core.authority import Stage
from streams.core.case.policy import audit_share
from streams.core.case.state import Case, PartyStatus, lead_of, noting, who, with_status, working
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


def _closed(case: Case, _meta: FactMeta, _fact: Closed) -> Case:
    return replace(case, stage=Stage.CLOSED)


def _sampled(case: Case, _meta: FactMeta, _fact: AuditSampled) -> Case:
    return noting(case, sampled=True, audited=False)


def _forcing_proposed(case: Case, meta: FactMeta, _fact: ForcingProposed) -> Case:
    return noting(case, forcing=who(meta.actor))


def _reopened(case: Case, _meta: FactMeta, _fact: Reopened) -> Case:
    parties = with_status(case.parties, tuple([p.org for p in working(case)]), PartyStatus.REWORK)
    case = replace(case, parties=parties, stage=_stage_of(case))
    return case if case.more.forcing is None else noting(case, forcing=None)


def _stage_of(case: Case) -> Stage:
    """Where a closed case goes on: with its lead, else to be dispatched; what was never filed is still to be filed."""
    if lead_of(case) is not None:
        return Stage.DISPATCHED
    return Stage.FILED if case.filing_org else Stage.REPORTED


EVOLVE: dict[type, Any] = {
    SelfHandled: _unchanged,
    Closed: _closed,
    AuditSampled: _sampled,
    ForcingProposed: _forcing_proposed,
    Reopened: _reopened,
}

# ------------------------------------------------------------ rules


def _evidence(_case: Case, _meta: ClaimMeta, claim: SelfHandle, _x: Context) -> str | None:
    """What was settled on the spot has evidence."""
    return None if claim.evidence else "self-handling needs evidence"


def _recorded_by_source(_case: Case, meta: ClaimMeta, claim: Close, _x: Context) -> str | None:
    """Only a source that reports what has happened already closes as recorded."""
    if claim.kind == ClosingKind.RECORDED and not meta.already_done:
        return "only a source that reports what has happened already can close as recorded"
    return None


def _justified(case: Case, _meta: ClaimMeta, claim: Close, _x: Context) -> str | None:
    """A case that was handed over for danger to life is closed when that has been justified."""
    if claim.kind == ClosingKind.RECORDED or not case.more.unjustified:
        return None
    return "the hand-over has not been justified yet"


def _nothing_open(case: Case, _meta: ClaimMeta, claim: Close, _x: Context) -> str | None:
    """After a check a case is closed only when lead and assists have all handed back."""
    if claim.kind != ClosingKind.CHECKED:
        return None
    still_open = _open_work(case)
    return f"still open: {', '.join(still_open)}" if still_open else None


def _open_work(case: Case) -> list[str]:
    return [party.org for party in working(case) if party.status is not PartyStatus.HANDED_BACK]


def _two_people(case: Case, meta: ClaimMeta, claim: Close, _x: Context) -> str | None:
    """A closing is forced by two people: one proposes it, another one closes."""
    if claim.kind != ClosingKind.FORCED:
        return None
    first = case.more.forcing
    if first is None:
        return "nobody has proposed to force the closing"
    return "the same one has proposed it" if first.may_be(meta.actor) else None


def _forced_with_reason(_case: Case, _meta: ClaimMeta, claim: Close, _x: Context) -> str | None:
    """A forced closing has a reason."""
    return "a forced closing needs a reason" if claim.kind == ClosingKind.FORCED and not claim.reason else None


def _reason(_case: Case, _meta: ClaimMeta, claim: Reopen, _x: Context) -> str | None:
    """A case is reopened for a reason."""
    return None if claim.reason else "a reason is needed"


RULES: dict[type, tuple[Rule, ...]] = {
    SelfHandle: (Rule("SelfHandle.evidence", _evidence),),
    Close: (
        Rule("Close.already-done", _recorded_by_source),
        Rule("Close.justified", _justified),
        Rule("Close.open-parties", _nothing_open),
        Rule("Close.two-people", _two_people),
        Rule("Close.reason", _forced_with_reason),
    ),
    Reopen: (Rule("Reopen.reason", _reason),),
}

# ------------------------------------------------------------ decisions


def _self_handle(case: Case, meta: ClaimMeta, c: SelfHandle, x: Context) -> tuple[FactBody, ...]:
    closed = Closed(ClosingKind.SELF_HANDLED, None, c.upstream_status)
    facts = (SelfHandled(c.text, c.evidence, c.upstream_status), closed)
    share = audit_share(case, meta, x)
    return (*facts, AuditSampled(share)) if drawn(meta.subject.id, share) else facts


def drawn(case_id: str, share: float) -> bool:
    """Whether a case is in a sample of this share: a matter of its id alone, so that nobody can choose."""
    return UUID(case_id).int % 10_000 < share * 10_000


def _close(case: Case, _meta: ClaimMeta, c: Close, _x: Context) -> tuple[FactBody, ...]:
    """A source may say that a case with open work was closed after a check: that is recorded, but checked it is not."""
    kind = ClosingKind.RECORDED if c.kind == ClosingKind.CHECKED and _open_work(case) else c.kind
    return (Closed(kind, c.reason, c.upstream_status),)


def _propose(_case: Case, _meta: ClaimMeta, c: ProposeForcing, _x: Context) -> tuple[FactBody, ...]:
    return (ForcingProposed(c.reason, c.text),)


def _reopen(_case: Case, _meta: ClaimMeta, c: Reopen, _x: Context) -> tuple[FactBody, ...]:
    return (Reopened(c.reason, c.text),)


DECIDE: dict[type, Any] = {SelfHandle: _self_handle, Close: _close, ProposeForcing: _propose, Reopen: _reopen}
