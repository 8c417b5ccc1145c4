"""The targets of a campaign: who has to go where, where somebody was, and what was found.

Promise: a target stands in the list once, however often it is named; folding never raises.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas.events import Target, TargetOutcome, TargetVisited, VisitTarget

Teams = Mapping[str, tuple[str, ...]]
"""Code of a team → opaque references of its members."""


class TargetState(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One target: its team, how often somebody was there, how the last visit ended, what was found."""

    code: str
    team: str | None = None
    visits: int = 0
    outcome: str = ""
    findings: int = 0

    @property
    def left(self) -> bool:
        """True while somebody must still go there: nobody has, or nobody was in."""
        return self.outcome in ("", TargetOutcome.ABSENT)


Targets = tuple[TargetState, ...]


def with_targets(targets: Targets, more: tuple[Target, ...]) -> Targets:
    """The list with more targets behind it."""
    known = {target.code: target for target in targets}
    for target in more:
        known.setdefault(target.code, TargetState(target.code, target.team))
    return tuple(known.values())


def after_visit(targets: Targets, fact: TargetVisited) -> Targets:
    """The list after a visit."""
    return tuple(_visited(target, fact) if target.code == fact.target else target for target in targets)


def _visited(target: TargetState, fact: TargetVisited) -> TargetState:
    findings = target.findings + (fact.finding is not None)
    return TargetState(target.code, target.team, target.visits + 1, fact.outcome, findings)


def against_targets(known: Targets, teams: Teams, more: tuple[Target, ...]) -> str | None:
    """What stands against these new targets."""
    codes = [*(target.code for target in known), *(target.code for target in more)]
    if len(set(codes)) != len(codes):
        return "a campaign names each target once"
    if any(target.team is not None and target.team not in teams for target in more):
        return "a target is given to a team that the campaign does not have"
    return None


def against_visit(targets: Targets, teams: Teams, person: str | None, claim: VisitTarget) -> str | None:
    """What stands against this visit, told by this person."""
    target = next((t for t in targets if t.code == claim.target), None)
    if target is None:
        return "the campaign has no such target"
    if not target.left:
        return "the target is done with"
    if claim.finding is not None and claim.outcome != TargetOutcome.DONE:
        return "only a visit that was done has a finding"
    workers = teams.get(target.team or "", ())
    return "the target is given to another team" if person is not None and workers and person not in workers else None
