"""The closure loop itself: report, file, dispatch, acknowledge, promise, hand back, check, rework.

Promise: a regular case is handed back only with exactly one lead and with every lead and assist having handed back.
"""

from __future__ import annotations

from sys import intern
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Acknowledge,
    Acknowledged,
    Check,
    Checked,
    CheckResult,
    ClaimMeta,
    Commit,
    Committed,
    Dispatch,
    Dispatched,
    FactMeta,
    File,
    Filed,
    HandBack,
    HandedBack,
    PartyRole,
    Report,
    Reported,
    ReworkOrdered,
)
from streams.core.authority import Role, Stage
from streams.core.case import about
from streams.core.case.state import Case, Party, PartyStatus, noting, party_of, settled, with_status
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _reported(case: Case, meta: FactMeta, fact: Reported) -> Case:
    case = replace(
        case,
        stage=Stage.REPORTED,
        reported_at=meta.occurred_at,
        reporting_org=intern(meta.actor.org),
        division=intern((fact.place.division or "")[:6]),
        about=about.reported(fact),
    )
    return noting(case, restricted=True) if fact.restricted else case


def _filed(case: Case, meta: FactMeta, _fact: Filed) -> Case:
    return replace(case, stage=Stage.FILED, filing_org=intern(meta.actor.org))


def _dispatched(case: Case, _meta: FactMeta, fact: Dispatched) -> Case:
    """Whoever was a party before and is not named is none any more."""
    new = tuple([Party(intern(a.org), a.role) for a in fact.parties])
    if case.parties:
        named = {a.org for a in fact.parties}
        before = [
            p if p.gone else Party(p.org, p.role, PartyStatus.RELEASED) for p in case.parties if p.org not in named
        ]
        new = (*before, *new)
    return replace(case, stage=Stage.DISPATCHED, parties=new)


def _acknowledged(case: Case, _meta: FactMeta, fact: Acknowledged) -> Case:
    return replace(case, parties=with_status(case.parties, (fact.party,), PartyStatus.ACKNOWLEDGED))


def _committed(case: Case, _meta: FactMeta, fact: Committed) -> Case:
    party = fact.party or ""
    others = tuple([promise for promise in case.more.promises if promise[0] != party])
    return noting(case, promises=(*others, (party, fact.due_at)))


def _handed_back(case: Case, _meta: FactMeta, fact: HandedBack) -> Case:
    return settled(replace(case, parties=with_status(case.parties, (fact.party,), PartyStatus.HANDED_BACK)))


def _checked(case: Case, _meta: FactMeta, fact: Checked) -> Case:
    return replace(case, stage=Stage.PASSED) if fact.result == CheckResult.PASSED else case


def _rework_ordered(case: Case, _meta: FactMeta, fact: ReworkOrdered) -> Case:
    return replace(case, stage=Stage.DISPATCHED, parties=with_status(case.parties, fact.parties, PartyStatus.REWORK))


EVOLVE: dict[type, Any] = {
    Reported: _reported,
    Filed: _filed,
    Dispatched: _dispatched,
    Acknowledged: _acknowledged,
    Committed: _committed,
    HandedBack: _handed_back,
    Checked: _checked,
    ReworkOrdered: _rework_ordered,
}

# ------------------------------------------------------------ rules


def _confirmed(case: Case, _meta: ClaimMeta, _claim: File, _x: Context) -> str | None:
    """A lead that was looked at on site and not found is not filed."""
    refuted = case.rest is not None and case.rest.refuted
    return "the lead was looked at on site and not found" if refuted else None


def _one_lead(_case: Case, _meta: ClaimMeta, claim: Dispatch, _x: Context) -> str | None:
    """Of the parties of a dispatch exactly one leads, and each is named once."""
    leads = sum(a.role == PartyRole.LEAD for a in claim.parties)
    if leads != 1:
        return f"exactly one party leads; here {leads} do"
    if len({a.org for a in claim.parties}) != len(claim.parties):
        return "each party is named once"
    return None


