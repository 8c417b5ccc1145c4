"""What clocks must remember of a case: the facts that open, pause, resume or end a clock, one small mark each.

Promise: the fold never needs the reference, never raises, and keeps nothing that the reference could say; what a limit
was is in the version that each mark cites. A fact recorded before the first load of a reference leaves no mark, since
nothing could be judged by it: a hub without reference data pays one look into a table for a fact. Only what states its
own limit is kept then, too (a promise, a summons with minutes, a hand-over, a suspension),
and what follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from sys import intern
from typing import Any

import msgspec

from schemas import events
from schemas.events import Assignment, FactMeta, PartyRole

SOURCE_ROLE = "source"


class Act(IntEnum):
    """What a fact does to clocks."""

    REPORTED = 1
    LOOK_ASKED = 2
    LOOKED = 3
    FILED = 4
    DISPATCHED = 5
    PARTIES_ADDED = 6
    ADJUDICATED = 7
    LEAD_APPOINTED = 8
    RELEASED = 9
    TRANSFERRED = 10
    RETURNED = 11
    SENT_AGAIN = 12
    HANDED_BACK = 13
    REWORK = 14
    SUMMONED = 15
    REPORTED_IN = 16
    ANSWERED = 17
    HANDED_OVER = 18
    HAND_OVER_REFUSED = 19
    JUSTIFIED = 20
    EXTENDED = 21
    PROMISED = 22
    SUSPENDED = 23
    RESUMED = 24
    AMENDED = 25
    REGIME = 26
    CHECKED = 27
    CLOSED = 28
    ENDED = 29
    REOPENED = 30
    EXEMPTED = 31
    WARNED = 32
    RAN_OUT = 33
    TAKEN_BACK = 34
    RECOMPUTED = 35

    __hash__ = int.__hash__  # Enum's own is a function in Python, and every mark of a walk is looked up


class Mark(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One fact, as far as clocks are concerned. `words` and `number` mean what the act says; times are UTC µs."""

    act: Act
    seq: int
    occurred_at: int
    recorded_at: int
    reference: int
    by_source: bool
    words: tuple[str, ...] = ()
    number: int = 0


