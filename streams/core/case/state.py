"""What casework must know of a case to decide the next claim.

What most cases never have lies in `Particulars`, which a plain case does not carry: state stays small, and a fold of
the basic loop copies few fields.
"""

from __future__ import annotations

from enum import StrEnum
from sys import intern
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.events import Actor, PartyRole
from streams.core.authority import Stage
from streams.core.case.about import About
from streams.core.clocks.state import NEW as NO_CLOCKS
from streams.core.clocks.state import Clocks

ENDED = frozenset({Stage.CLOSED, Stage.NOT_FILED, Stage.WITHDRAWN, Stage.VOID, Stage.MERGED})


class PartyStatus(StrEnum):
    """Where one party stands with its own part of the work."""

    DISPATCHED = "dispatched"
    ACKNOWLEDGED = "acknowledged"
    HANDED_BACK = "handed_back"
    REWORK = "rework"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    RELEASED = "released"

    __hash__ = str.__hash__  # Enum's own is a function in Python, and sets are asked often


GONE = frozenset({PartyStatus.TRANSFERRED, PartyStatus.RELEASED})
"""Parties that were once: nothing is expected of them any more."""


class Party(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One party of the case."""

    org: str
    role: str
    status: PartyStatus = PartyStatus.DISPATCHED

    @property
    def gone(self) -> bool:
        """True once it was released, or another one took its place."""
        return self.status in GONE

    @property
    def works(self) -> bool:
        """True for lead and assists that are not gone: they must hand back before the case can be checked."""
        return self.role != PartyRole.INFORM and self.status not in GONE

    @property
    def leads(self) -> bool:
        """True for the lead, unless it is gone."""
        return self.role == PartyRole.LEAD and self.status not in GONE


class Who(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Somebody who must not do the next step too: the person where it is known."""

    org: str
    role: str
    person: str | None = None

    def may_be(self, actor: Actor) -> bool:
        """Whether an actor may be the same one: only two known persons, or another organisation or role, tell apart."""
        if self.person is not None and actor.person is not None:
            return self.person == actor.person
        return (self.org, self.role) == (actor.org, actor.role)


def who(actor: Actor) -> Who:
    """The actor, to be remembered."""
    return Who(actor.org, actor.role, actor.person)


class Extension(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """More time for a party: how often it was granted, whether it is asked for now, and who has approved that."""

    org: str
    granted: int = 0
    asked: bool = False
    approved_by: Who | None = None


class HandedOverTo(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A service that the matter was handed over to; `accepted` is None until it answers."""

    org: str
    service: str
    accepted: bool | None = None


class AppealOf(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A party's appeal and its reviews so far."""

    org: str
    reviewer: Who | None = None
    approved: bool = True
    reviews: int = 0


class Question(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A question that only `party` may answer, by reference; `asked_by` gets the answer."""

    party: str
    purpose: str
    asked_by: str


class Adjudication(StrEnum):
    """Whether the centre must decide, or has decided, who acts."""

    NONE = "none"
    CALLED = "called"
    DONE = "done"


class Particulars(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What most cases never have."""

    # before filing
    verifier: str = ""
    """Who was asked to look at the lead and has not answered yet."""
    refuted: bool = False
    """True when the last look at the lead did not confirm it."""
    answered: bool = False
    """True once the reporter had a first answer."""
    level: str = "unknown"
    """Level that handles the case since an escalation."""
    # whistle and report-in
    summoned: tuple[str, ...] = ()
    reported_in: tuple[str, ...] = ()
    # parties
    returns: int = 0
    adjudication: Adjudication = Adjudication.NONE
    handed_over: tuple[HandedOverTo, ...] = ()
    unjustified: bool = False
    """True while nobody has said why levels and approvals were skipped."""
    # time
    extensions: tuple[Extension, ...] = ()
    promises: tuple[tuple[str, int], ...] = ()
    """(party or nobody, promised end in UTC µs), the last one of each."""
    suspended_until: int = 0
    """End of the suspension, UTC µs; 0: none."""
    suspended_from: int = 0
    """When the last one began, UTC µs."""
    ended_by_itself: int = 0
    """End of the last one where nobody had ended it before, UTC µs; 0: somebody had."""
    supervision: str = ""
    regime: str = ""
    # checking and closing
    asked_to_check: tuple[str, ...] = ()
    forcing: Who | None = None
    """Who proposed to force the closing."""
    sampled: bool = False
    audited: bool = False
    appeals: tuple[AppealOf, ...] = ()
    # other subjects
    suspects: tuple[str, ...] = ()
    """Cases that may be the same matter."""
    dismissed: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()
    merged_into: str = ""
    parts: int = 0
    """How many parts were split off."""
    # who may see and know
    restricted: bool = False
    visible_to: tuple[str, ...] = ()
    """Organisations that may see a restricted case beside its parties."""
    questions: tuple[Question, ...] = ()
    """Not answered yet."""


PLAIN = Particulars()
"""Of every case that has none."""


class Case(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=0):
    """A case. `rest` is None while the case is plain; read it as `more`."""

    seq: int = 0
    stage: Stage = Stage.NONE
    reported_at: int = 0
    reporting_org: str = ""
    division: str = ""
    filing_org: str = ""
    parties: tuple[Party, ...] = ()
    claims: bytes = b""
    rest: Particulars | None = None
    about: About | None = None
    clocks: Clocks = NO_CLOCKS

    @property
    def ended(self) -> bool:
        """True when nothing more is expected; a later claim still finds the case."""
        return self.stage in ENDED

    @property
    def more(self) -> Particulars:
        """What most cases never have."""
        return PLAIN if self.rest is None else self.rest


NEW = Case()


def noting(case: Case, **particulars: Any) -> Case:
    """The case with these particulars changed."""
    return replace(case, rest=replace(case.more, **particulars))


def party_of(case: Case, org: str) -> Party | None:
    """What an organisation is or was in the case."""
    for party in case.parties:
        if party.org == org:
            return party
    return None


def lead_of(case: Case) -> Party | None:
    """The party that leads."""
    for party in case.parties:
        if party.leads:
            return party
    return None


def working(case: Case) -> list[Party]:
    """Lead and assists."""
    return [party for party in case.parties if party.works]


def with_status(parties: tuple[Party, ...], orgs: tuple[str, ...], status: PartyStatus) -> tuple[Party, ...]:
    """The parties, some of them with another status; who is gone stays gone."""
    return tuple([Party(p.org, p.role, status) if p.org in orgs and p.status not in GONE else p for p in parties])


def joined(parties: tuple[Party, ...], org: str, role: str) -> tuple[Party, ...]:
    """The parties and one more; who was one before takes its new role at the old place, who works in it goes on."""
    party = Party(intern(org), role)
    before = [p for p in parties if p.org == org]
    if not before:
        return (*parties, party)
    if before[0].role == role and not before[0].gone:
        return parties
    return tuple([party if p.org == org else p for p in parties])


def settled(case: Case) -> Case:
    """Handed back where all that work, one of them leading, have handed back."""
    if case.stage is not Stage.DISPATCHED:
        return case
    for party in case.parties:
        if party.status is not PartyStatus.HANDED_BACK and party.works:
            return case
    return case if lead_of(case) is None else replace(case, stage=Stage.HANDED_BACK)
