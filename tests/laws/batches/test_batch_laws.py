"""Whatever a carrier does to files, the same lines arrive once, in order within their case; faults lose nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.batches import batch
from connectors.batches.batch import Lane
from tests.batching import INTERVAL, PATIENCE, SECOND, STRANGER, Clock, Side, carry, exchange

FATES = st.sampled_from(["comes", "comes", "comes", "lost", "twice", "cut", "forged", "late"])
LINES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["regular", "regular", "urgent"]), st.integers(0, 2)), max_size=8
)
"""Lines: case, lane, how many intervals pass behind it."""


def forged(content: bytes) -> bytes:
    """The same in another's hand."""
    head, _, rest = content.partition(b"\n")
    return b"\n".join([head, batch.signed(head, batch.MANIFEST, STRANGER), rest.partition(b"\n")[2]])


class Carrier:
    """Draws what becomes of each file; what is late comes with a later journey."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self._late: list[tuple[str, bytes]] = []
        self._count = 0

    def __call__(self, name: str, content: bytes) -> list[tuple[str, bytes]]:
        self._count += 1
        name = f"{self._data.draw(st.integers(0, 9))}-{self._count}-{name}"  # in any order
        early, self._late = self._late, []
        match self._data.draw(FATES):
            case "lost":
                return early
            case "twice":
                return [*early, (name, content), (f"again-{name}", content)]
            case "cut":
                return [*early, (name, content[: len(content) // 2])]
            case "forged":
                return [*early, (f"forged-{name}", forged(content)), (name, content)]
            case "late":
                self._late = [(name, content)]
                return early
        return [*early, (name, content)]


def passage(hub: Side, police: Side, lines: list[tuple[str, Lane, int]], carrier: Carrier, faults: Any) -> None:
    """Say the lines while the carrier does its worst, and both sides are started again now and then."""
    for number, (case, lane, intervals) in enumerate(lines):
        hub.say(f"{number}", case, lane)
        for _ in range(intervals):
            hub.clock.pass_by(INTERVAL / SECOND)
            hub.posting.tick()
            police.posting.tick()
            carry(hub, police, carrier)
            police.take()
            carry(police, hub, carrier)
            hub.take()
        for side in (hub, police):
            if faults():
                side.close()
                side.open()


@given(LINES, st.data())
def test_the_same_lines_arrive_once_and_in_order_within_their_case(lines: Any, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        hub = Side("hub", "police", Path(folder) / "hub", clock)
        police = Side("police", "hub", Path(folder) / "police", clock)
        passage(hub, police, lines, Carrier(data), lambda: data.draw(st.integers(0, 4)) == 0)
        exchange(hub, police, 2 * PATIENCE // INTERVAL + 4)
        said = [(f"{number}", case, lane) for number, (case, lane, _) in enumerate(lines)]
        assert sorted(police.keys()) == sorted(key for key, _, _ in said)
        for place in {(case, lane) for _, case, lane in said}:
            wanted = [key for key, *found in said if tuple(found) == place]
            assert [line.key for lane, line in police.read if (line.case, lane) == place] == wanted
        for found in hub.posting.state.values():
            assert found.unsettled <= {found.last}
            assert len(found.verdicts) == len(found.known)
        hub.close()
        police.close()


@given(LINES, st.data())
def test_a_fault_before_a_batch_is_settled_makes_the_same_lines_come_again(lines: Any, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        hub = Side("hub", "police", Path(folder) / "hub", clock)
        police = Side("police", "hub", Path(folder) / "police", clock)
        passage(hub, police, lines, Carrier(data), lambda: False)
        before = [str(one) for one in police.arrivals.arrived()]
        police.close()
        police.open()
        assert [str(one) for one in police.arrivals.arrived()] == before
        hub.close()
        police.close()
