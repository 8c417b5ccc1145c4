"""The rules that a claim must meet, each with a name: `<Claim>.stage`, `<Claim>.relation`, and rules of content.

Every rule is a function (case, meta, claim) → what stands against it in one sentence without personal data, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.events import ClaimMeta, Close, ClosingKind, Dispatch, HandBack, PartyRole, SelfHandle
from streams.core.authority import Permission, Relation
from streams.core.case import Case, Party, PartyStatus

ClaimBody = Any
"""One of the claim classes of schemas.events, without its meta."""


def permission_key(claim: ClaimBody) -> str:
    """Row of the authority table that the claim falls under."""
    name = type(claim).__name__
    return f"{name}.{claim.kind}" if type(claim) is Close else name


def _party(case: Case, org: str) -> Party | None:
    for party in case.parties:
        if party.org == org:
            return party
    return None


def _own_party(case: Case, meta: ClaimMeta, claim: ClaimBody) -> str | None:
    if claim.party != meta.actor.org and meta.actor.role != "source":
        return f"{meta.actor.org} cannot speak for {claim.party}"
    party = _party(case, claim.party)
    if party is None or not party.works:
        return f"{claim.party} has no work to do in this case"
    if party.status is PartyStatus.HANDED_BACK:
        return f"{claim.party} has handed back already"
    return None


def _not_a_party(case: Case, meta: ClaimMeta, _claim: ClaimBody) -> str | None:
    party = _party(case, meta.actor.org)
    return f"{meta.actor.org} disposes in this case; who disposes never verifies" if party and party.works else None


def _reporting_side(case: Case, meta: ClaimMeta, _claim: ClaimBody) -> str | None:
    if meta.actor.org == case.reporting_org:
        return None
    return f"the report came from {case.reporting_org}, not from {meta.actor.org}"


_RELATIONS: dict[Relation, Callable[[Case, ClaimMeta, Any], str | None]] = {
    Relation.OWN_PARTY: _own_party,
    Relation.NOT_A_PARTY: _not_a_party,
    Relation.REPORTING_SIDE: _reporting_side,
}


def _dispatch_rule(_case: Case, _meta: ClaimMeta, claim: Dispatch) -> str | None:
    leads = sum(a.role == PartyRole.LEAD for a in claim.parties)
    if leads != 1:
        return f"a dispatch names exactly one lead; this one names {leads}"
    if len({a.org for a in claim.parties}) != len(claim.parties):
        return "a dispatch names each party once"
    return None


def _hand_back_rule(case: Case, _meta: ClaimMeta, claim: HandBack) -> str | None:
    party = _party(case, claim.party)
    if party is None or party.role != PartyRole.LEAD:
        return None
    open_assists = [
        p.org for p in case.parties if p.role == PartyRole.ASSIST and p.status is not PartyStatus.HANDED_BACK
    ]
    return f"the lead hands back last; still open: {', '.join(open_assists)}" if open_assists else None


def _self_handle_rule(_case: Case, _meta: ClaimMeta, claim: SelfHandle) -> str | None:
    return None if claim.evidence else "self-handling needs evidence"


def _recorded_rule(_case: Case, meta: ClaimMeta, claim: Close) -> str | None:
    if claim.kind == ClosingKind.RECORDED and not meta.already_done:
        return "only a source that reports what has happened already can close as recorded"
    return None


_CONTENT: dict[type, tuple[str, Callable[[Case, ClaimMeta, Any], str | None]]] = {
    Dispatch: ("Dispatch.one-lead", _dispatch_rule),
    HandBack: ("HandBack.lead-last", _hand_back_rule),
    SelfHandle: ("SelfHandle.evidence", _self_handle_rule),
    Close: ("Close.already-done", _recorded_rule),
}


def broken_rules(
    case: Case, meta: ClaimMeta, claim: ClaimBody, key: str, permission: Permission
) -> list[tuple[str, str]]:
    """Rules that the claim breaks although its actor may make it: pairs of rule and what stands against it."""
    broken = []
    if case.stage not in permission.stages:
        broken.append((f"{key}.stage", f"the case is {case.stage}"))
    relation = _RELATIONS.get(permission.relation)
    if relation is not None and (detail := relation(case, meta, claim)):
        broken.append((f"{key}.relation", detail))
    content = _CONTENT.get(type(claim))
    if content is not None and (detail := content[1](case, meta, claim)):
        broken.append((content[0], detail))
    if meta.occurred_at < case.reported_at:
        broken.append(("time.before-report", "it is said to have happened before the report"))
    return broken
