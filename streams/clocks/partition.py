"""The clocks of one partition: a fold of its facts, and the moments that follow from it. No input, no output.

A moment that has come is claimed. The facts that this leads to give the next one; where none comes (casework is down,
or the claim got lost) it is claimed again, later and later. Nothing is lost with this state: it follows from the facts.

Moments that a source tells of the past are held until nothing of the kind has come from it for `QUIET`: an import is
over then, and what its cases ran out of follows. Before, casework writes it with the next claim about the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from schemas.events import DueRecomputed, FactMeta, RanOut, RunOutWithdrawn, Warned
from streams.casework.local import LocalCopy, Mark
from streams.clocks import watched as watching
from streams.clocks.watched import Watched
from streams.core.clocks import Next
from streams.core.reference import Reference
from streams.runtime.timers import Timers

QUIET = 10_000_000
"""µs for which a source tells nothing of the past, so that its import is over."""
PATIENCE = 60_000_000
"""µs after which a moment is claimed again, doubled each time."""
CLOCK_FACTS = (Warned, RanOut, RunOutWithdrawn, DueRecomputed)

Count = Callable[[str, str], None]
"""Told the type of a clock's fact and the kind of clock."""


class Partition:
    """State of one partition. `next_offset` is the next fact to fold; `reference` what moments are worked out by."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.watched: dict[str, Watched] = {}
        self.changed: dict[str, Watched] = {}
        self.timers = Timers()
        self.local: LocalCopy[Watched] | None = None
        self.next_offset = 0
        self._moments: dict[str, Next] = {}
        self._held: dict[str, dict[str, Next]] = {}
        self._quiet_at: dict[str, int] = {}
        self._tries: dict[str, int] = {}

    # ------------------------------------------------------------ facts

    def fold(self, facts: Iterable[tuple[int, FactMeta, Any]], count: Count | None = None) -> set[str]:
        """Takes facts in, in order; gives the subjects whose next moment may be another one."""
        touched = set()
        for offset, meta, fact in facts:
            subject = meta.subject.id
            before = self._get(subject)
            now = watching.after(before, meta, fact)
            if now is not None and now is not before:
                self.watched[subject] = self.changed[subject] = now
                touched.add(subject)
            if count is not None and type(fact) in CLOCK_FACTS:
                count(type(fact).__name__, fact.clock)
            self.next_offset = offset + 1
        return touched

    def _get(self, subject: str) -> Watched | None:
        found = self.watched.get(subject)
        if found is None and self.local is not None:
            found = self.local.ended_subject(subject)
        return found

    # ------------------------------------------------------------ moments

    def look(self, subject: str, now: int) -> None:
        """Works out the subject's next moment and sets its timer."""
        watched = self.watched[subject]
        moment = watching.next_of(watched, self.reference)
        self._forget(subject)
        if moment is None:
            return
        if watching.is_history(watched, moment):
            self._held.setdefault(watched.source, {})[subject] = moment
            self._quiet_at[watched.source] = now + QUIET
            return
        self._set(subject, moment)

    def _set(self, subject: str, moment: Next) -> None:
        self._moments[subject] = moment
        self.timers.set(subject, moment.at)

    def _forget(self, subject: str) -> None:
        self._moments.pop(subject, None)
        self._tries.pop(subject, None)
        self.timers.drop(subject)
        held = self._held.get(self.watched[subject].source)
        if held:
            held.pop(subject, None)

    def release_quiet(self, now: int) -> None:
        """Sources that have been quiet for long enough: what they ran out of may be said."""
        for source in [source for source, at in self._quiet_at.items() if at <= now]:
            del self._quiet_at[source]
            for subject, moment in self._held.pop(source, {}).items():
                self._set(subject, moment)

    def claims(self, now: int, most: int) -> Iterator[tuple[str, bytes]]:
        """Subjects for which a moment has come, at most so many, each with the claim that says so."""
        self.release_quiet(now)
        for number, (subject, _) in enumerate(self.timers.due(now), 1):
            tries = self._tries[subject] = self._tries.get(subject, 0) + 1
            self.timers.set(subject, now + PATIENCE * 2 ** min(tries - 1, 6))
            yield subject, watching.note_time(self.watched[subject].kind, subject, self._moments[subject])
            if number == most:
                return

    def refer_to(self, newest: Reference) -> list[str]:
        """Works by a newer reference from now on; gives the subjects to look at again: all open ones where a calendar
        came, since a limit may have waited for it."""
        if newest.version <= self.reference.version:
            return []
        came = {load.header.kind for load in newest.loads[self.reference.version :]}
        self.reference = newest
        return [subject for subject, one in self.watched.items() if not one.ended] if "calendars" in came else []

    def settled(self, now: int) -> bool:
        """Whether every moment that has come by then is a fact; what is held comes later."""
        return not self._tries and not self.timers.comes_by(now)

    @property
    def held(self) -> int:
        """How many moments wait until a source is quiet."""
        return sum(map(len, self._held.values()))

    def oldest_unanswered(self) -> int | None:
        """The earliest moment that has been claimed and has led to no fact yet."""
        return min((self._moments[subject].at for subject in self._tries), default=None)

    # ------------------------------------------------------------ local copy

    def restore(self, local: LocalCopy[Watched], mark: Mark | None) -> None:
        """Starts from a local copy: open subjects into memory, the rest stays there."""
        self.local = local
        if mark is not None:
            self.watched = dict(local.open_subjects())
            self.next_offset = mark.facts_offset

    def take_changes(self) -> dict[str, Watched]:
        """What has changed since the last call, for the local copy to write."""
        changed, self.changed = self.changed, {}
        return changed

    def forget_ended(self, written: dict[str, Watched]) -> None:
        """Drops from memory what has ended, falls due no more, and stands in the local copy unchanged."""
        if self.local is None:
            return
        self.local.refresh()
        for subject, watched in written.items():
            waits = subject in self._moments or subject in self._held.get(watched.source, {})
            if watched.ended and not waits and self.watched.get(subject) is watched:
                del self.watched[subject]
