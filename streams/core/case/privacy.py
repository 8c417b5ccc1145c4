"""Who may see a case, and what only one organisation may know.

Promise: what is restricted stays so, and a question is answered once. Who sees what follows from it
in `streams.core.visibility`.
"""

from __future__ import annotations

from typing import Any

from schemas.events import (
    AnswerReference,
    AskReference,
    ClaimMeta,
    FactMeta,
    ReferenceAnswered,
    ReferenceAsked,
    Restrict,
    Restricted,
)
from streams.core.case.state import Case, Question, noting, party_of
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _restricted(case: Case, _meta: FactMeta, fact: Restricted) -> Case:
    return noting(case, restricted=True, visible_to=tuple(dict.fromkeys(case.more.visible_to + fact.orgs)))


def _asked(case: Case, meta: FactMeta, fact: ReferenceAsked) -> Case:
    question = Question(fact.party, fact.purpose, meta.actor.org)
    return noting(case, questions=(*case.more.questions, question))


def _answered(case: Case, _meta: FactMeta, fact: ReferenceAnswered) -> Case:
    """The oldest question to a party is answered first."""
    questions = list(case.more.questions)
    for question in questions:
        if question.party == fact.party:
            questions.remove(question)
            break
    return noting(case, questions=tuple(questions))


EVOLVE: dict[type, Any] = {Restricted: _restricted, ReferenceAsked: _asked, ReferenceAnswered: _answered}

# ------------------------------------------------------------ rules


def _reason(_case: Case, _meta: ClaimMeta, claim: Restrict, _x: Context) -> str | None:
    """A case is restricted for a reason."""
    return None if claim.reason else "a reason is needed"


def _not_open(case: Case, meta: ClaimMeta, claim: AskReference, _x: Context) -> str | None:
    """The same question is asked once until it is answered."""
    same = Question(claim.party, claim.purpose, meta.actor.org)
    return f"{claim.party} was asked already and has not answered" if same in case.more.questions else None


def _of_another(_case: Case, meta: ClaimMeta, claim: AskReference, _x: Context) -> str | None:
    """Another organisation is asked, not the own one."""
    return f"{claim.party} asks itself" if claim.party == meta.actor.org else None


def _unseen(case: Case, _meta: ClaimMeta, claim: AskReference, _x: Context) -> str | None:
    """Of a restricted case one is asked who may see it, else the question would reach nobody."""
    party = party_of(case, claim.party)
    inside = (case.reporting_org, case.filing_org, *case.more.visible_to)
    if not case.more.restricted or claim.party in inside or (party is not None and not party.gone):
        return None
    return f"{claim.party} may not see this restricted case: let the restriction name it first"


def _was_asked(case: Case, _meta: ClaimMeta, claim: AnswerReference, _x: Context) -> str | None:
    """Who was asked answers, once for each question."""
    if any(question.party == claim.party for question in case.more.questions):
        return None
    return f"{claim.party} was asked nothing that it has not answered"


RULES: dict[type, tuple[Rule, ...]] = {
    Restrict: (Rule("Restrict.reason", _reason),),
    AskReference: (
        Rule("AskReference.again", _not_open),
        Rule("AskReference.itself", _of_another),
        Rule("AskReference.unseen", _unseen),
    ),
    AnswerReference: (Rule("AnswerReference.asked", _was_asked),),
}

# ------------------------------------------------------------ decisions


def _restrict(_case: Case, _meta: ClaimMeta, c: Restrict, _x: Context) -> tuple[FactBody, ...]:
    return (Restricted(c.reason, c.orgs),)


def _ask(_case: Case, _meta: ClaimMeta, c: AskReference, _x: Context) -> tuple[FactBody, ...]:
    return (ReferenceAsked(c.party, c.purpose, c.text),)


def _answer(_case: Case, _meta: ClaimMeta, c: AnswerReference, _x: Context) -> tuple[FactBody, ...]:
    return (ReferenceAnswered(c.party, c.outcome, c.reference),)


DECIDE: dict[type, Any] = {Restrict: _restrict, AskReference: _ask, AnswerReference: _answer}
