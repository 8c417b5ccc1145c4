"""A case among others: duplicates, merged and divided cases, links, groups, and the regime of its area.

Promise: a case is never related to itself; a merged one has ended and another one goes on for both.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Absorb,
    Absorbed,
    ChangeRegime,
    ClaimMeta,
    DismissDuplicate,
    Divide,
    Divided,
    DuplicateDismissed,
    DuplicateSuspected,
    FactMeta,
    GroupJoined,
    GroupLeft,
    JoinGroup,
    LeaveGroup,
    Link,
    Linked,
    Merge,
    Merged,
    RegimeChanged,
    SuspectDuplicate,
    Unlink,
    Unlinked,
)
from streams.core.authority import Role, Stage
from streams.core.case.state import Case, noting
from streams.core.kind import Context, FactBody, Rule

# ------------------------------------------------------------ evolve


def _with(ids: tuple[str, ...], one: str) -> tuple[str, ...]:
    return ids if one in ids else (*ids, one)


def _without(ids: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple([other for other in ids if other != one])


def _suspected(case: Case, _meta: FactMeta, fact: DuplicateSuspected) -> Case:
    return noting(case, suspects=_with(case.more.suspects, fact.other))


def _dismissed(case: Case, meta: FactMeta, fact: DuplicateDismissed) -> Case:
    """What the hub itself takes back, because one of the two was amended or had ended, it may suspect again."""
    more = case.more
    if meta.actor.role == Role.LINKS:
        return noting(case, suspects=_without(more.suspects, fact.other))
    return noting(case, suspects=_without(more.suspects, fact.other), dismissed=_with(more.dismissed, fact.other))


def _merged(case: Case, _meta: FactMeta, fact: Merged) -> Case:
    return noting(replace(case, stage=Stage.MERGED), merged_into=fact.into)


def _absorbed(case: Case, _meta: FactMeta, fact: Absorbed) -> Case:
    more = case.more
    return noting(case, suspects=_without(more.suspects, fact.other), absorbed=_with(more.absorbed, fact.other))


def _divided(case: Case, _meta: FactMeta, fact: Divided) -> Case:
    return noting(case, parts=case.more.parts + len(fact.parts))


def _linked(case: Case, _meta: FactMeta, fact: Linked) -> Case:
    return noting(case, linked=_with(case.more.linked, fact.other))


def _unlinked(case: Case, _meta: FactMeta, fact: Unlinked) -> Case:
    return noting(case, linked=_without(case.more.linked, fact.other))


def _joined(case: Case, _meta: FactMeta, fact: GroupJoined) -> Case:
    return noting(case, groups=_with(case.more.groups, fact.group))


def _left(case: Case, _meta: FactMeta, fact: GroupLeft) -> Case:
    return noting(case, groups=_without(case.more.groups, fact.group))


def _regime_changed(case: Case, _meta: FactMeta, fact: RegimeChanged) -> Case:
    return noting(case, regime=fact.regime)


EVOLVE: dict[type, Any] = {
    DuplicateSuspected: _suspected,
    DuplicateDismissed: _dismissed,
    Merged: _merged,
    Absorbed: _absorbed,
    Divided: _divided,
    Linked: _linked,
    Unlinked: _unlinked,
    GroupJoined: _joined,
    GroupLeft: _left,
    RegimeChanged: _regime_changed,
}

# ------------------------------------------------------------ rules


def _not_itself(_case: Case, meta: ClaimMeta, claim: Any, _x: Context) -> str | None:
    """A case is not related to itself."""
    other = claim.into if type(claim) is Merge else claim.other
    return "the other case is this one" if other == meta.subject.id else None


def _not_known(case: Case, _meta: ClaimMeta, claim: SuspectDuplicate, _x: Context) -> str | None:
    """A duplicate is suspected once; what was found to be another matter, or was absorbed, is not suspected again."""
    more = case.more
    known = claim.other in more.suspects or claim.other in more.dismissed or claim.other in more.absorbed
    return "it is known already" if known else None


def _is_suspected(case: Case, _meta: ClaimMeta, claim: DismissDuplicate, _x: Context) -> str | None:
    """Only a suspected duplicate is dismissed."""
    return None if claim.other in case.more.suspects else "no duplicate is suspected there"


def _not_absorbed(case: Case, _meta: ClaimMeta, claim: Absorb, _x: Context) -> str | None:
    """A case is absorbed once."""
    return "it was absorbed already" if claim.other in case.more.absorbed else None


def _not_under_way(case: Case, _meta: ClaimMeta, _claim: Merge, _x: Context) -> str | None:
    """What was handed over for danger to life and is not justified yet is not merged away."""
    return "the hand-over has not been justified yet" if case.more.unjustified else None


def _has_parts(_case: Case, _meta: ClaimMeta, claim: Divide, _x: Context) -> str | None:
    """A division names at least one part."""
    return None if claim.parts else "no part is named"


def _not_linked(case: Case, _meta: ClaimMeta, claim: Link, _x: Context) -> str | None:
    """Two cases are linked once."""
    return "they are linked already" if claim.other in case.more.linked else None


def _is_linked(case: Case, _meta: ClaimMeta, claim: Unlink, _x: Context) -> str | None:
    """Only linked cases are unlinked."""
    return None if claim.other in case.more.linked else "they are not linked"


def _not_in_group(case: Case, _meta: ClaimMeta, claim: JoinGroup, _x: Context) -> str | None:
    """A case joins a group once."""
    return "it belongs to the group already" if claim.group in case.more.groups else None


def _in_group(case: Case, _meta: ClaimMeta, claim: LeaveGroup, _x: Context) -> str | None:
    """A case leaves only a group that it belongs to."""
    return None if claim.group in case.more.groups else "it does not belong to the group"


def _another_regime(case: Case, _meta: ClaimMeta, claim: ChangeRegime, _x: Context) -> str | None:
    """A change of regime leads to another regime."""
    return f"the case is under {claim.regime} already" if claim.regime == case.more.regime else None


def _declared(_case: Case, _meta: ClaimMeta, claim: ChangeRegime, x: Context) -> str | None:
    """A change of regime names a version of the reference data that there is."""
    version = x.reference.version
    return f"there is no version {claim.reference} yet, only {version}" if claim.reference > version else None


RULES: dict[type, tuple[Rule, ...]] = {
    SuspectDuplicate: (Rule("SuspectDuplicate.itself", _not_itself), Rule("SuspectDuplicate.again", _not_known)),
    DismissDuplicate: (Rule("DismissDuplicate.suspected", _is_suspected),),
    Merge: (Rule("Merge.itself", _not_itself), Rule("Merge.justified", _not_under_way)),
    Absorb: (Rule("Absorb.itself", _not_itself), Rule("Absorb.again", _not_absorbed)),
    Divide: (Rule("Divide.parts", _has_parts),),
    Link: (Rule("Link.itself", _not_itself), Rule("Link.again", _not_linked)),
    Unlink: (Rule("Unlink.linked", _is_linked),),
    JoinGroup: (Rule("JoinGroup.again", _not_in_group),),
    LeaveGroup: (Rule("LeaveGroup.member", _in_group),),
    ChangeRegime: (Rule("ChangeRegime.again", _another_regime), Rule("ChangeRegime.reference", _declared)),
}

# ------------------------------------------------------------ decisions


def _suspect(_case: Case, _meta: ClaimMeta, c: SuspectDuplicate, _x: Context) -> tuple[FactBody, ...]:
    return (DuplicateSuspected(c.other, c.metres, c.seconds, c.rule),)


def _dismiss(_case: Case, _meta: ClaimMeta, c: DismissDuplicate, _x: Context) -> tuple[FactBody, ...]:
    return (DuplicateDismissed(c.other, c.reason),)


def _merge(_case: Case, _meta: ClaimMeta, c: Merge, _x: Context) -> tuple[FactBody, ...]:
    return (Merged(c.into, c.reason),)


def _absorb(_case: Case, _meta: ClaimMeta, c: Absorb, _x: Context) -> tuple[FactBody, ...]:
    return (Absorbed(c.other),)


def _divide(_case: Case, _meta: ClaimMeta, c: Divide, _x: Context) -> tuple[FactBody, ...]:
    return (Divided(c.reason, c.parts),)


def _link(_case: Case, _meta: ClaimMeta, c: Link, _x: Context) -> tuple[FactBody, ...]:
    return (Linked(c.other, c.kind),)


def _unlink(_case: Case, _meta: ClaimMeta, c: Unlink, _x: Context) -> tuple[FactBody, ...]:
    return (Unlinked(c.other, c.reason),)


def _join(_case: Case, _meta: ClaimMeta, c: JoinGroup, _x: Context) -> tuple[FactBody, ...]:
    return (GroupJoined(c.group),)


def _leave(_case: Case, _meta: ClaimMeta, c: LeaveGroup, _x: Context) -> tuple[FactBody, ...]:
    return (GroupLeft(c.group, c.reason),)


def _change_regime(_case: Case, _meta: ClaimMeta, c: ChangeRegime, _x: Context) -> tuple[FactBody, ...]:
    return (RegimeChanged(c.regime, c.reference),)


DECIDE: dict[type, Any] = {
    SuspectDuplicate: _suspect,
    DismissDuplicate: _dismiss,
    Merge: _merge,
    Absorb: _absorb,
    Divide: _divide,
    Link: _link,
    Unlink: _unlink,
    JoinGroup: _join,
    LeaveGroup: _leave,
    ChangeRegime: _change_regime,
}
