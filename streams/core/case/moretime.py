"""More time: extensions that two approve, and suspensions that end by themselves.

Promise: a party has at most two extensions, a suspension at most 365 days, and nobody approves for its own side.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from schemas.events import (
    ApproveExtension,
    AskExtension,
    ClaimMeta,
    ExtensionApproved,
    ExtensionAsked,
    ExtensionGranted,
    ExtensionRefused,
    FactMeta,
    RefuseExtension,
    Resume,
    Resumed,
    Suspend,
    Suspended,
)
from streams.core import clocks
from streams.core.case.standing import dependent
from streams.core.case.state import Case, Extension, PartyStatus, noting, party_of, who
from streams.core.clocks.from_reference import terms_of
from streams.core.kind import Context, Due, FactBody, Rule

MOST_EXTENSIONS = 2
LONGEST_SUSPENSION = 365 * 86_400_000_000
"""Of a suspension, in µs."""
END_DATE_CAME = "end-date"
"""Reason of a resumption by itself."""

# ------------------------------------------------------------ evolve


def extension_of(case: Case, org: str) -> Extension:
    """What a party has by way of extensions."""
    return next((one for one in case.more.extensions if one.org == org), Extension(org))


def _with(case: Case, changed: Extension) -> Case:
    others = tuple([one for one in case.more.extensions if one.org != changed.org])
    return noting(case, extensions=(*others, changed))


def _asked(case: Case, _meta: FactMeta, fact: ExtensionAsked) -> Case:
    return _with(case, replace(extension_of(case, fact.party), asked=True, approved_by=None))


def _approved(case: Case, meta: FactMeta, fact: ExtensionApproved) -> Case:
    return _with(case, replace(extension_of(case, fact.party), approved_by=who(meta.actor)))


def _granted(case: Case, _meta: FactMeta, fact: ExtensionGranted) -> Case:
    return _with(case, Extension(fact.party, fact.times))


def _refused(case: Case, _meta: FactMeta, fact: ExtensionRefused) -> Case:
    return _with(case, Extension(fact.party, extension_of(case, fact.party).granted))


def _suspended(case: Case, meta: FactMeta, fact: Suspended) -> Case:
    return noting(case, suspended_until=fact.until, suspended_from=meta.occurred_at, ended_by_itself=0)


def _resumed(case: Case, _meta: FactMeta, fact: Resumed) -> Case:
    return noting(case, suspended_until=0, ended_by_itself=case.more.suspended_until if fact.by_itself else 0)


EVOLVE: dict[type, Any] = {
    ExtensionAsked: _asked,
    ExtensionApproved: _approved,
    ExtensionGranted: _granted,
    ExtensionRefused: _refused,
    Suspended: _suspended,
    Resumed: _resumed,
}


def suspension_over(case: Case, until: int) -> tuple[Due, ...]:
    """The end of a suspension whose end date came by a moment (UTC µs)."""
    end = case.more.suspended_until
    return (Due(end, Resumed(END_DATE_CAME, by_itself=True)),) if 0 < end <= until and not case.ended else ()


# ------------------------------------------------------------ rules


def disposal_over(case: Case, party: str, at: int, context: Context) -> bool:
    """Whether the time of a party to dispose was over at a moment (UTC µs)."""
    due = dict(case.more.promises)
    end = due.get(party, due.get(""))
    if end is not None and end < at:
        return True
    return clocks.is_over(case.clocks, terms_of(context.reference), clocks.Kind.DISPOSAL, party, at)


def _in_time(case: Case, meta: ClaimMeta, claim: AskExtension, x: Context) -> str | None:
    """More time is asked for before time is over."""
    return f"the time of {claim.party} is over" if disposal_over(case, claim.party, meta.occurred_at, x) else None


def _one_at_a_time(case: Case, _meta: ClaimMeta, claim: AskExtension, _x: Context) -> str | None:
    """One extension is asked for at a time."""
    return f"{claim.party} has asked already" if extension_of(case, claim.party).asked else None


def _at_most_twice(case: Case, _meta: ClaimMeta, claim: AskExtension, _x: Context) -> str | None:
    """A party gets more time at most twice; a refusal uses none up."""
    granted = extension_of(case, claim.party).granted
    return f"{claim.party} had more time {granted} times" if granted >= MOST_EXTENSIONS else None


def _is_asked(case: Case, _meta: ClaimMeta, claim: Any, _x: Context) -> str | None:
    """Only what a party with open work asks for is approved or refused."""
    party = party_of(case, claim.party)
    if party is None or not party.works or party.status in (PartyStatus.HANDED_BACK, PartyStatus.RETURNED):
        return f"{claim.party} has no open work in this case"
    return None if extension_of(case, claim.party).asked else f"{claim.party} has not asked for more time"


def _not_its_own(_case: Case, meta: ClaimMeta, claim: Any, x: Context) -> str | None:
    """Nobody decides on more time for the own side."""
    if meta.actor.org == claim.party or dependent(x, meta.occurred_at, meta.actor.org, claim.party):
        return f"{meta.actor.org} is the side of {claim.party}"
    return None


def _two_people(case: Case, meta: ClaimMeta, claim: ApproveExtension, _x: Context) -> str | None:
    """Two different people approve more time."""
    first = extension_of(case, claim.party).approved_by
    return "the same one has approved already" if first is not None and first.may_be(meta.actor) else None


def _ends(_case: Case, meta: ClaimMeta, claim: Suspend, _x: Context) -> str | None:
    """A suspension has an end date, after its beginning and at most 365 days ahead."""
    length = claim.until - meta.occurred_at
    if length <= 0:
        return "its end does not lie after its beginning"
    return (
        f"it lasts {length // 86_400_000_000} days, at most 365 are possible" if length > LONGEST_SUSPENSION else None
    )


def _reason(_case: Case, _meta: ClaimMeta, claim: Suspend, _x: Context) -> str | None:
    """A suspension has a reason."""
    return None if claim.reason else "a reason is needed"


def _is_suspended(case: Case, meta: ClaimMeta, claim: Resume, x: Context) -> str | None:
    """Only what is suspended is resumed, or was when it happened: the end date may have come before it was told."""
    more = case.more
    if more.suspended_until:
        return None
    if not more.ended_by_itself:
        return "the case is not suspended"
    sooner = more.suspended_from <= _happened(case, meta, claim, x) < more.ended_by_itself
    return None if sooner else "the suspension had ended by itself by then"


def _happened(case: Case, meta: ClaimMeta, claim: Any, x: Context) -> int:
    """The moment (UTC µs) that counts for a claim."""
    if not case.clocks.marks:
        return min(meta.occurred_at, x.now)
    return clocks.counted_until(case.clocks, terms_of(x.reference), meta, claim, x.reference.version, x.now)


RULES: dict[type, tuple[Rule, ...]] = {
    AskExtension: (
        Rule("AskExtension.over", _in_time),
        Rule("AskExtension.pending", _one_at_a_time),
        Rule("AskExtension.twice", _at_most_twice),
    ),
    ApproveExtension: (
        Rule("ApproveExtension.asked", _is_asked),
        Rule("ApproveExtension.own", _not_its_own),
        Rule("ApproveExtension.two-people", _two_people),
    ),
    RefuseExtension: (Rule("RefuseExtension.asked", _is_asked), Rule("RefuseExtension.own", _not_its_own)),
    Suspend: (Rule("Suspend.until", _ends), Rule("Suspend.reason", _reason)),
    Resume: (Rule("Resume.not-suspended", _is_suspended),),
}

# ------------------------------------------------------------ decisions


def _ask(_case: Case, _meta: ClaimMeta, c: AskExtension, _x: Context) -> tuple[FactBody, ...]:
    return (ExtensionAsked(c.party, c.reason, c.text),)


def _approve(case: Case, _meta: ClaimMeta, c: ApproveExtension, _x: Context) -> tuple[FactBody, ...]:
    approved = ExtensionApproved(c.party)
    extension = extension_of(case, c.party)
    if extension.approved_by is None:
        return (approved,)
    return (approved, ExtensionGranted(c.party, extension.granted + 1))


def _refuse(_case: Case, _meta: ClaimMeta, c: RefuseExtension, _x: Context) -> tuple[FactBody, ...]:
    return (ExtensionRefused(c.party, c.reason),)


def _suspend(_case: Case, _meta: ClaimMeta, c: Suspend, _x: Context) -> tuple[FactBody, ...]:
    return (Suspended(c.reason, c.until, c.basis, c.text),)


def _resume(_case: Case, _meta: ClaimMeta, c: Resume, _x: Context) -> tuple[FactBody, ...]:
    return (Resumed(c.reason),)


DECIDE: dict[type, Any] = {
    AskExtension: _ask,
    ApproveExtension: _approve,
    RefuseExtension: _refuse,
    Suspend: _suspend,
    Resume: _resume,
}
