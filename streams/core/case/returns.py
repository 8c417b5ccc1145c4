"""Ping-pong 推诿: a party gives back, is sent it again, until the centre adjudicates who acts.

Promise: after so many returns nothing is passed on before the centre has decided, and then nobody gives back any more.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Adjudicate,
    Adjudicated,
    AdjudicationCalled,
    ClaimMeta,
    FactMeta,
    PartyRole,
    Return,
    Returned,
    SendAgain,
    SentAgain,
)
from streams.core.authority import Stage
from streams.core.case.policy import returns_before_adjudication
from streams.core.case.state import (
    Adjudication,
    Case,
    Party,
    PartyStatus,
    joined,
    noting,
    party_of,
    settled,
    with_status,
)
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _returned(case: Case, _meta: FactMeta, fact: Returned) -> Case:
    parties = with_status(case.parties, (fact.party,), PartyStatus.RETURNED)
    return noting(replace(case, parties=parties), returns=case.more.returns + 1)


def _called(case: Case, _meta: FactMeta, _fact: AdjudicationCalled) -> Case:
    return noting(case, adjudication=Adjudication.CALLED)


def _sent_again(case: Case, _meta: FactMeta, fact: SentAgain) -> Case:
    return replace(case, parties=with_status(case.parties, (fact.party,), PartyStatus.DISPATCHED))


def _adjudicated(case: Case, _meta: FactMeta, fact: Adjudicated) -> Case:
    parties = with_status(case.parties, tuple([p.org for p in case.parties if not p.gone]), PartyStatus.RELEASED)
    for assignment in fact.parties:
        parties = _kept(
            joined(parties, assignment.org, assignment.role), party_of(case, assignment.org), assignment.role
        )
    stage = case.stage if case.ended else Stage.DISPATCHED
    return settled(noting(replace(case, parties=parties, stage=stage), adjudication=Adjudication.DONE))


def _kept(parties: tuple[Party, ...], before: Party | None, role: str) -> tuple[Party, ...]:
    """What a party has done in the same role counts on, unless it had given the case back."""
    if before is None or before.gone or before.role != role or before.status is PartyStatus.RETURNED:
        return parties
    return with_status(parties, (before.org,), before.status)


EVOLVE: dict[type, Any] = {
    Returned: _returned,
    AdjudicationCalled: _called,
    SentAgain: _sent_again,
    Adjudicated: _adjudicated,
}

# ------------------------------------------------------------ rules


def _reason(_case: Case, _meta: ClaimMeta, claim: Any, _x: Context) -> str | None:
    """A reason is given."""
    return None if claim.reason else "a reason is needed"


def adjudicate_first(case: Case, _meta: ClaimMeta, _claim: Any, _x: Context) -> str | None:
    """Once the centre has to adjudicate, the case is not passed on before it has."""
    more = case.more
    return f"given back {more.returns} times: the centre adjudicates first" if more.adjudication == "called" else None


def _may_still_return(case: Case, _meta: ClaimMeta, _claim: Return, _x: Context) -> str | None:
    """After the centre has adjudicated nobody gives the case back."""
    return "the centre has decided who acts" if case.more.adjudication is Adjudication.DONE else None


def _has_returned(case: Case, _meta: ClaimMeta, claim: SendAgain, _x: Context) -> str | None:
    """Only who has given the case back is sent it again."""
    party = party_of(case, claim.party)
    if party is not None and party.status is PartyStatus.RETURNED:
        return None
    return f"{claim.party} has not given the case back"


def _one_lead(_case: Case, _meta: ClaimMeta, claim: Adjudicate, _x: Context) -> str | None:
    """Of the parties that the centre decides on exactly one leads, and each is named once."""
    leads = sum(a.role == PartyRole.LEAD for a in claim.parties)
    if leads != 1 or len({a.org for a in claim.parties}) != len(claim.parties):
        return f"exactly one party leads and each is named once; here {leads} lead"
    return None


def _basis(_case: Case, _meta: ClaimMeta, claim: Adjudicate, _x: Context) -> str | None:
    """An adjudication cites what it rests on."""
    return None if claim.basis else "an item or rule is to be cited"


RULES: dict[type, tuple[Rule, ...]] = {
    Return: (
        Rule("Return.reason", _reason),
        Rule("Return.adjudicate-first", adjudicate_first),
        Rule("Return.adjudicated", _may_still_return),
    ),
    SendAgain: (Rule("SendAgain.returned", _has_returned), Rule("SendAgain.adjudicate-first", adjudicate_first)),
    Adjudicate: (Rule("Adjudicate.one-lead", _one_lead), Rule("Adjudicate.basis", _basis)),
}

# ------------------------------------------------------------ decisions


def _return(case: Case, meta: ClaimMeta, c: Return, x: Context) -> tuple[FactBody, ...]:
    returned = Returned(c.party, c.reason, c.text, c.evidence)
    returns = case.more.returns + 1
    if case.more.adjudication is not Adjudication.NONE or returns < returns_before_adjudication(case, meta, x):
        return (returned,)
    return (returned, AdjudicationCalled(returns))


def _send_again(_case: Case, _meta: ClaimMeta, c: SendAgain, _x: Context) -> tuple[FactBody, ...]:
    return (SentAgain(c.party, c.reason, c.text),)


def _adjudicate(_case: Case, _meta: ClaimMeta, c: Adjudicate, _x: Context) -> tuple[FactBody, ...]:
    return (Adjudicated(c.basis, c.parties, c.text),)


DECIDE: dict[type, Any] = {Return: _return, SendAgain: _send_again, Adjudicate: _adjudicate}
