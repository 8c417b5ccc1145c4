"""Goes through the marks of a case, in the order of its facts, each at the moment that counts for it.

What counts is when a thing happened. A source that reports its history is believed; anybody else may say that it
happened as much earlier than it was told as the city's policy allows, and never later than it was told. The rules:

- returned and sent again to the same party: its clock resumes; to another: a new clock; rework resumes it;
- the acceptance clock pauses while a lead is looked at; a suspension pauses every clock and ends by itself;
- an amendment of the condition, or a change of regime: from then on the new limit and hours judge what is left, what
  was used is kept; a limit shorter than what was used ends at that moment;
- a promise replaces the limit of the party's clock, or of the whole case: of its closure, and of every disposal that
  has a limit and no promise of its own; made before there is such a clock, it waits for it;
- an extension adds one original limit to the party's clock; the lead's also to the closure, where that is limited by
  the condition or a promise;
- whatever ends a case ends its clocks: closing answers what they wait for; forced closing, a refusal or a withdrawal
  makes open ones withdrawn; what was overdue by then stays so.
"""

from __future__ import annotations

from typing import NamedTuple

from streams.core.clocks.run import Run
from streams.core.clocks.state import Mark
from streams.core.clocks.terms import Hours, Kind, Limit, Terms, Unreadable

LATER_LIMITS = frozenset({Kind.DISPOSAL, Kind.CLOSURE})
"""Clocks that may get a limit after they have begun: by an amendment or a promise."""
CASE = ""


class Suspension(NamedTuple):
    """A time in which every clock of the case pauses; `end` is None while it is not over."""

    start: int
    end: int | None
    opened_by: int
    closed_by: int