def _lead_is_there(case: Case, _meta: ClaimMeta, claim: Dispatch, _x: Context) -> str | None:
    """A lead that was summoned has reported in."""
    if case.rest is None:
        return None
    missing = [a.org for a in claim.parties if a.role == PartyRole.LEAD and awaited(case, a.org)]
    return f"{missing[0]} was summoned and has not reported in" if missing else None


def awaited(case: Case, org: str) -> bool:
    """Whether an organisation was summoned and has not reported in."""
    more = case.more
    return org in more.summoned and org not in more.reported_in


def _own_promise(_case: Case, meta: ClaimMeta, claim: Commit, _x: Context) -> str | None:
    """A handler promises for its own organisation only."""
    if meta.actor.role == Role.HANDLER and claim.party is not None and claim.party != meta.actor.org:
        return f"{meta.actor.org} cannot promise for {claim.party}"
    return None


def _lead_last(case: Case, _meta: ClaimMeta, claim: HandBack, _x: Context) -> str | None:
    """The lead hands back last, when no assist is open any more."""
    party = party_of(case, claim.party)
    if party is None or not party.leads:
        return None
    still_open = [p.org for p in case.parties if p.works and p is not party and p.status is not PartyStatus.HANDED_BACK]
    return f"the lead hands back last; still open: {', '.join(still_open)}" if still_open else None


def _rework_of_workers(case: Case, _meta: ClaimMeta, claim: Check, _x: Context) -> str | None:
    """Only a failed check orders rework, and only from parties that worked."""
    if claim.rework and claim.result == CheckResult.PASSED:
        return "a passed check orders no rework"
    idle = [org for org in claim.rework if (party := party_of(case, org)) is None or not party.works]
    return f"{', '.join(idle)} did no work in this case" if idle else None


RULES: dict[type, tuple[Rule, ...]] = {
    File: (Rule("File.confirmed", _confirmed),),
    Dispatch: (Rule("Dispatch.one-lead", _one_lead), Rule("Dispatch.reported-in", _lead_is_there)),
    Commit: (Rule("Commit.own-promise", _own_promise),),
    HandBack: (Rule("HandBack.lead-last", _lead_last),),
    Check: (Rule("Check.rework", _rework_of_workers),),
}

# ------------------------------------------------------------ decisions


def _report(_case: Case, _meta: ClaimMeta, c: Report, _x: Context) -> tuple[FactBody, ...]:
    return (
        Reported(
            c.category,
            c.place,
            c.inlet,
            c.text,
            c.evidence,
            c.reporter,
            c.upstream_status,
            c.asset,
            c.household,
            c.restricted,
        ),
    )


def _file(case: Case, meta: ClaimMeta, c: File, x: Context) -> tuple[FactBody, ...]:
    filed = Filed(condition=c.condition, upstream_status=c.upstream_status, number=x.number(case.division))
    return (filed, *about.dispatch_on_filing(case.about, meta, c, x))


def _dispatch(_case: Case, _meta: ClaimMeta, c: Dispatch, _x: Context) -> tuple[FactBody, ...]:
    return (Dispatched(c.parties, c.basis, c.text),)


def _acknowledge(_case: Case, _meta: ClaimMeta, c: Acknowledge, _x: Context) -> tuple[FactBody, ...]:
    return (Acknowledged(c.party, c.upstream_status),)


def _commit(_case: Case, _meta: ClaimMeta, c: Commit, _x: Context) -> tuple[FactBody, ...]:
    return (Committed(c.due_at, c.basis, c.party),)


def _hand_back(_case: Case, _meta: ClaimMeta, c: HandBack, _x: Context) -> tuple[FactBody, ...]:
    return (HandedBack(c.party, c.text, c.evidence, c.upstream_status),)


def _check(case: Case, _meta: ClaimMeta, c: Check, _x: Context) -> tuple[FactBody, ...]:
    checked = Checked(c.result, c.text, c.evidence)
    if c.result == CheckResult.PASSED:
        return (checked,)
    return (checked, ReworkOrdered(c.rework or tuple(p.org for p in case.parties if p.works)))


DECIDE: dict[type, Any] = {
    Report: _report,
    File: _file,
    Dispatch: _dispatch,
    Acknowledge: _acknowledge,
    Commit: _commit,
    HandBack: _hand_back,
    Check: _check,
}
