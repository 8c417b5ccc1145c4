"""Whistle and report-in 吹哨报到, and what presses on: a higher level, reminders, supervision.

Promise: who was summoned stays summoned until it reports in.
"""

from __future__ import annotations

from typing import Any

from schemas.events import (
    ClaimMeta,
    Escalate,
    Escalated,
    FactMeta,
    Level,
    ReportedIn,
    ReportIn,
    Summon,
    Summoned,
    Supervise,
    Supervised,
    Urge,
    Urged,
    Whistle,
    Whistled,
)
from streams.core.case.loop import awaited
from streams.core.case.policy import whistle_may_name_targets
from streams.core.case.state import Case, PartyStatus, noting, party_of
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _unchanged(case: Case, _meta: FactMeta, _fact: FactBody) -> Case:
    return case


def _summoned(case: Case, _meta: FactMeta, fact: Summoned) -> Case:
    return noting(case, summoned=_with(case.more.summoned, fact.orgs))


def _reported_in(case: Case, _meta: FactMeta, fact: ReportedIn) -> Case:
    return noting(case, reported_in=_with(case.more.reported_in, (fact.party,)))


def _with(orgs: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(orgs + more))


def _escalated(case: Case, _meta: FactMeta, fact: Escalated) -> Case:
    return noting(case, level=fact.level)


def _supervised(case: Case, _meta: FactMeta, fact: Supervised) -> Case:
    return noting(case, supervision=fact.level)


EVOLVE: dict[type, Any] = {
    Whistled: _unchanged,
    Summoned: _summoned,
    ReportedIn: _reported_in,
    Escalated: _escalated,
    Urged: _unchanged,
    Supervised: _supervised,
}

# ------------------------------------------------------------ rules


def _names_nobody(case: Case, meta: ClaimMeta, claim: Whistle, x: Context) -> str | None:
    """A whistle names no target, unless the city's policy lets it: whom to summon is the centre's decision."""
    if claim.targets and not whistle_may_name_targets(case, meta, x):
        return "the centre decides who is summoned; this city's whistles name nobody"
    return None


def _calls_somebody_once(_case: Case, _meta: ClaimMeta, claim: Summon, _x: Context) -> str | None:
    """A summons names at least one organisation, each once."""
    if claim.orgs and len(set(claim.orgs)) == len(claim.orgs):
        return None
    return "a summons names at least one organisation, each once"


def _not_awaited(case: Case, _meta: ClaimMeta, claim: Summon, _x: Context) -> str | None:
    """Who was summoned and has not come yet is urged, not summoned again."""
    again = [org for org in claim.orgs if awaited(case, org)]
    return f"{', '.join(again)} was summoned already" if again else None


def _some_time(_case: Case, _meta: ClaimMeta, claim: Summon, _x: Context) -> str | None:
    """The time to report in is a positive number of minutes."""
    return f"{claim.minutes} minutes is no time" if claim.minutes is not None and claim.minutes <= 0 else None


def _was_summoned(case: Case, _meta: ClaimMeta, claim: ReportIn, _x: Context) -> str | None:
    """Who was summoned reports in, once."""
    if claim.party not in case.more.summoned:
        return f"{claim.party} was not summoned"
    return f"{claim.party} has reported in already" if claim.party in case.more.reported_in else None


_LADDER = Level.ALL[1:]
"""Levels from the lowest; the first symbol means none."""


def _goes_up(case: Case, _meta: ClaimMeta, claim: Escalate, _x: Context) -> str | None:
    """A case is escalated to a level above the one that handles it."""
    if claim.level not in _LADDER:
        return "the level is not known"
    level = case.more.level
    if level in _LADDER and _LADDER.index(claim.level) <= _LADDER.index(level):
        return f"{claim.level} is not above {level}"
    return None


def _skips_none(case: Case, _meta: ClaimMeta, claim: Escalate, _x: Context) -> str | None:
    """No level is skipped, unless the claim names the rule that allows it."""
    level = case.more.level
    if claim.rule or level not in _LADDER or claim.level not in _LADDER:
        return None
    if _LADDER.index(claim.level) > _LADDER.index(level) + 1:
        return f"from {level} to {claim.level} levels are skipped, and no rule is named that allows it"
    return None


def _is_waited_for(case: Case, _meta: ClaimMeta, claim: Urge, _x: Context) -> str | None:
    """Who is urged has open work, or was summoned and has not come."""
    party = party_of(case, claim.party)
    if party is not None and party.works and party.status is not PartyStatus.HANDED_BACK:
        return None
    return None if awaited(case, claim.party) else f"nothing is open from {claim.party}"


RULES: dict[type, tuple[Rule, ...]] = {
    Whistle: (Rule("Whistle.targets", _names_nobody),),
    Summon: (
        Rule("Summon.orgs", _calls_somebody_once),
        Rule("Summon.again", _not_awaited),
        Rule("Summon.minutes", _some_time),
    ),
    ReportIn: (Rule("ReportIn.summoned", _was_summoned),),
    Escalate: (Rule("Escalate.up", _goes_up), Rule("Escalate.skips", _skips_none)),
    Urge: (Rule("Urge.party", _is_waited_for),),
}

# ------------------------------------------------------------ decisions


def _whistle(_case: Case, _meta: ClaimMeta, c: Whistle, _x: Context) -> tuple[FactBody, ...]:
    return (Whistled(c.need, c.targets, c.text),)


def _summon(_case: Case, _meta: ClaimMeta, c: Summon, _x: Context) -> tuple[FactBody, ...]:
    return (Summoned(c.orgs, c.minutes, c.basis),)


def _report_in(_case: Case, _meta: ClaimMeta, c: ReportIn, _x: Context) -> tuple[FactBody, ...]:
    return (ReportedIn(c.party, c.text),)


def _escalate(_case: Case, _meta: ClaimMeta, c: Escalate, _x: Context) -> tuple[FactBody, ...]:
    return (Escalated(c.level, c.org, c.reason, c.rule),)


def _urge(_case: Case, _meta: ClaimMeta, c: Urge, _x: Context) -> tuple[FactBody, ...]:
    return (Urged(c.party, c.text),)


def _supervise(_case: Case, _meta: ClaimMeta, c: Supervise, _x: Context) -> tuple[FactBody, ...]:
    return (Supervised(c.level, c.text),)


DECIDE: dict[type, Any] = {
    Whistle: _whistle,
    Summon: _summon,
    ReportIn: _report_in,
    Escalate: _escalate,
    Urge: _urge,
    Supervise: _supervise,
}