class Walk:
    """A walk so far. Its runs are every clock that was ever opened, in that order."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.runs: list[Run] = []
        self.latest: dict[tuple[Kind, str], Run] = {}
        self.division, self.condition, self.regime = "", (), ""  # type: str, tuple[str, ...], str
        self.roles: dict[str, str] = {}
        self.back: set[str] = set()
        self.looks: set[str] = set()
        self.promises: dict[str, int] = {}
        self.suspended_until: int | None = None
        self.suspensions: list[Suspension] = []
        self.resumed_untold: int | None = None

    # -------------------------------------------------------- time

    def counted(self, mark: Mark) -> int:
        """The moment that counts for a fact."""
        occurred, recorded = mark.occurred_at, mark.recorded_at
        if mark.by_source:
            return occurred
        bound = self.terms.back_dating(self.division, mark.reference, recorded)
        return min(occurred if bound is None else max(occurred, recorded - bound), recorded)

    def pass_suspension(self, at: int) -> None:
        """A suspension whose end has come by then has ended by itself."""
        until = self.suspended_until
        if until is not None and until <= at:
            self.resumed_untold = until
            self.resume_all(until, 0)

    def suspend(self, at: int, seq: int, until: int) -> None:
        """Every clock pauses."""
        self.end_suspension(at, seq)
        for run in self.runs:
            if run.open:
                run.pause(at, seq)
        self.suspended_until, self.resumed_untold = until, None
        self.suspensions.append(Suspension(at, None, seq, 0))

    def end_suspension(self, at: int, seq: int) -> None:
        """It is over; the clocks of a case that has ended stay as they are."""
        self.suspended_until = None
        if self.suspensions and self.suspensions[-1].end is None:
            last = self.suspensions[-1]
            self.suspensions[-1] = last._replace(end=max(at, last.start), closed_by=seq)

    def resume_all(self, at: int, seq: int) -> None:
        """Every clock that waits for nothing else goes on."""
        self.end_suspension(at, seq)
        for run in self.runs:
            if run.open and not run.held:
                run.start(at, seq)

    def go_on(self, run: Run, mark: Mark, at: int) -> None:
        """What the clock waits for is waited for again, under the terms of now where they have changed since."""
        stale = run.stale
        run.wait_again()
        if stale:
            self.judge_anew(run, mark, at, mark.reference)
        self.run_on(run, at, mark.seq)

    def run_on(self, run: Run, at: int, seq: int) -> None:
        """The clock runs from then on, but for the suspensions of the case; `at` may lie before one that was told."""
        at = max(at, run.counted_until)
        for one in self.suspensions:
            if one.end is not None and one.end <= at:
                continue
            if one.start > at:
                run.start(at, seq)
                run.pause(one.start, one.opened_by)
            if one.end is None:
                return
            at, seq = one.end, one.closed_by
        run.start(at, seq)

    # -------------------------------------------------------- clocks

    def open(self, kind: Kind, party: str, mark: Mark, at: int, limit: Limit | None = None) -> None:
        """A new clock, where there is a limit or may be one later, and no such clock is open."""
        before = self.latest.get((kind, party))
        if before is not None and before.open:
            return
        found: Limit | Unreadable | None = limit or self._limit(kind, mark.reference, at)
        if found is None and kind not in LATER_LIMITS:
            return
        run = Run(kind, party, mark, at)
        run.stated = limit is not None
        run.judge_by(found, self._hours(found, mark.reference, at))
        self.runs.append(run)
        self.latest[kind, party] = run
        self.run_on(run, at, mark.seq)
        if self.promises and kind in LATER_LIMITS:
            self._keep_promise(run, at, mark.seq)

    def _limit(self, kind: Kind, version: int, at: int) -> Limit | Unreadable | None:
        return self.terms.limit(kind, self.division, self.condition, version, at, self.regime)

    def _hours(self, limit: Limit | Unreadable | None, version: int, at: int) -> Hours | None:
        if type(limit) is Limit and limit.works:
            return self.terms.hours(self.division, version, at, self.regime)
        return None

    def _keep_promise(self, run: Run, at: int, seq: int) -> None:
        own = self.promises.get(run.party)
        if own is not None:
            run.promise(own, at, seq, "promise")
        elif run.limit is not None and CASE in self.promises and not run.promised:
            run.promise(self.promises[CASE], at, seq, "promise for the whole case")

    def judge_anew(self, run: Run, mark: Mark, at: int, version: int) -> None:
        """From then on by the limit and hours in force now, unless a fact has stated its limit; what is met already
        stays as it was judged, unless it is waited for again."""
        if run.withdrawn or run.promised or run.stated:
            return
        run.stale = not run.open
        if run.stale:
            return
        run.split(at, mark.seq)
        limit = self._limit(run.kind, version, at)
        run.judge_anew(limit, self._hours(limit, version, at), at, mark.seq, version)

    def stop(self, kind: Kind, party: str, mark: Mark, at: int, *, withdrawn: bool = False) -> None:
        if (run := self.latest.get((kind, party))) is not None:
            run.stop(at, mark.seq, withdrawn=withdrawn)

    def send(self, party: str, mark: Mark, at: int) -> None:
        """The party works (again): its clock resumes, or it gets one."""
        run = self.latest.get((Kind.DISPOSAL, party))
        if run is None or run.withdrawn:
            self.open(Kind.DISPOSAL, party, mark, at)
        elif run.held or run.stopped_by:
            self.go_on(run, mark, at)
        self.back.discard(party)

    def leave(self, party: str, mark: Mark, at: int) -> None:
        """The party does not work any more."""
        self.stop(Kind.DISPOSAL, party, mark, at, withdrawn=True)
        self.roles.pop(party, None)
        self.back.discard(party)

    def ask_for_check(self, mark: Mark, at: int) -> None:
        """The disposal is to be checked once everybody has handed back."""
        if self.roles and self.back >= self.roles.keys():
            self.open(Kind.CHECK, CASE, mark, at)

    def finish(self, before: int) -> None:
        """Notes what falls due before a moment if nothing else is said; what was told already is found again."""
        until = self.suspended_until
        if until is not None and until < before:
            self.pass_suspension(until)
        for run in self.runs:
            if run.since is not None:
                run.find(max(before, run.told_until))
