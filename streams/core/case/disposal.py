"""While it is being worked on: progress, deliberation, mediation, referral.

Promise: a case that is mediated is restricted from then on.
"""

from __future__ import annotations

from typing import Any

from schemas.events import (
    ClaimMeta,
    Deliberate,
    Deliberated,
    FactMeta,
    Mediate,
    Mediated,
    Progress,
    Progressed,
    Refer,
    Referred,
    Restricted,
)
from streams.core.case.state import Case
from streams.core.kind import Context, FactBody, Rule

MEDIATION = "mediation"
"""Reason by which a mediated case is restricted."""

# ------------------------------------------------------------ evolve


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


EVOLVE: dict[type, Any] = dict.fromkeys((Progressed, Deliberated, Mediated, Referred), _unchanged)

# ------------------------------------------------------------ rules


def _more_than_one(_case: Case, _meta: ClaimMeta, claim: Deliberate, _x: Context) -> str | None:
    """At least two take part in a deliberation."""
    return None if claim.participants >= 2 else f"{claim.participants} cannot deliberate"


def _consent(_case: Case, _meta: ClaimMeta, claim: Deliberate, _x: Context) -> str | None:
    """Where those concerned agreed, their consent is recorded."""
    return "they agreed, and their consent is not recorded" if claim.agreed and claim.consent is None else None


RULES: dict[type, tuple[Rule, ...]] = {
    Deliberate: (Rule("Deliberate.participants", _more_than_one), Rule("Deliberate.consent", _consent)),
}

# ------------------------------------------------------------ decisions


def _progress(_case: Case, _meta: ClaimMeta, c: Progress, _x: Context) -> tuple[FactBody, ...]:
    return (Progressed(c.party, c.text, c.evidence),)


def _deliberate(_case: Case, _meta: ClaimMeta, c: Deliberate, _x: Context) -> tuple[FactBody, ...]:
    return (Deliberated(c.participants, c.agreed, c.consent, c.text),)


def _mediate(case: Case, meta: ClaimMeta, c: Mediate, _x: Context) -> tuple[FactBody, ...]:
    mediated = Mediated(c.agreed, c.text, c.evidence)
    return (mediated,) if case.more.restricted else (Restricted(MEDIATION, (meta.actor.org,)), mediated)


def _refer(_case: Case, _meta: ClaimMeta, c: Refer, _x: Context) -> tuple[FactBody, ...]:
    return (Referred(c.to, c.reason, c.text),)


DECIDE: dict[type, Any] = {
    Progress: _progress,
    Deliberate: _deliberate,
    Mediate: _mediate,
    Refer: _refer,
}
