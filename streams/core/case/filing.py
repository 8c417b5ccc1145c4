"""Around the report: what it is called elsewhere, a look on site before filing, corrections, and the ways out.

Promise: a case ends before closing only as not filed, withdrawn by its reporting side, or void.
"""

from __future__ import annotations

from sys import intern
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    AddAlias,
    AliasAdded,
    Amend,
    Amended,
    AnswerReporter,
    AskLeadVerification,
    ClaimMeta,
    FactMeta,
    FilingRefused,
    LeadVerificationAsked,
    LeadVerified,
    RefuseFiling,
    ReporterAnswered,
    ReportWithdrawn,
    Supplement,
    Supplemented,
    VerifyLead,
    Void,
    Voided,
    Withdraw,
)
from streams.core.authority import Role, Stage
from streams.core.case import about
from streams.core.case.state import Case, PartyStatus, noting, party_of
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


def _filing_refused(case: Case, _meta: FactMeta, _fact: FilingRefused) -> Case:
    return replace(case, stage=Stage.NOT_FILED)


def _verification_asked(case: Case, _meta: FactMeta, fact: LeadVerificationAsked) -> Case:
    return noting(case, verifier=intern(fact.party))


def _verified(case: Case, _meta: FactMeta, fact: LeadVerified) -> Case:
    return noting(case, verifier="", refuted=not fact.confirmed)


def _amended(case: Case, _meta: FactMeta, fact: Amended) -> Case:
    if case.about is not None:
        case = replace(case, about=about.amended(case.about, fact))
    if fact.place is None or not fact.place.division:
        return case
    return replace(case, division=intern(fact.place.division[:6]))


def _reporter_answered(case: Case, _meta: FactMeta, _fact: ReporterAnswered) -> Case:
    return noting(case, answered=True)


def _withdrawn(case: Case, _meta: FactMeta, _fact: ReportWithdrawn) -> Case:
    return replace(case, stage=Stage.WITHDRAWN)


def _voided(case: Case, _meta: FactMeta, _fact: Voided) -> Case:
    return replace(case, stage=Stage.VOID)


EVOLVE: dict[type, Any] = {
    AliasAdded: _unchanged,
    FilingRefused: _filing_refused,
    LeadVerificationAsked: _verification_asked,
    LeadVerified: _verified,
    Amended: _amended,
    Supplemented: _unchanged,
    ReporterAnswered: _reporter_answered,
    ReportWithdrawn: _withdrawn,
    Voided: _voided,
}

# ------------------------------------------------------------ rules


def _none_is_out(case: Case, _meta: ClaimMeta, _claim: AskLeadVerification, _x: Context) -> str | None:
    """A lead is looked at by one organisation at a time."""
    verifier = case.more.verifier
    return f"{verifier} was asked and has not answered yet" if verifier else None


def _was_asked(case: Case, _meta: ClaimMeta, claim: VerifyLead, _x: Context) -> str | None:
    """Who was asked to look at a lead answers, once."""
    return None if case.more.verifier == claim.party else f"{claim.party} is not asked to look at this lead"


def _amends_something(_case: Case, _meta: ClaimMeta, claim: Amend, _x: Context) -> str | None:
    """An amendment says what is right: type, place, condition or asset."""
    given = (claim.category, claim.place, claim.condition, claim.asset)
    return "nothing is corrected" if all(one is None for one in given) else None


def _by_the_centre(case: Case, meta: ClaimMeta, _claim: Amend, _x: Context) -> str | None:
    """Once a case is filed, only a dispatcher amends it: limits hang on what it says."""
    free = (Role.DISPATCHER, Role.SOURCE)
    if case.stage is Stage.REPORTED or meta.actor.role in free:
        return None
    return f"the case is {case.stage}: a dispatcher corrects it, no {meta.actor.role}"


def _adds_something(_case: Case, _meta: ClaimMeta, claim: Supplement, _x: Context) -> str | None:
    """A supplement has a text or evidence."""
    return None if claim.text is not None or claim.evidence else "nothing is added"


def _nobody_works(case: Case, _meta: ClaimMeta, _claim: Withdraw, _x: Context) -> str | None:
    """A report is taken back only until a party has acknowledged it."""
    taken = [p.org for p in case.parties if p.works and p.status is not PartyStatus.DISPATCHED]
    return f"{', '.join(taken)} works on it already" if taken else None


def _not_handed_over(case: Case, _meta: ClaimMeta, _claim: Withdraw, _x: Context) -> str | None:
    """What was handed over for danger to life is not taken back."""
    out = [s.service for s in case.more.handed_over if (p := party_of(case, s.org)) is not None and not p.gone]
    return f"the case was handed over to {', '.join(out)}" if out else None


RULES: dict[type, tuple[Rule, ...]] = {
    AskLeadVerification: (Rule("AskLeadVerification.one", _none_is_out),),
    VerifyLead: (Rule("VerifyLead.asked", _was_asked),),
    Amend: (Rule("Amend.something", _amends_something), Rule("Amend.by-centre", _by_the_centre)),
    Supplement: (Rule("Supplement.something", _adds_something),),
    Withdraw: (Rule("Withdraw.acknowledged", _nobody_works), Rule("Withdraw.handed-over", _not_handed_over)),
}

# ------------------------------------------------------------ decisions


def _add_alias(_case: Case, _meta: ClaimMeta, c: AddAlias, _x: Context) -> tuple[FactBody, ...]:
    return (AliasAdded(c.system, c.number),)


def _refuse_filing(_case: Case, _meta: ClaimMeta, c: RefuseFiling, _x: Context) -> tuple[FactBody, ...]:
    return (FilingRefused(c.reason, c.text),)


def _ask_verification(_case: Case, _meta: ClaimMeta, c: AskLeadVerification, _x: Context) -> tuple[FactBody, ...]:
    return (LeadVerificationAsked(c.party, c.text),)


def _verify(_case: Case, _meta: ClaimMeta, c: VerifyLead, _x: Context) -> tuple[FactBody, ...]:
    return (LeadVerified(c.party, c.confirmed, c.text, c.evidence),)


def _amend(_case: Case, _meta: ClaimMeta, c: Amend, _x: Context) -> tuple[FactBody, ...]:
    return (Amended(c.reason, c.category, c.place, c.condition, c.text, c.asset),)


def _supplement(_case: Case, _meta: ClaimMeta, c: Supplement, _x: Context) -> tuple[FactBody, ...]:
    return (Supplemented(c.text, c.evidence),)


def _answer_reporter(_case: Case, _meta: ClaimMeta, c: AnswerReporter, _x: Context) -> tuple[FactBody, ...]:
    return (ReporterAnswered(c.channel, c.text),)


def _withdraw(_case: Case, _meta: ClaimMeta, c: Withdraw, _x: Context) -> tuple[FactBody, ...]:
    return (ReportWithdrawn(c.reason, c.text),)


def _void(_case: Case, _meta: ClaimMeta, c: Void, _x: Context) -> tuple[FactBody, ...]:
    return (Voided(c.reason, c.text),)


DECIDE: dict[type, Any] = {
    AddAlias: _add_alias,
    RefuseFiling: _refuse_filing,
    AskLeadVerification: _ask_verification,
    VerifyLead: _verify,
    Amend: _amend,
    Supplement: _supplement,
    AnswerReporter: _answer_reporter,
    Withdraw: _withdraw,
    Void: _void,
}
