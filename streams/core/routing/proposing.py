"""The proposal: the first rule that answers, the way to its lead, regime, duty, and whether to wait."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from schemas.events import Assignment, DispatchProposed, PartyRole, Regime
from streams.core.reference import InForce
from streams.core.reference.city import policy, regime
from streams.core.reference.organisations import on_duty, organisation, rostered
from streams.core.routing import place
from streams.core.routing.answers import by_asset, by_candidates, by_grid, by_list
from streams.core.routing.matter import Answer, Matter, Proposal
from streams.core.routing.reach import level, reached, step

NO_RULE = "no rule fits: to the centre"


def propose(view: InForce, matter: Matter, now: int) -> Proposal:
    """Whom the rules name at `now` (UTC µs). Always somebody: without a rule the centre, which waits for a person."""
    at = place.division(view, matter)
    governed = regime(view, at, now)
    centre = place.centre(view, at)
    handler = matter.handler if matter.handler and organisation(view, matter.handler) else centre
    answer = (
        by_list(view, matter, governed)
        or by_asset(view, matter)
        or by_candidates(view, matter)
        or by_grid(view, matter)
        or Answer(centre, NO_RULE, at_once=False)
    )
    answer = _on_duty(view, _each_once(_way(view, handler, centre, answer)), now)
    return Proposal(
        answer.lead,
        level(view, answer.lead, handler),
        answer.basis,
        _at_once(view, at, answer, governed),
        answer.assists,
        answer.informed,
        governed.code if governed else None,
        tuple(_duty(view, (answer.lead, *answer.assists), now)),
    )


def proposed(proposal: Proposal) -> DispatchProposed:
    """The fact that tells a proposal."""
    parties = [Assignment(proposal.lead, PartyRole.LEAD)]
    parties += [Assignment(org, PartyRole.ASSIST) for org in proposal.assists]
    parties += [Assignment(org, PartyRole.INFORM) for org in proposal.informed]
    return DispatchProposed(
        level=proposal.level,
        basis=proposal.basis,
        at_once=proposal.at_once,
        parties=tuple(parties),
        regime=proposal.regime,
    )


def _way(view: InForce, handler: str, centre: str, answer: Answer) -> Answer:
    """The same answer with a lead that `handler` may assign to, and assists that somebody can summon."""
    if answer.lead == centre and answer.basis == NO_RULE:
        return answer
    lead = answer.lead if answer.skips_levels else step(view, handler, answer.lead)
    if lead is None:
        why = f"{answer.basis}; {handler} cannot reach {answer.lead}: to the centre"
        return Answer(centre, why, informed=answer.informed, at_once=False)
    if lead != answer.lead:
        answer = replace(
            answer, lead=lead, basis=f"{answer.basis}; by way of {lead} to {answer.lead}, no level is skipped"
        )
    far = [org for org in answer.assists if not (reached(view, handler, org) or reached(view, centre, org))]
    if far and not answer.skips_levels:
        why = f"{answer.basis}; only a dispatcher can ask {', '.join(far)}"
        return replace(answer, basis=why, at_once=False)
    return answer


def _each_once(answer: Answer) -> Answer:
    """Nobody has two roles: who leads does not assist, who assists is not informed beside."""
    assists = tuple(org for org in answer.assists if org != answer.lead)
    others = (answer.lead, *assists)
    return replace(answer, assists=assists, informed=tuple(org for org in answer.informed if org not in others))


def _on_duty(view: InForce, answer: Answer, now: int) -> Answer:
    """Who has a roster for these days and nobody on duty now cannot be reached at once."""
    if rostered(view, answer.lead, now) and on_duty(view, answer.lead, now) is None:
        return replace(answer, basis=f"{answer.basis}; nobody of {answer.lead} is on duty", at_once=False)
    return answer


def _duty(view: InForce, orgs: Iterable[str], now: int) -> Iterable[tuple[str, str]]:
    for org in orgs:
        found = on_duty(view, org, now)
        for person in found.persons if found else ():
            yield org, person


def _at_once(view: InForce, at: str | None, answer: Answer, governed: Regime | None) -> bool:
    """As the item says, else the regime, else the city; without any of them it waits for a dispatcher."""
    city = policy(view, at)
    said = (answer.at_once, governed.at_once if governed else None, city.at_once if city else None)
    return next((one for one in said if one is not None), False)
