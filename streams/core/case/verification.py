"""What the supervising side does around a disposal: asks for a check, calls back, audits, hears appeals.

Promise: an appeal has two reviews by different people; only two approvals exempt, and what ran out stays a fact.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Appeal,
    Appealed,
    AppealReviewed,
    AskCheck,
    Audit,
    Audited,
    CallBack,
    CalledBack,
    CheckAsked,
    ClaimMeta,
    Exempted,
    FactMeta,
    ReviewAppeal,
)
from streams.core.authority import Stage
from streams.core.case.standing import dependent
from streams.core.case.state import AppealOf, Case, noting, who
from streams.core.kind import Context, FactBody, Rule

REVIEWS = 2

# ------------------------------------------------------------ evolve


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


def _check_asked(case: Case, _meta: FactMeta, fact: CheckAsked) -> Case:
    return noting(case, asked_to_check=tuple(dict.fromkeys((*case.more.asked_to_check, fact.org))))


def _audited(case: Case, _meta: FactMeta, _fact: Audited) -> Case:
    return noting(case, audited=True)


def appeal_of(case: Case, org: str) -> AppealOf | None:
    """The appeal of a party."""
    return next((one for one in case.more.appeals if one.org == org), None)


def _appealed(case: Case, _meta: FactMeta, fact: Appealed) -> Case:
    return noting(case, appeals=(*case.more.appeals, AppealOf(fact.party)))


def _reviewed(case: Case, meta: FactMeta, fact: AppealReviewed) -> Case:
    def after(one: AppealOf) -> AppealOf:
        approved = one.approved and fact.approved
        return replace(one, reviewer=who(meta.actor), approved=approved, reviews=one.reviews + 1)

    return noting(case, appeals=tuple([after(one) if one.org == fact.party else one for one in case.more.appeals]))


EVOLVE: dict[type, Any] = {
    CheckAsked: _check_asked,
    CalledBack: _unchanged,
    Audited: _audited,
    Appealed: _appealed,
    AppealReviewed: _reviewed,
    Exempted: _unchanged,
}

# ------------------------------------------------------------ rules


def _disposes_not(case: Case, meta: ClaimMeta, claim: AskCheck, x: Context) -> str | None:
    """Who disposes is not asked to verify, nor who depends on it."""
    for party in case.parties:
        if party.works and (party.org == claim.org or dependent(x, meta.occurred_at, claim.org, party.org)):
            return f"{claim.org} is the side of {party.org}, which disposes in this case"
    return None


def _after_an_answer(case: Case, _meta: ClaimMeta, _claim: CallBack, _x: Context) -> str | None:
    """A reporter is called back once there is something to ask about: after closing, or after a first answer."""
    if case.stage is Stage.CLOSED or case.more.answered:
        return None
    return "the case is open and the reporter has had no answer yet"


def _nothing_unheard(_case: Case, _meta: ClaimMeta, claim: CallBack, _x: Context) -> str | None:
    """Who was not reached has called nothing solved or satisfying."""
    if claim.contacted or (claim.solved is None and claim.satisfied is None):
        return None
    return "the reporter was not reached, so nothing was said"


def _is_sampled(case: Case, _meta: ClaimMeta, _claim: Audit, _x: Context) -> str | None:
    """What was sampled is audited, once."""
    if not case.more.sampled:
        return "the case is not in the sample"
    return "the case was audited already" if case.more.audited else None


def _not_its_own(case: Case, meta: ClaimMeta, _claim: Audit, x: Context) -> str | None:
    """Nobody audits what the own side settled."""
    org, reporting = meta.actor.org, case.reporting_org
    if org == reporting or dependent(x, meta.occurred_at, org, reporting):
        return f"{org} is the side of {reporting}, which settled it"
    return None


def _once(case: Case, _meta: ClaimMeta, claim: Appeal, _x: Context) -> str | None:
    """A party appeals once."""
    return f"{claim.party} has appealed already" if appeal_of(case, claim.party) is not None else None


def _is_pending(case: Case, _meta: ClaimMeta, claim: ReviewAppeal, _x: Context) -> str | None:
    """An appeal that is there is reviewed, twice."""
    appeal = appeal_of(case, claim.party)
    if appeal is None:
        return f"{claim.party} has not appealed"
    return "it was reviewed twice already" if appeal.reviews >= REVIEWS else None


def _no_judge_in_own_cause(_case: Case, meta: ClaimMeta, claim: ReviewAppeal, x: Context) -> str | None:
    """Nobody reviews an appeal of the own side."""
    if meta.actor.org == claim.party or dependent(x, meta.occurred_at, meta.actor.org, claim.party):
        return f"{meta.actor.org} is the side of {claim.party}"
    return None


def _another_reviewer(case: Case, meta: ClaimMeta, claim: ReviewAppeal, _x: Context) -> str | None:
    """The two reviews of an appeal are by different people."""
    appeal = appeal_of(case, claim.party)
    if appeal is None or appeal.reviewer is None or not appeal.reviewer.may_be(meta.actor):
        return None
    return "the same one has reviewed it already"


RULES: dict[type, tuple[Rule, ...]] = {
    AskCheck: (Rule("AskCheck.disposes", _disposes_not),),
    CallBack: (Rule("CallBack.answered", _after_an_answer), Rule("CallBack.contacted", _nothing_unheard)),
    Audit: (Rule("Audit.sampled", _is_sampled), Rule("Audit.own", _not_its_own)),
    Appeal: (Rule("Appeal.once", _once),),
    ReviewAppeal: (
        Rule("ReviewAppeal.appealed", _is_pending),
        Rule("ReviewAppeal.own", _no_judge_in_own_cause),
        Rule("ReviewAppeal.two-people", _another_reviewer),
    ),
}

# ------------------------------------------------------------ decisions


def _ask_check(_case: Case, _meta: ClaimMeta, c: AskCheck, _x: Context) -> tuple[FactBody, ...]:
    return (CheckAsked(c.org),)


def _call_back(_case: Case, _meta: ClaimMeta, c: CallBack, _x: Context) -> tuple[FactBody, ...]:
    return (CalledBack(c.contacted, c.solved, c.satisfied, c.text),)


def _audit(_case: Case, _meta: ClaimMeta, c: Audit, _x: Context) -> tuple[FactBody, ...]:
    return (Audited(c.result, c.text, c.evidence),)


def _appeal(_case: Case, _meta: ClaimMeta, c: Appeal, _x: Context) -> tuple[FactBody, ...]:
    return (Appealed(c.party, c.ground, c.text, c.evidence),)


def _review(case: Case, _meta: ClaimMeta, c: ReviewAppeal, _x: Context) -> tuple[FactBody, ...]:
    appeal = appeal_of(case, c.party) or AppealOf(c.party)
    reviewed = AppealReviewed(c.party, c.approved, c.reason, appeal.reviews + 1)
    exempt = appeal.reviews + 1 == REVIEWS and appeal.approved and c.approved
    return (reviewed, Exempted(c.party, c.reason)) if exempt else (reviewed,)


DECIDE: dict[type, Any] = {
    AskCheck: _ask_check,
    CallBack: _call_back,
    Audit: _audit,
    Appeal: _appeal,
    ReviewAppeal: _review,
}
