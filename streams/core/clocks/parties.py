"""What parties do to clocks: theirs begin at the dispatch to them and end at their hand-back."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.events import PartyRole
from streams.core.clocks.state import Mark
from streams.core.clocks.terms import URGENT_MINUTES, Kind, Limit
from streams.core.clocks.walk import CASE, Walk


def _pairs(words: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    return zip(words[::2], words[1::2], strict=True)


def dispatched(walk: Walk, mark: Mark, at: int) -> None:
    """The parties work from now on."""
    walk.stop(Kind.DISPATCH, CASE, mark, at)
    for org, role in _pairs(mark.words):
        walk.roles[org] = role
        walk.send(org, mark, at)


def parties_added(walk: Walk, mark: Mark, at: int) -> None:
    """More parties work from now on."""
    for org, role in _pairs(mark.words):
        walk.roles[org] = role
        walk.send(org, mark, at)


def adjudicated(walk: Walk, mark: Mark, at: int) -> None:
    """These parties and no others work from now on."""
    roles = dict(_pairs(mark.words))
    for org in [one for one in walk.roles if one not in roles]:
        walk.leave(org, mark, at)
    walk.roles = roles
    for org in roles:
        if org not in walk.back:
            walk.send(org, mark, at)


def lead_appointed(walk: Walk, mark: Mark, at: int) -> None:
    """One leads, who led assists; their clocks go on."""
    (org,) = mark.words
    walk.roles = {o: PartyRole.ASSIST if r == PartyRole.LEAD else r for o, r in walk.roles.items()}
    walk.roles[org] = PartyRole.LEAD
    if org not in walk.back:
        walk.send(org, mark, at)


def released(walk: Walk, mark: Mark, at: int) -> None:
    """A party is not needed any more."""
    walk.leave(mark.words[0], mark, at)
    walk.ask_for_check(mark, at)


def transferred(walk: Walk, mark: Mark, at: int) -> None:
    """Another one works in its place, with a clock of its own."""
    party, to = mark.words
    role = walk.roles.get(party, PartyRole.ASSIST)
    walk.leave(party, mark, at)
    walk.roles[to] = role
    walk.send(to, mark, at)


def returned(walk: Walk, mark: Mark, at: int) -> None:
    """A party has given it back: its clock waits."""
    run = walk.latest.get((Kind.DISPOSAL, mark.words[0]))
    if run is not None and run.open:
        run.pause(at, mark.seq)
        run.held = True


def sent_again(walk: Walk, mark: Mark, at: int) -> None:
    """It has it again: its clock goes on."""
    walk.send(mark.words[0], mark, at)


def handed_back(walk: Walk, mark: Mark, at: int) -> None:
    """The party is done; the check begins with the last one."""
    (party,) = mark.words
    walk.stop(Kind.DISPOSAL, party, mark, at)
    walk.back.add(party)
    walk.ask_for_check(mark, at)


def rework(walk: Walk, mark: Mark, at: int) -> None:
    """It has to be done again: the same clocks go on."""
    for party in mark.words:
        walk.send(party, mark, at)


def summoned(walk: Walk, mark: Mark, at: int) -> None:
    """Each summoned party reports in on its own clock."""
    stated = Limit(mark.number, URGENT_MINUTES, "summons") if mark.number else None
    for org in mark.words:
        run = walk.latest.get((Kind.REPORT_IN, org))
        if run is None or not run.open:
            walk.open(Kind.REPORT_IN, org, mark, at, stated)


def reported_in(walk: Walk, mark: Mark, at: int) -> None:
    """A party has reported in."""
    walk.stop(Kind.REPORT_IN, mark.words[0], mark, at)


def handed_over(walk: Walk, mark: Mark, at: int) -> None:
    """A service works at once; that it does is to be justified."""
    (org,) = mark.words
    walk.stop(Kind.DISPATCH, CASE, mark, at)
    if org not in walk.roles:
        walk.roles[org] = PartyRole.ASSIST if PartyRole.LEAD in walk.roles.values() else PartyRole.LEAD
        walk.send(org, mark, at)
    if (Kind.JUSTIFICATION, CASE) not in walk.latest:
        walk.open(Kind.JUSTIFICATION, CASE, mark, at)


def hand_over_refused(walk: Walk, mark: Mark, at: int) -> None:
    """The service does not take it; the case waits for a dispatch again."""
    walk.leave(mark.words[0], mark, at)
    if not walk.roles and (Kind.CLOSURE, CASE) in walk.latest:
        walk.open(Kind.DISPATCH, CASE, mark, at)


def justified(walk: Walk, mark: Mark, at: int) -> None:
    """It was said why."""
    walk.stop(Kind.JUSTIFICATION, CASE, mark, at)
