"""Danger to life: the matter goes to 110, 119 or 120 at once, levels and approvals skipped, and is justified later.

Promise: the service is a party from the moment of the hand-over on, leading where nobody leads; when it refuses, it is
none any more.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from schemas.events import (
    AnswerHandOver,
    ClaimMeta,
    FactMeta,
    Filed,
    HandedOver,
    HandOver,
    HandOverAnswered,
    HandOverJustified,
    JustifyHandOver,
    PartyRole,
)
from streams.core.authority import Stage
from streams.core.case.state import (
    Case,
    HandedOverTo,
    PartyStatus,
    joined,
    lead_of,
    noting,
    party_of,
    settled,
    with_status,
)
from streams.core.kind import Context, FactBody, Rule

SERVICES = ("110", "119", "120")

# ------------------------------------------------------------ evolve


def _handed_over(case: Case, _meta: FactMeta, fact: HandedOver) -> Case:
    role = PartyRole.LEAD if lead_of(case) is None else PartyRole.ASSIST
    others = tuple([one for one in case.more.handed_over if one.org != fact.org])
    case = noting(case, handed_over=(*others, HandedOverTo(fact.org, fact.service)), unjustified=True)
    if case.ended:  # as a source may report; nobody works in a case that has ended
        return case
    return replace(case, stage=Stage.DISPATCHED, parties=joined(case.parties, fact.org, role))


def _answered(case: Case, _meta: FactMeta, fact: HandOverAnswered) -> Case:
    answered = [replace(one, accepted=fact.accepted) if one.org == fact.org else one for one in case.more.handed_over]
    case = noting(case, handed_over=tuple(answered))
    party = party_of(case, fact.org)
    if party is None or party.gone or (fact.accepted and party.status is not PartyStatus.DISPATCHED):
        return case
    status = PartyStatus.ACKNOWLEDGED if fact.accepted else PartyStatus.RELEASED
    case = replace(case, parties=with_status(case.parties, (fact.org,), status))
    if case.stage is Stage.DISPATCHED and lead_of(case) is None:
        return replace(case, stage=Stage.FILED)
    return settled(case)


def _justified(case: Case, _meta: FactMeta, _fact: HandOverJustified) -> Case:
    return noting(case, unjustified=False)


EVOLVE: dict[type, Any] = {HandedOver: _handed_over, HandOverAnswered: _answered, HandOverJustified: _justified}

# ------------------------------------------------------------ rules


def _service(_case: Case, _meta: ClaimMeta, claim: HandOver, _x: Context) -> str | None:
    """A matter is handed over to 110, 119 or 120."""
    return None if claim.service in SERVICES else "only 110, 119 and 120 take what is handed over"


def _not_there_yet(case: Case, _meta: ClaimMeta, claim: HandOver, _x: Context) -> str | None:
    """A matter is handed over to an organisation that does not work on it already."""
    party = party_of(case, claim.org)
    return f"{claim.org} works in this case already" if party is not None and party.works else None


def _was_handed_over(case: Case, _meta: ClaimMeta, claim: AnswerHandOver, _x: Context) -> str | None:
    """Who a matter was handed over to answers, once."""
    if any(one.org == claim.org and one.accepted is None for one in case.more.handed_over):
        return None
    return f"nothing was handed over to {claim.org} that it has not answered"


def _refused_with_reason(_case: Case, _meta: ClaimMeta, claim: AnswerHandOver, _x: Context) -> str | None:
    """A service that refuses says why."""
    return None if claim.accepted or claim.reason else "a refusal needs a reason"


def _refused_before_work(case: Case, _meta: ClaimMeta, claim: AnswerHandOver, _x: Context) -> str | None:
    """A service that has handed back cannot refuse any more."""
    party = party_of(case, claim.org)
    if claim.accepted or party is None or party.status is not PartyStatus.HANDED_BACK:
        return None
    return f"{claim.org} has handed back already"


def _to_be_justified(case: Case, _meta: ClaimMeta, _claim: JustifyHandOver, _x: Context) -> str | None:
    """A hand-over is justified once."""
    return None if case.more.unjustified else "no hand-over waits for a justification"


RULES: dict[type, tuple[Rule, ...]] = {
    HandOver: (Rule("HandOver.service", _service), Rule("HandOver.again", _not_there_yet)),
    AnswerHandOver: (
        Rule("AnswerHandOver.asked", _was_handed_over),
        Rule("AnswerHandOver.reason", _refused_with_reason),
        Rule("AnswerHandOver.handed-back", _refused_before_work),
    ),
    JustifyHandOver: (Rule("JustifyHandOver.unjustified", _to_be_justified),),
}

# ------------------------------------------------------------ decisions


def _hand_over(case: Case, _meta: ClaimMeta, c: HandOver, x: Context) -> tuple[FactBody, ...]:
    handed = HandedOver(c.service, c.org, c.reason, c.text)
    return (Filed(x.number(case.division)), handed) if case.stage is Stage.REPORTED else (handed,)


def _answer(_case: Case, _meta: ClaimMeta, c: AnswerHandOver, _x: Context) -> tuple[FactBody, ...]:
    return (HandOverAnswered(c.org, c.accepted, c.reason, c.reference),)


def _justify(_case: Case, _meta: ClaimMeta, c: JustifyHandOver, _x: Context) -> tuple[FactBody, ...]:
    return (HandOverJustified(c.reason, c.text),)


DECIDE: dict[type, Any] = {HandOver: _hand_over, AnswerHandOver: _answer, JustifyHandOver: _justify}
