"""One clock while a walk goes through the marks: its spells, its limit, and the moments at which it fell due.

Used time is the clock's own (µs in which it counts). What a limit was changes what is left, never what was used. A
boundary that is told late cuts away what was counted after it, and with it a run-out that did not happen.
"""

from __future__ import annotations

from streams.core.clocks.spells import Fallen, Judged, Spell, measured
from streams.core.clocks.state import Mark
from streams.core.clocks.terms import PROMISE, Condition, Hours, Kind, Limit, Unreadable
from streams.core.working_time import NotBefore, advance

NO_CALENDAR = "no working calendar is known there"


class Run:
    """The working state of one clock. `since` is when it began to run, None while it does not."""

    __slots__ = (
        "base",
        "by",
        "changed_at",
        "earlier",
        "exempt",
        "extensions",
        "held",
        "hours",
        "kind",
        "limit",
        "measured",
        "opened_at",
        "opened_by",
        "overdue_at",
        "party",
        "promised",
        "recomputed",
        "since",
        "spells",
        "stale",
        "stated",
        "stopped_by",
        "told_out",
        "told_recomputed",
        "told_until",
        "told_warnings",
        "total",
        "trouble",
        "used",
        "version",
        "warned_total",
        "warnings",
        "withdrawn",
        "works",
    )

    def __init__(self, kind: Kind, party: str, mark: Mark, at: int) -> None:
        self.kind, self.party = kind, party
        self.opened_at, self.opened_by, self.version = at, mark.seq, mark.reference
        self.since: int | None = None
        self.by = mark.seq
        self.spells: list[Spell] = []
        self.used = 0
        self.limit: Limit | Unreadable | None = None
        self.hours: Hours | None = None
        self.works = False
        self.base = 0
        self.total: int | None = None
        self.trouble = ""
        self.measured = False
        self.extensions = 0
        self.promised = self.held = False
        self.stopped_by = 0
        self.withdrawn = False
        self.stated = False
        self.stale = False
        self.exempt = False
        self.changed_at = at
        self.overdue_at: int | None = None
        self.warned_total: int | None = None
        self.earlier: list[Judged] = []
        self.warnings: list[Fallen] = []
        self.recomputed: list[tuple[int, int, str]] = []
        self.told_warnings = self.told_recomputed = self.told_until = 0
        self.told_out: int | None = None

    @property
    def open(self) -> bool:
        return not self.stopped_by

    @property
    def condition(self) -> Condition:
        """The filing condition that states its limit; empty where something else does."""
        return self.limit.condition if self.limit is not None else ()

    def calendar(self, due: int | None) -> str:
        """The calendar that it is judged by, in the version that knows when it is due; empty: it runs day and night."""
        hours = self.hours
        if not self.works or hours is None:
            return ""
        spans = hours.calendar.spans
        beyond = due is not None and bool(spans) and due > spans[-1].ends
        return hours.further_label if beyond and hours.further else hours.label

    # -------------------------------------------------------- running and not

    @property
    def counted_until(self) -> int:
        """Where what was counted already ends."""
        return self.spells[-1].end if self.spells else self.opened_at

    def start(self, at: int, seq: int) -> None:
        """Runs on from then; never before what was counted already ends."""
        if self.since is None:
            self.since = max(at, self.counted_until)
            self.by = seq

    def split(self, at: int, seq: int) -> None:
        """Begins a new spell where it runs: other terms hold from then on, or from when it went on."""
        if self.since is not None and at > self.since:
            self._settle(at, seq)
            self.since, self.by = at, seq

    def pause(self, at: int, seq: int) -> None:
        """Does not run from then on. Told late, what was counted after it is taken back."""
        last = self.since if self.since is not None else self.counted_until
        if self.since is not None and at >= self.since:
            self._settle(at, seq)
        elif at < last:
            self.since = None
            self._cut(max(at, self.opened_at), seq)
        self.since = None
        self.changed_at = max(at, self.opened_at)

    def stop(self, at: int, seq: int, *, withdrawn: bool = False) -> None:
        """What the clock waits for has happened; or, withdrawn, it will not be waited for."""
        if not self.stopped_by:
            self.pause(at, seq)
            self.stopped_by, self.withdrawn = seq, withdrawn

    def wait_again(self) -> None:
        """It is waited for again: the same clock, what it used is kept."""
        self.stopped_by, self.withdrawn, self.held = 0, False, False

    def _settle(self, end: int, seq: int) -> None:
        assert self.since is not None
        spell = self.measure(self.since, end, self.by, seq)
        self.find(end, spell.used)
        if end > self.since:
            self.spells.append(spell)
            self.used += spell.used

    def measure(self, start: int, end: int, opened_by: int, closed_by: int) -> Spell:
        """The spell between two moments, in the clock's own time."""
        return measured(self.works, self.hours, start, end, (opened_by, closed_by))

    def _cut(self, at: int, seq: int) -> None:
        kept = [spell for spell in self.spells if spell.start < at]
        if kept and kept[-1].end > at:
            last = kept.pop()
            kept.append(self.measure(last.start, at, last.opened_by, seq))
        self.spells = kept
        self.used = sum(spell.used for spell in kept)
        if self.overdue_at is not None and self.overdue_at >= at:
            self.overdue_at = None
        if self.warnings and self.warnings[-1].at >= at:
            self.warnings = [one for one in self.warnings if one.at < at]
            self.warned_total = None

    # -------------------------------------------------------- limits

    def judge_anew(
        self, limit: Limit | Unreadable | None, hours: Hours | None, at: int, seq: int, version: int
    ) -> None:
        """From now on by this limit in these hours; what it was judged by before is kept for the ledger."""
        before, was, calendar = self.limit, self.version, self.calendar(None)
        self.judge_by(limit, hours)
        if self.overdue_at is None:
            self.version = version
        if before is not None and (self.limit, self.calendar(None)) != (before, calendar):
            self.earlier.append(Judged(at, seq, before, was, calendar))

    def judge_by(self, limit: Limit | Unreadable | None, hours: Hours | None) -> None:
        """From now on by this limit in these hours; not once it is overdue."""
        if self.overdue_at is not None:
            return
        self.limit, self.hours, self.total, self.trouble = limit, hours, None, ""
        self.works = type(limit) is Limit and limit.works
        if type(limit) is Unreadable:
            self.trouble = limit.reason
        elif self.works and hours is None:
            self.trouble = NO_CALENDAR
        elif type(limit) is Limit:
            self.base = limit.in_clock_time(hours.day_us if hours else 0)
            self._set_total(self.base * (1 + self.extensions))

    def promise(self, due_at: int, at: int, seq: int, basis: str) -> None:
        """The promised moment replaces the limit; what is left until then runs round the clock."""
        if self.overdue_at is not None:
            return
        if self.limit is not None and at > self.opened_at:
            self.earlier.append(Judged(at, seq, self.limit, self.version, self.calendar(None)))
        self.promised, self.works, self.trouble = True, False, ""
        self._measure_anew()
        at = max(at, self.opened_at)
        self._set_total(self._used_by(at) + due_at - at)
        self.base = max(0, due_at - self.opened_at)
        self.limit = Limit(self.base, PROMISE, basis)

    def _used_by(self, at: int) -> int:
        """What was used at a moment, none of what came after it."""
        parts = [self.measure(s.start, min(s.end, at), 0, 0) if s.end > at else s for s in self.spells if s.start < at]
        running = self.measure(self.since, at, 0, 0).used if self.since is not None and self.since < at else 0
        return sum(part.used for part in parts) + running

    def extend(self) -> None:
        """One original limit more; not once it is overdue."""
        if self.overdue_at is None:
            self.extensions += 1
            if self.total is not None:
                self.total += self.base

    def _set_total(self, total: int) -> None:
        self._measure_anew()
        self.total = total

    def _measure_anew(self) -> None:
        """Spells before there was a limit were not measured in any clock's time."""
        if not self.measured:
            self.measured = True
            self.spells = [self.measure(s.start, s.end, s.opened_by, s.closed_by) for s in self.spells]
            self.used = sum(spell.used for spell in self.spells)

    # -------------------------------------------------------- moments

    def find(self, before: int, used: int | None = None) -> None:
        """Notes what fell due in the spell that runs since `since`, before a moment; `used` in it, where known."""
        total, since = self.total, self.since
        if total is None or since is None or self.overdue_at is not None:
            return
        hours = self.hours
        soonest = min(total, total * 4 // 5)  # a promise may have been due before its clock began
        if before <= since + soonest - self.used and (hours is None or hours.further is None):
            return  # no clock runs faster than time
        if self.works and hours is not None and hours.further is not None:
            self._find_recomputed(since, before, hours)
        if used is not None and self.used + used < total * 4 // 5:
            return
        due = self.due(since)
        if type(due) is not int:
            return
        if self.warned_total != total and (yellow := self.yellow(since, due)) < min(due, before):
            self.warnings.append(Fallen(yellow, due))
            self.warned_total = total
        if due < before:
            self.overdue_at = due

    def due(self, since: int) -> int | NotBefore:
        """When the limit ends if the clock runs on from `since`."""
        assert self.total is not None
        left = self.total - self.used
        if self.promised:
            return since + left
        return since if left <= 0 else self._add(since, left)

    def yellow(self, since: int, due: int) -> int:
        """When 80 % of the limit are used, where its end is known."""
        assert self.total is not None
        left = self.total * 4 // 5 - self.used
        found = since if left <= 0 else self._add(since, left)
        return min(found, due) if type(found) is int else due

    def _add(self, since: int, clock_us: int) -> int | NotBefore:
        if not self.works:
            return since + clock_us
        assert self.hours is not None
        return advance(self.hours.further or self.hours.calendar, since, clock_us)

    def _find_recomputed(self, since: int, before: int, hours: Hours) -> None:
        """A later version of the calendar made known when the limit ends: from the moment it was loaded."""
        assert self.total is not None
        at, due = max(since, hours.further_at), self.due(since)
        known = any(label == hours.further_label for _, _, label in self.recomputed)
        if known or at >= before or type(due) is not int or self.total <= self.used:
            return
        if type(advance(hours.calendar, since, self.total - self.used)) is NotBefore:
            self.recomputed.append((at, due, hours.further_label))
