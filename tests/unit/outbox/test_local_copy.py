"""What has ended may leave memory: the feeds are the same with a local copy, from it, and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.events import FeedItem, Reopened
from schemas.wire.headers import START
from streams.casework.local import Identity, Mark, open_copy
from streams.core.numbering import Numbers
from streams.core.reference import EMPTY
from streams.outbox.items import Told
from streams.outbox.known import decode_known
from streams.outbox.partition import Feed, Partition
from tests.builders import CLOSED, DISPATCHED, TEXT, reported
from tests.feeds import fed, placed, problems_are_failures, since, subscription
from tests.linking import story

IDENTITY = Identity("1", "facts", 1)
VERSIONS = (since(subscription()),)


def facts() -> list[Told]:
    """A case that is closed and opened again, and one that stays open."""
    closed = story("1", reported(text=TEXT), *CLOSED[1:], Reopened("not-done"))
    return placed([*closed[:-1], *story("2", *DISPATCHED), closed[-1]])


def put_away(partition: Partition) -> None:
    assert partition.local is not None
    changed = partition.take_changes()
    partition.local.write(changed, Mark(IDENTITY, partition.next_offset, START, Numbers(), 0))
    partition.forget_ended(changed)


def in_two_parts(folder: Path, *, keep: bool = True) -> list[FeedItem]:
    """The items, with the ended case put away before it is opened again, by the same process or by the next one."""
    told, feed = facts(), Feed(VERSIONS)
    partition = Partition()
    partition.restore(*open_copy(folder, IDENTITY, decode_known))
    partition.feeds = {feed.code: feed}
    items = partition.take(told[:-1], EMPTY, problems_are_failures)
    put_away(partition)
    assert len(partition.subjects) == 1, "the open one"
    if not keep:
        assert partition.local is not None
        partition.local.close()
        partition = Partition()
        partition.restore(*open_copy(folder, IDENTITY, decode_known))
        partition.feeds = {feed.code: feed}
        assert partition.next_offset == told[-1].offset
    return items + partition.take(told[-1:], EMPTY, problems_are_failures)


@pytest.mark.parametrize("keep", [True, False])
def test_a_case_that_was_put_away_goes_on_as_it_was(tmp_path: Path, keep: bool) -> None:
    assert in_two_parts(tmp_path, keep=keep) == fed(facts(), *VERSIONS)
