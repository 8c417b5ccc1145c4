"""The outbox of one partition: its subjects and its feeds, folded from facts. No input, no output.

Promise: the items of a feed are a pure fold of the facts and of where each of its versions began to hold, numbered
1, 2, 3 …: the same from scratch and in steps, whatever other feeds there are.

A fact that cannot be handled changes nothing, its subject's later ones follow no more, and both are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from schemas.events import FeedItem, Subscription
from streams.core.reference import NotReadYet, Reference
from streams.outbox import known as knowing
from streams.outbox.items import Happening, Told, introduced, items
from streams.outbox.known import Known
from streams.outbox.wanting import Version, has_a_part, involved, shows

if TYPE_CHECKING:
    from streams.casework.local import LocalCopy, Mark

Problem = Callable[[str, str], None]
"""Told (subject, why) of a fact that could not be handled."""


class Feed:
    """One feed in this partition: `number` of its last item, `next_offset` of the next fact for it, its versions."""

    __slots__ = ("next_offset", "number", "versions")

    def __init__(self, versions: tuple[Version, ...], number: int = 0, next_offset: int | None = None) -> None:
        self.versions = versions
        self.number = number
        self.next_offset = versions[0].from_offset if next_offset is None else next_offset

    @property
    def code(self) -> str:
        return self.versions[0].subscription.code

    @property
    def introduces(self) -> bool:
        """Whether open subjects have to be introduced before its next fact."""
        first = self.versions[0]
        return first.open_before and self.next_offset == first.from_offset


class Partition:
    """Subjects up to `next_offset`, and the feeds that are given items as facts are taken in."""

    def __init__(self) -> None:
        self.next_offset = 0
        self.subjects: dict[str, Known] = {}
        self.changed: dict[str, Known] = {}
        self._feeds: dict[str, Feed] = {}
        self._by_owner: dict[str, list[Feed]] = {}
        self._of_all: list[Feed] = []
        self.local: LocalCopy[Known] | None = None

    # ------------------------------------------------------------ feeds

    @property
    def feeds(self) -> Mapping[str, Feed]:
        """The feeds that are given items, by code."""
        return self._feeds

    @feeds.setter
    def feeds(self, feeds: Mapping[str, Feed]) -> None:
        """Those that only want what their owner is involved in are found by their owner."""
        self._feeds, self._by_owner, self._of_all = dict(feeds), {}, []
        for feed in feeds.values():
            if all(has_a_part(version.subscription) for version in feed.versions):
                for owner in {version.subscription.owner for version in feed.versions}:
                    self._by_owner.setdefault(owner, []).append(feed)
            else:
                self._of_all.append(feed)

    def add(self, feed: Feed) -> None:
        """One more."""
        self.feeds = {**self._feeds, feed.code: feed}

    def drop(self, codes: Collection[str]) -> None:
        """Without these."""
        self.feeds = {code: feed for code, feed in self._feeds.items() if code not in codes}

    def _concerned(self, before: Known | None, now: Known) -> Iterable[Feed]:
        """Feeds that may have or want the subject."""
        if not self._by_owner:
            return self._of_all
        if now.row is None:
            return self._feeds.values()
        orgs = involved(now) if before is None else involved(before) | involved(now)
        own = [feed for org in orgs & self._by_owner.keys() for feed in self._by_owner[org]]
        return (*self._of_all, *dict.fromkeys(own))

    # ------------------------------------------------------------ facts

    def get(self, subject: str) -> Known | None:
        found = self.subjects.get(subject)
        if found is None and self.local is not None:
            found = self.local.ended_subject(subject)
        return found

    def take(self, told: Iterable[Told], reference: Reference, problem: Problem) -> list[FeedItem]:
        """Takes facts in, in order; gives the items that follow. `reference` must know what they cite."""
        found: list[FeedItem] = []
        for one in told:
            if one.offset >= self.next_offset:
                try:
                    found += self._take_one(one, reference)
                except NotReadYet:
                    raise
                except Exception as error:  # noqa: BLE001 one subject must not stop the others
                    problem(one.meta.subject.id, f"fact {one.meta.seq}: {type(error).__name__}: {error}")
                self._pass(one.offset + 1)
        return found

    def _pass(self, offset: int) -> None:
        self.next_offset = offset
        for feed in self._feeds.values():
            feed.next_offset = max(feed.next_offset, offset)

    def _take_one(self, told: Told, reference: Reference) -> list[FeedItem]:
        meta = told.meta
        subject = meta.subject.id
        before = self.get(subject)
        if meta.seq != (before.seq if before else 0) + 1:
            raise ValueError(f"it follows fact {before.seq if before else 0}")
        now = knowing.after(before, told.offset, meta, told.fact)
        found: list[FeedItem] = []
        if concerned := self._concerned(before, now):
            what = Happening(told, before, now, reference.at(meta.versions.reference))
            for feed in concerned:
                if feed.next_offset <= told.offset and (made := items(feed.versions, what, feed.number)):
                    found += made
        for item in found:
            self._feeds[item.subscription].number = item.number
        self.subjects[subject] = self.changed[subject] = now
        return found

    # ------------------------------------------------------------ new feeds

    def introductions(self, feed: Feed, reference: Reference) -> Iterator[FeedItem]:
        """The open subjects that a new feed begins with, in the order of their ids; those that it has got are left out.

        To be taken when the partition stands where the feed begins.
        """
        subscription: Subscription = feed.versions[0].subscription
        number = 0
        for subject, one in sorted(self.subjects.items()):
            cited = reference.at(one.reference)
            if not one.ended and shows(subscription, one, cited):
                number += 1
                if number > feed.number:
                    yield introduced(subscription, subject, one, number, cited)

    # ------------------------------------------------------------ local copy

    def restore(self, local: LocalCopy[Known], mark: Mark | None) -> None:
        """Starts from a local copy: open subjects into memory, the rest stays there."""
        self.local = local
        if mark is not None:
            self.subjects = dict(local.open_subjects())
            self.next_offset = mark.facts_offset

    def take_changes(self) -> dict[str, Known]:
        """What has changed since the last call, for the local copy to write."""
        changed, self.changed = self.changed, {}
        return changed

    def forget_ended(self, written: dict[str, Known]) -> None:
        """Drops from memory what has ended and stands in the local copy unchanged."""
        if self.local is None:
            return
        self.local.refresh()
        for subject, known in written.items():
            if known.ended and self.subjects.get(subject) is known:
                del self.subjects[subject]


def no_problem(_subject: str, _why: str) -> Any:
    """For folds whose problems have been told."""
