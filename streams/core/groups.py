"""A group: like cases solved together 同质化, or a campaign from door to door with teams and targets.

Promise: `evolve` folds any facts of a group and never raises. A group only says that a party has solved all members
together; each member is still handed back, checked and closed as a case of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from schemas.events import (
    AddMember,
    AddTargets,
    ClaimMeta,
    CloseGroup,
    FactMeta,
    GroupClosed,
    GroupOpened,
    GroupPurpose,
    GroupSolved,
    MemberAdded,
    MemberRemoved,
    OpenGroup,
    Refused,
    RemoveMember,
    SolveGroup,
    TargetsAdded,
    TargetVisited,
    VisitTarget,
)
from streams.core import campaigns
from streams.core.authority import Stage
from streams.core.campaigns import TargetState, Teams
from streams.core.decided import remember
from streams.core.kind import Context, Decisions, FactBody, Kind, Rule, Rules


class Group(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """What must be known of a group to decide the next claim. `teams` are pairs of code and members."""

    seq: int = 0
    stage: Stage = Stage.NONE
    purpose: str = ""
    org: str = ""
    members: tuple[str, ...] = ()
    solved_by: tuple[str, ...] = ()
    teams: tuple[tuple[str, tuple[str, ...]], ...] = ()
    targets: tuple[TargetState, ...] = ()
    claims: bytes = b""

    @property
    def ended(self) -> bool:
        """True when nothing more is expected."""
        return self.stage == Stage.CLOSED

    @property
    def left(self) -> tuple[str, ...]:
        """Codes of the targets of a campaign where somebody must still go."""
        return tuple(target.code for target in self.targets if target.left)

    @property
    def done(self) -> tuple[str, ...]:
        """Codes of the targets of a campaign that are done with, the refused ones too."""
        return tuple(target.code for target in self.targets if not target.left)

    @property
    def findings(self) -> int:
        """How many findings of a campaign have become reports."""
        return sum(target.findings for target in self.targets)


NEW = Group()

# ------------------------------------------------------------ fold


def _opened(group: Group, _meta: FactMeta, fact: GroupOpened) -> Group:
    teams = tuple((team.code, team.workers) for team in fact.teams)
    targets = campaigns.with_targets((), fact.targets)
    return replace(group, stage=Stage.OPEN, purpose=fact.purpose, org=fact.org, teams=teams, targets=targets)


def _member_added(group: Group, _meta: FactMeta, fact: MemberAdded) -> Group:
    return group if fact.case in group.members else replace(group, members=(*group.members, fact.case))


def _member_removed(group: Group, _meta: FactMeta, fact: MemberRemoved) -> Group:
    return replace(group, members=tuple(member for member in group.members if member != fact.case))


def _solved(group: Group, _meta: FactMeta, fact: GroupSolved) -> Group:
    return group if fact.party in group.solved_by else replace(group, solved_by=(*group.solved_by, fact.party))


def _closed(group: Group, _meta: FactMeta, _fact: GroupClosed) -> Group:
    return replace(group, stage=Stage.CLOSED)


def _targets_added(group: Group, _meta: FactMeta, fact: TargetsAdded) -> Group:
    return replace(group, targets=campaigns.with_targets(group.targets, fact.targets))


def _target_visited(group: Group, _meta: FactMeta, fact: TargetVisited) -> Group:
    return replace(group, targets=campaigns.after_visit(group.targets, fact))


def _unchanged(group: Group, _meta: FactMeta, _fact: FactBody) -> Group:
    return group


EVOLVE: dict[type, Callable[[Group, FactMeta, Any], Group]] = {
    GroupOpened: _opened,
    MemberAdded: _member_added,
    MemberRemoved: _member_removed,
    GroupSolved: _solved,
    GroupClosed: _closed,
    TargetsAdded: _targets_added,
    TargetVisited: _target_visited,
    Refused: _unchanged,
}


def evolve(group: Group, meta: FactMeta, fact: FactBody) -> Group:
    """The group after one more fact."""
    group = EVOLVE[type(fact)](group, meta, fact)
    return replace(group, seq=meta.seq, claims=remember(group.claims, meta.claim_id, meta.claim_digest))


# ------------------------------------------------------------ rules


def _opening(_group: Group, _meta: ClaimMeta, claim: OpenGroup, _x: Context) -> str | None:
    """Only a campaign has teams and targets; it names each once, and gives targets to teams that it has."""
    if claim.purpose == GroupPurpose.TOGETHER:
        return "only a campaign has teams and targets" if claim.teams or claim.targets else None
    teams = {team.code: team.workers for team in claim.teams}
    if len(teams) != len(claim.teams):
        return "a campaign names each team once"
    return campaigns.against_targets((), teams, claim.targets)


def _new_targets(group: Group, _meta: ClaimMeta, claim: AddTargets, _x: Context) -> str | None:
    """Only a campaign has targets, each once, each given to a team that it has."""
    if group.purpose != GroupPurpose.CAMPAIGN:
        return "only a campaign has targets"
    return campaigns.against_targets(group.targets, _teams(group), claim.targets)


def _teams(group: Group) -> Teams:
    return dict(group.teams)


def _new_member(group: Group, _meta: ClaimMeta, claim: AddMember, _x: Context) -> str | None:
    """Only like cases have members, each once."""
    if group.purpose != GroupPurpose.TOGETHER:
        return "a campaign has targets, not members"
    return "the case belongs to the group already" if claim.case in group.members else None


def _is_member(group: Group, _meta: ClaimMeta, claim: RemoveMember, _x: Context) -> str | None:
    """Only a member can leave."""
    return None if claim.case in group.members else "the case does not belong to the group"


def _own_work(_group: Group, meta: ClaimMeta, claim: SolveGroup, _x: Context) -> str | None:
    """A party speaks for itself."""
    if claim.party == meta.actor.org or meta.actor.role == "source":
        return None
    return f"{meta.actor.org} cannot speak for {claim.party}"


def _has_members(group: Group, _meta: ClaimMeta, _claim: SolveGroup, _x: Context) -> str | None:
    """Where there are no members nothing was solved."""
    return None if group.members else "the group has no members to solve"


def _visit(group: Group, meta: ClaimMeta, claim: VisitTarget, _x: Context) -> str | None:
    """A target is visited by the team that it is given to, until it is done with."""
    return campaigns.against_visit(group.targets, _teams(group), meta.actor.person, claim)


RULES: Rules = {
    OpenGroup: (Rule("OpenGroup.targets", _opening),),
    AddTargets: (Rule("AddTargets.targets", _new_targets),),
    AddMember: (Rule("AddMember.once", _new_member),),
    RemoveMember: (Rule("RemoveMember.member", _is_member),),
    SolveGroup: (Rule("SolveGroup.own-work", _own_work), Rule("SolveGroup.members", _has_members)),
    VisitTarget: (Rule("VisitTarget.target", _visit),),
}

# ------------------------------------------------------------ decisions


def _open(_group: Group, _meta: ClaimMeta, c: OpenGroup, _x: Context) -> tuple[FactBody, ...]:
    return (GroupOpened(c.purpose, c.org, c.title, c.category, c.basis, c.teams, c.targets),)


def _add_member(_group: Group, _meta: ClaimMeta, c: AddMember, _x: Context) -> tuple[FactBody, ...]:
    return (MemberAdded(c.case),)


def _remove_member(_group: Group, _meta: ClaimMeta, c: RemoveMember, _x: Context) -> tuple[FactBody, ...]:
    return (MemberRemoved(c.case, c.reason),)


def _solve(_group: Group, _meta: ClaimMeta, c: SolveGroup, _x: Context) -> tuple[FactBody, ...]:
    return (GroupSolved(c.party, c.text, c.evidence),)


def _close(_group: Group, _meta: ClaimMeta, c: CloseGroup, _x: Context) -> tuple[FactBody, ...]:
    return (GroupClosed(c.reason),)


def _add_targets(_group: Group, _meta: ClaimMeta, c: AddTargets, _x: Context) -> tuple[FactBody, ...]:
    return (TargetsAdded(c.targets),)


def _visit_target(_group: Group, _meta: ClaimMeta, c: VisitTarget, _x: Context) -> tuple[FactBody, ...]:
    return (TargetVisited(c.target, c.outcome, c.finding, c.text),)


DECIDE: Decisions = {
    OpenGroup: _open,
    AddMember: _add_member,
    RemoveMember: _remove_member,
    SolveGroup: _solve,
    CloseGroup: _close,
    AddTargets: _add_targets,
    VisitTarget: _visit_target,
}

KIND: Final = Kind(name="group", new=NEW, evolve=evolve, rules=RULES, decide=DECIDE)