class Clocks(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The marks of one case, in the order of its facts. Nothing falls due before `quiet` (UTC µs), whatever limits the
    reference has; 0 where only a walk can tell."""

    marks: tuple[Mark, ...] = ()
    quiet: int = 0


NEW = Clocks()

_MAY_COME_SOONER = frozenset(
    {Act.PROMISED, Act.SUSPENDED, Act.SUMMONED, Act.HANDED_OVER, Act.WARNED, Act.RAN_OUT, Act.TAKEN_BACK}
)
"""Marks behind which something may fall due before what the first one stated, or has been told already."""

Told = tuple[Act, tuple[str, ...], int]


def evolve(clocks: Clocks, meta: FactMeta, fact: Any) -> Clocks:
    """The clocks after one more fact."""
    telling = _TELLING.get(type(fact))
    if telling is None:
        return clocks
    reference = meta.versions.reference
    if not (reference or clocks.marks or (type(fact) in _STATING and _states_a_limit(fact))):
        return clocks
    told = telling(fact)
    if told is None:
        return clocks
    act, words, number = told
    by_source = meta.actor.role == SOURCE_ROLE
    mark = Mark(act, meta.seq, meta.occurred_at, meta.recorded_at, reference, by_source, _kept(words), number)
    return Clocks((*clocks.marks, mark), _quiet(clocks, mark))


def _quiet(before: Clocks, mark: Mark) -> int:
    """Known while there is one limit, stated by the first mark, or promises alone, and nothing is used up by then.

    A promise behind any other mark may meet a clock that stands still, which may turn out to have gone on earlier.
    """
    marks, quiet = before.marks, before.quiet
    if not marks:
        return 0 if mark.reference else _first_moment(mark, _start(mark))
    if mark.reference or not quiet:
        return 0
    if mark.act in _MAY_COME_SOONER:
        if mark.act is Act.PROMISED and all(one.act is Act.PROMISED for one in marks):
            return min(quiet, _first_moment(mark, min(map(_start, (*marks, mark)))))
        return 0
    return quiet if _start(mark) >= _start(marks[0]) else 0


def _start(mark: Mark) -> int:
    occurred, recorded = mark.occurred_at, mark.recorded_at
    return min(recorded, occurred)


def _first_moment(mark: Mark, start: int) -> int:
    """When the limit that a fact states is used up to 80 %, or a suspension ends: the earliest that can fall due."""
    if mark.act is Act.SUSPENDED:
        return mark.number
    if mark.act is Act.PROMISED:
        return min(mark.number, start + (mark.number - start) * 4 // 5)
    return 0


def _kept(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([intern(word) for word in words]) if words else ()


_STATING = frozenset({events.Committed, events.HandedOver, events.Summoned, events.Suspended})


def _states_a_limit(fact: Any) -> bool:
    return type(fact) is not events.Summoned or fact.minutes is not None


# ------------------------------------------------------------------ what each fact tells


def _pairs(parties: tuple[Assignment, ...]) -> tuple[str, ...]:
    """Those who work, as org, role, org, role …"""
    return tuple([word for p in parties if p.role != PartyRole.INFORM for word in (p.org, p.role)])


def _condition(condition: events.Condition | None) -> tuple[str, ...]:
    return (condition.scheme, condition.version, condition.code) if condition else ()


def _party(act: Act) -> Callable[[Any], Told]:
    return lambda fact: (act, (fact.party,), 0)


def _bare(act: Act, *words: str) -> Callable[[Any], Told]:
    return lambda _fact: (act, words, 0)


def _clock(act: Act) -> Callable[[Any], Told]:
    return lambda fact: (act, (fact.clock, fact.party or ""), fact.due_at)


def _amended(fact: events.Amended) -> Told | None:
    division = (fact.place.division or "") if fact.place else ""
    words = (division, *_condition(fact.condition))
    return (Act.AMENDED, words, 0) if any(words) else None


def _hand_over_answered(fact: events.HandOverAnswered) -> Told | None:
    return None if fact.accepted else (Act.HAND_OVER_REFUSED, (fact.org,), 0)


_TELLING: dict[type, Callable[[Any], Told | None]] = {
    events.Reported: lambda fact: (Act.REPORTED, (fact.place.division or "",), 0),
    events.LeadVerificationAsked: _party(Act.LOOK_ASKED),
    events.LeadVerified: _party(Act.LOOKED),
    events.Filed: lambda fact: (Act.FILED, _condition(fact.condition), 0),
    events.Dispatched: lambda fact: (Act.DISPATCHED, _pairs(fact.parties), 0),
    events.PartiesAdded: lambda fact: (Act.PARTIES_ADDED, _pairs(fact.parties), 0),
    events.Adjudicated: lambda fact: (Act.ADJUDICATED, _pairs(fact.parties), 0),
    events.LeadAppointed: lambda fact: (Act.LEAD_APPOINTED, (fact.org,), 0),
    events.PartyReleased: _party(Act.RELEASED),
    events.Transferred: lambda fact: (Act.TRANSFERRED, (fact.party, fact.to), 0),
    events.Returned: _party(Act.RETURNED),
    events.SentAgain: _party(Act.SENT_AGAIN),
    events.HandedBack: _party(Act.HANDED_BACK),
    events.ReworkOrdered: lambda fact: (Act.REWORK, fact.parties, 0),
    events.Summoned: lambda fact: (Act.SUMMONED, fact.orgs, fact.minutes or 0),
    events.ReportedIn: _party(Act.REPORTED_IN),
    events.ReporterAnswered: _bare(Act.ANSWERED),
    events.HandedOver: lambda fact: (Act.HANDED_OVER, (fact.org,), 0),
    events.HandOverAnswered: _hand_over_answered,
    events.HandOverJustified: _bare(Act.JUSTIFIED),
    events.ExtensionGranted: _party(Act.EXTENDED),
    events.Committed: lambda fact: (Act.PROMISED, (fact.party or "",), fact.due_at),
    events.Suspended: lambda fact: (Act.SUSPENDED, (), fact.until),
    events.Resumed: lambda fact: (Act.RESUMED, (), int(fact.by_itself)),
    events.Amended: _amended,
    events.RegimeChanged: lambda fact: (Act.REGIME, (fact.regime,), fact.reference),
    events.Checked: lambda fact: (Act.CHECKED, (fact.result,), 0),
    events.Closed: lambda fact: (Act.CLOSED, (fact.kind,), 0),
    events.FilingRefused: _bare(Act.ENDED, "FilingRefused"),
    events.Voided: _bare(Act.ENDED, "Voided"),
    events.Merged: _bare(Act.ENDED, "Merged"),
    events.ReportWithdrawn: _bare(Act.ENDED, "ReportWithdrawn"),
    events.Reopened: _bare(Act.REOPENED),
    events.Exempted: _party(Act.EXEMPTED),
    events.Warned: _clock(Act.WARNED),
    events.RanOut: _clock(Act.RAN_OUT),
    events.RunOutWithdrawn: _clock(Act.TAKEN_BACK),
    events.DueRecomputed: _clock(Act.RECOMPUTED),
}
"""Every other fact leaves clocks as they are."""
