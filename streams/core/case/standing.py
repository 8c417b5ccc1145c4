"""What the actor's organisation is to a case: the relations of the authority table.

Relations between organisations (who commands whom, who is stationed where) come from the reference data; what these do
not say does not hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.events import ClaimMeta
from streams.core.authority import Relation, Role
from streams.core.case.state import Case, PartyStatus, party_of
from streams.core.kind import ClaimBody, Context
from streams.core.reference import organisations

DEPENDENT = frozenset({"subordinate", "stationed"})
"""Relations by which an organisation is not free towards another."""


def between(x: Context, at: int, org: str, to: str) -> str | None:
    """The relation of an organisation to another one at a moment: subordinate, coordinated, stationed, or None."""
    return organisations.relation(x.reference.in_force(at), org, to) if x.reference.loads else None


def dependent(x: Context, at: int, org: str, on: str) -> bool:
    """Whether an organisation is commanded by another one or stationed with it."""
    return between(x, at, org, on) in DEPENDENT


def _spoken_for(claim: ClaimBody) -> str:
    """The organisation that a claim speaks for."""
    found: str = claim.org if hasattr(claim, "org") else claim.party
    return found


def _own_org(_case: Case, meta: ClaimMeta, claim: ClaimBody, _x: Context) -> str | None:
    org = _spoken_for(claim)
    if org == meta.actor.org or meta.actor.role == Role.SOURCE:
        return None
    return f"{meta.actor.org} cannot speak for {org}"


def _own_party(case: Case, meta: ClaimMeta, claim: ClaimBody, _x: Context) -> str | None:
    if claim.party != meta.actor.org and meta.actor.role != Role.SOURCE:
        return f"{meta.actor.org} cannot speak for {claim.party}"
    party = party_of(case, claim.party)
    if party is None or not party.works:
        return f"{claim.party} has no work to do in this case"
    if party.status is PartyStatus.HANDED_BACK:
        return f"{claim.party} has handed back already"
    if party.status is PartyStatus.RETURNED:
        return f"{claim.party} has given the case back"
    return None


def _any_party(case: Case, meta: ClaimMeta, claim: ClaimBody, x: Context) -> str | None:
    if party_of(case, claim.party) is None:
        return f"{claim.party} was never a party of this case"
    return _own_org(case, meta, claim, x)


def _not_a_party(case: Case, meta: ClaimMeta, _claim: ClaimBody, x: Context) -> str | None:
    org, related = meta.actor.org, bool(x.reference.loads)
    for party in case.parties:
        if party.org == org and party.works:
            return f"{org} disposes in this case; who disposes never verifies"
        if related and party.works and dependent(x, meta.occurred_at, org, party.org):
            return f"{org} depends on {party.org}, which disposes in this case; who disposes never verifies"
    return None


def _reporting_side(case: Case, meta: ClaimMeta, _claim: ClaimBody, x: Context) -> str | None:
    org, reporting, at = meta.actor.org, case.reporting_org, meta.occurred_at
    if org == reporting or between(x, at, org, reporting) == "subordinate":
        return None
    if between(x, at, reporting, org) == "subordinate":
        return None
    return f"the report came from {reporting}, not from {org}"


def _verifying_side(case: Case, meta: ClaimMeta, claim: ClaimBody, x: Context) -> str | None:
    if works := _not_a_party(case, meta, claim, x):
        return works
    org = meta.actor.org
    if org in (case.reporting_org, case.filing_org, *case.more.asked_to_check):
        return None
    if _reporting_side(case, meta, claim, x) is None:
        return None
    return f"{org} is not the side of the report, has not filed the case and was not asked to check"


STANDING: dict[Relation, Callable[[Case, ClaimMeta, Any, Context], str | None]] = {
    Relation.OWN_ORG: _own_org,
    Relation.OWN_PARTY: _own_party,
    Relation.ANY_PARTY: _any_party,
    Relation.NOT_A_PARTY: _not_a_party,
    Relation.REPORTING_SIDE: _reporting_side,
    Relation.VERIFYING_SIDE: _verifying_side,
}
