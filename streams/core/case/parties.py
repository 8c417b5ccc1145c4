"""Who acts: parties are added and released, one is appointed lead, another one takes a place.

Promise: from the first dispatch on a regular case has one lead, at most, whatever comes and goes.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from schemas.events import (
    AddParties,
    AppointLead,
    ClaimMeta,
    FactMeta,
    LeadAppointed,
    PartiesAdded,
    PartyReleased,
    PartyRole,
    ReleaseParty,
    Transfer,
    Transferred,
)
from streams.core.authority import Stage
from streams.core.case.loop import awaited
from streams.core.case.returns import adjudicate_first
from streams.core.case.state import (
    Case,
    Party,
    PartyStatus,
    joined,
    lead_of,
    party_of,
    settled,
    with_status,
)
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _added(case: Case, _meta: FactMeta, fact: PartiesAdded) -> Case:
    parties = case.parties
    for assignment in fact.parties:
        parties = joined(parties, assignment.org, assignment.role)
    return replace(case, parties=parties)


def _released(case: Case, _meta: FactMeta, fact: PartyReleased) -> Case:
    return settled(replace(case, parties=with_status(case.parties, (fact.party,), PartyStatus.RELEASED)))


def _lead_appointed(case: Case, _meta: FactMeta, fact: LeadAppointed) -> Case:
    parties = tuple([Party(p.org, PartyRole.ASSIST, p.status) if p.leads else p for p in case.parties])
    known = party_of(case, fact.org)
    case = case if case.ended else replace(case, stage=Stage.DISPATCHED)
    if known is None or known.gone:
        return replace(case, parties=joined(parties, fact.org, PartyRole.LEAD))
    lead = Party(known.org, PartyRole.LEAD, known.status)
    return replace(case, parties=tuple([lead if p.org == fact.org else p for p in parties]))


def _transferred(case: Case, _meta: FactMeta, fact: Transferred) -> Case:
    before = party_of(case, fact.party)
    role = PartyRole.ASSIST if before is None else before.role
    parties = with_status(case.parties, (fact.party,), PartyStatus.TRANSFERRED)
    return replace(case, parties=joined(parties, fact.to, role))


EVOLVE: dict[type, Any] = {
    PartiesAdded: _added,
    PartyReleased: _released,
    LeadAppointed: _lead_appointed,
    Transferred: _transferred,
}

# ------------------------------------------------------------ rules


def _no_second_lead(_case: Case, _meta: ClaimMeta, claim: AddParties, _x: Context) -> str | None:
    """Who is added assists or is informed: there is one lead already."""
    if not claim.parties:
        return "nobody is added"
    leads = [a.org for a in claim.parties if a.role == PartyRole.LEAD]
    return f"{', '.join(leads)} cannot lead beside the lead; appoint it instead" if leads else None


def _only_new(case: Case, _meta: ClaimMeta, claim: AddParties, _x: Context) -> str | None:
    """Who is added is no party yet, or was only informed, and is named once."""
    if len({a.org for a in claim.parties}) != len(claim.parties):
        return "each party is named once"
    known = [a.org for a in claim.parties if (p := party_of(case, a.org)) is not None and p.works]
    return f"{', '.join(known)} works in this case already" if known else None


def _is_a_party(case: Case, _meta: ClaimMeta, claim: ReleaseParty, _x: Context) -> str | None:
    """Only who is a party is released."""
    party = party_of(case, claim.party)
    return f"{claim.party} is no party of this case" if party is None or party.gone else None


def _not_the_lead(case: Case, _meta: ClaimMeta, claim: ReleaseParty, _x: Context) -> str | None:
    """The lead is not released: another one is appointed, or takes its place."""
    lead = lead_of(case)
    return f"{claim.party} leads" if lead is not None and lead.org == claim.party else None


def _can_lead(case: Case, _meta: ClaimMeta, claim: AppointLead, _x: Context) -> str | None:
    """Who is appointed lead is a party with work to do, or has reported in."""
    party = party_of(case, claim.org)
    if party is None or party.gone:
        return None if claim.org in case.more.reported_in else f"{claim.org} is no party and has not reported in"
    if party.leads:
        return f"{claim.org} leads already"
    if party.status in (PartyStatus.HANDED_BACK, PartyStatus.RETURNED):
        return f"{claim.org} has {party.status.replace('_', ' ')}"
    return None


def _has_reported_in(case: Case, _meta: ClaimMeta, claim: AppointLead, _x: Context) -> str | None:
    """A lead that was summoned has reported in."""
    return f"{claim.org} was summoned and has not reported in" if awaited(case, claim.org) else None


def _lead_has_not_returned(case: Case, _meta: ClaimMeta, _claim: AppointLead, _x: Context) -> str | None:
    """A lead that has given the case back is sent again, replaced or adjudicated, not made an assist."""
    lead = lead_of(case)
    if lead is None or lead.status is not PartyStatus.RETURNED:
        return None
    return f"{lead.org} leads and has given the case back"


def _has_open_work(case: Case, _meta: ClaimMeta, claim: Transfer, _x: Context) -> str | None:
    """Only a party with open work is replaced."""
    party = party_of(case, claim.party)
    if party is None or not party.works:
        return f"{claim.party} has no work to do in this case"
    return f"{claim.party} has handed back already" if party.status is PartyStatus.HANDED_BACK else None


def _new_place(case: Case, _meta: ClaimMeta, claim: Transfer, _x: Context) -> str | None:
    """Who takes a party's place does not work in the case already."""
    party = party_of(case, claim.to)
    return f"{claim.to} works in this case already" if party is not None and party.works else None


RULES: dict[type, tuple[Rule, ...]] = {
    AddParties: (Rule("AddParties.no-lead", _no_second_lead), Rule("AddParties.new", _only_new)),
    ReleaseParty: (Rule("ReleaseParty.party", _is_a_party), Rule("ReleaseParty.lead", _not_the_lead)),
    AppointLead: (
        Rule("AppointLead.party", _can_lead),
        Rule("AppointLead.reported-in", _has_reported_in),
        Rule("AppointLead.returned", _lead_has_not_returned),
    ),
    Transfer: (
        Rule("Transfer.party", _has_open_work),
        Rule("Transfer.to", _new_place),
        Rule("Transfer.adjudicate-first", adjudicate_first),
    ),
}

# ------------------------------------------------------------ decisions


def _add(_case: Case, _meta: ClaimMeta, c: AddParties, _x: Context) -> tuple[FactBody, ...]:
    return (PartiesAdded(c.parties, c.basis),)


def _release(_case: Case, _meta: ClaimMeta, c: ReleaseParty, _x: Context) -> tuple[FactBody, ...]:
    return (PartyReleased(c.party, c.reason),)


def _appoint(_case: Case, _meta: ClaimMeta, c: AppointLead, _x: Context) -> tuple[FactBody, ...]:
    return (LeadAppointed(c.org, c.reason),)


def _transfer(_case: Case, _meta: ClaimMeta, c: Transfer, _x: Context) -> tuple[FactBody, ...]:
    return (Transferred(c.party, c.to, c.reason, c.basis),)


DECIDE: dict[type, Any] = {
    AddParties: _add,
    ReleaseParty: _release,
    AppointLead: _appoint,
    Transfer: _transfer,
}
