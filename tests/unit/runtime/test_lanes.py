"""Nothing of an open partition is lost, doubled or out of order, however fetches, batches and seeks overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.lanes import Lanes

PARTS = ("a", "b")
Step = tuple[str, str]
STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "ask", "drain", "arrive", "finish", "shut", "open"]), st.sampled_from(PARTS)),
    max_size=60,
)


class Reader:
    """A reader of two logs of whole numbers: a fetch runs beside it, as aiokafka's does in its thread."""

    def __init__(self, lanes: Lanes[str]) -> None:
        self.lanes = lanes
        self.ends = dict.fromkeys(PARTS, 0)
        self.places = dict.fromkeys(PARTS, 0)
        self.asked: set[str] | None = None
        self.drained: dict[str, list[int]] = {}
        self.opened_at = dict.fromkeys(PARTS, -1)
        self.handed: dict[str, list[int]] = {p: [] for p in PARTS}

    def write(self, part: str) -> None:
        self.ends[part] += 1

    def ask(self, _part: str) -> None:
        if self.asked is None:
            self.asked, _all = self.lanes.ask(set(PARTS))

    def drain(self, part: str) -> None:
        if self.asked and part in self.asked and self.places[part] < self.ends[part]:
            self.drained.setdefault(part, []).extend(range(self.places[part], self.ends[part]))
            self.places[part] = self.ends[part]

    def arrive(self, _part: str) -> None:
        for part, batch in self.drained.items():
            if self.lanes.arrived(part, batch):
                self.handed[part] += batch
        self.asked, self.drained = None, {}

    def finish(self, part: str) -> None:
        if part in self.lanes.working:
            self.handed[part] += self.lanes.next_batch(part)

    def shut(self, part: str) -> None:
        self.lanes.shut(part)
        self.opened_at[part] = -1

    def open(self, part: str) -> None:
        """Taken over again, from the middle of what has been written."""
        self.shut(part)
        self.places[part] = self.opened_at[part] = self.ends[part] // 2
        self.handed[part] = []
        self.lanes.open(part)

    def settle(self) -> None:
        self.arrive("")
        for _ in range(3):
            self.ask("")
            for part in PARTS:
                self.drain(part)
            self.arrive("")
            for part in PARTS:
                self.finish(part)

    def run(self, steps: Sequence[Step]) -> None:
        for what, part in steps:
            getattr(self, what)(part)
        self.settle()

    def assert_complete(self) -> None:
        for part in PARTS:
            if self.opened_at[part] >= 0:
                assert self.handed[part] == list(range(self.opened_at[part], self.ends[part]))


@given(STEPS)
def test_all_that_follows_an_opening_is_handed_out_once_and_in_order(steps: list[Step]) -> None:
    reader = Reader(Lanes("", 3))
    reader.run(steps)
    reader.assert_complete()


class AsksOn(Lanes[str]):
    """A bad twin: a running fetch still gives records of a partition that has been shut, and sought, meanwhile."""

    def shut(self, part: str) -> None:
        asked, self._asked = self._asked, set()
        super().shut(part)
        self._asked = asked


class TakesAll(Lanes[str]):
    """Another: what was asked for before an opening counts as fetched after it."""

    def arrived(self, part: str, batch: list[Any]) -> bool:
        self._asked_for = {part: self._open.get(part, 0)}
        return super().arrived(part, batch)


SOUGHT_MEANWHILE = [("open", "a"), ("write", "a"), ("ask", ""), ("open", "a"), ("drain", "a")]
GIVEN_BEFORE = [("open", "a"), ("write", "a"), ("write", "a"), ("ask", ""), ("drain", "a"), ("open", "a")]


@pytest.mark.parametrize(("twin", "steps"), [(AsksOn, SOUGHT_MEANWHILE), (TakesAll, GIVEN_BEFORE)])
def test_a_reader_that_confuses_two_openings_is_noticed(
    twin: Callable[[str, int], Lanes[str]], steps: list[Step]
) -> None:
    reader = Reader(Lanes("", 3))
    reader.run(steps)
    reader.assert_complete()
    confused = Reader(twin("", 3))
    confused.run(steps)
    with pytest.raises(AssertionError):
        confused.assert_complete()


def test_a_partition_of_which_enough_waits_is_left_out() -> None:
    lanes = Lanes("", 2)
    for part in PARTS:
        lanes.open(part)
    assert lanes.ask(set(PARTS)) == ({"", "a", "b"}, True)
    assert lanes.arrived("a", [1])
    assert not lanes.arrived("a", [2, 3])
    assert lanes.ask(set(PARTS)) == ({"", "b"}, False)
    assert lanes.next_batch("a") == [2, 3]
    assert lanes.ask(set(PARTS)) == ({"", "a", "b"}, True)
    assert lanes.next_batch("a") == []
    assert lanes.working == set()


def test_with_nothing_open_nothing_is_asked_for() -> None:
    lanes = Lanes("", 2)
    assert lanes.ask(set(PARTS)) == ({""}, True)
    assert not lanes.asks
