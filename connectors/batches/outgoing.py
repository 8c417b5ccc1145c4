"""What we have to say: lines that wait for their batch, batches that wait for their acknowledgement.

Promise: a key is said once, however often it is spooled; the lines of a case within a lane are numbered without gaps; a
batch never changes once it is closed; what is not acknowledged within the patience of the lane, or is asked for again,
is sent again as it was. Pure; state is the fold of events that a journal keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from connectors.batches.acknowledgement import Acknowledgement, LineVerdict
from connectors.batches.batch import LANES, Lane, Line

# ------------------------------------------------------------ events


class Spooled(msgspec.Struct, frozen=True, tag=True):
    """A line waits for the next batch of its lane."""

    lane: Lane
    line: Line


class Closed(msgspec.Struct, frozen=True, tag=True):
    """A batch has been written, with the lines of these keys."""

    lane: Lane
    number: int
    digest: str
    at: int
    keys: tuple[str, ...] = ()


class Placed(msgspec.Struct, frozen=True, tag=True):
    """A batch was put into the folder, for the first time or again."""

    lane: Lane
    number: int
    at: int


class Acknowledged(msgspec.Struct, frozen=True, tag=True):
    """The other side said what became of a batch."""

    lane: Lane
    number: int
    outcome: str
    made_at: int
    reason: str | None = None
    lines: tuple[LineVerdict, ...] = ()


Event = Spooled | Closed | Placed | Acknowledged

# ------------------------------------------------------------ state


class Sent(msgspec.Struct, frozen=True):
    """A batch that was sent: `at` the last time, `outcome` as last acknowledged (made at `made_at`)."""

    digest: str
    at: int
    keys: tuple[str, ...]
    outcome: str | None = None
    reason: str | None = None
    made_at: int = 0


class LaneState(msgspec.Struct):
    """One lane: lines that wait, batches by number, the last one and when it was closed, those about which nothing
    final was heard, the last line number of each case, the keys that were ever spooled, verdicts by key. It grows over
    years, so that `evolve` changes it in place."""

    spool: dict[str, Line] = msgspec.field(default_factory=dict)
    sent: dict[int, Sent] = msgspec.field(default_factory=dict)
    last: int = 0
    last_at: int = 0
    unsettled: set[int] = msgspec.field(default_factory=set)
    cases: dict[str, int] = msgspec.field(default_factory=dict)
    known: set[str] = msgspec.field(default_factory=set)
    verdicts: dict[str, LineVerdict] = msgspec.field(default_factory=dict)


State = Mapping[Lane, LaneState]


def empty() -> State:
    """Nothing was said yet."""
    return {lane: LaneState() for lane in LANES}


def evolve(state: State, event: Event) -> State:
    """The state behind an event: the same one, changed."""
    lane = state[event.lane]
    match event:
        case Spooled(line=line):
            lane.spool[line.key] = line
            lane.known.add(line.key)
            lane.cases[line.case] = line.n
        case Closed():
            for key in event.keys:
                lane.spool.pop(key, None)
            lane.sent[event.number] = Sent(event.digest, event.at, event.keys)
            lane.last, lane.last_at = event.number, event.at
            lane.unsettled.add(event.number)
        case Placed() if event.number in lane.sent:
            lane.sent[event.number] = msgspec.structs.replace(lane.sent[event.number], at=event.at)
        case Acknowledged() if event.number in lane.sent:
            _acknowledged(lane, event)
    return state


def _acknowledged(lane: LaneState, event: Acknowledged) -> None:
    known = lane.sent[event.number]
    if event.made_at < known.made_at or (known.outcome == "taken" and event.outcome != "taken"):
        return  # an older one has come late, or somebody forged what was taken already
    lane.sent[event.number] = msgspec.structs.replace(
        known, outcome=event.outcome, reason=event.reason, made_at=event.made_at
    )
    lane.verdicts.update((one.key, one) for one in event.lines if one.key in known.keys)
    if event.outcome == "taken" and not any(one.outcome == "waiting" for one in event.lines):
        lane.unsettled.discard(event.number)
    else:
        lane.unsettled.add(event.number)


# ------------------------------------------------------------ decisions


def spooled(state: State, lane: Lane, line: Line) -> list[Spooled]:
    """Spool a line under the next number of its case; nothing for a key that was spooled before, in whatever lane."""
    if any(line.key in state[one].known for one in LANES):
        return []
    number = state[lane].cases.get(line.case, 0) + 1
    return [Spooled(lane, msgspec.structs.replace(line, n=number))]


def verdict(state: State, key: str) -> LineVerdict | None:
    """What the other side said of a key, if anything."""
    return next((found for lane in LANES if (found := state[lane].verdicts.get(key)) is not None), None)


def fits(lane: LaneState, said: Acknowledgement) -> bool:
    """Whether an acknowledgement is about a batch as we sent it; one of a quarantined file names no digest."""
    sent = lane.sent.get(said.number)
    return sent is not None and said.digest in (None, sent.digest)


def to_send_again(lane: LaneState, now: int, patience: int) -> Iterator[int]:
    """Numbers about which nothing final was heard within the patience since they were last sent."""
    return (number for number in sorted(lane.unsettled) if _overdue(lane.sent[number], now, patience))


def _overdue(sent: Sent, now: int, patience: int) -> bool:
    """A batch that was taken, though some lines wait for a forerunner, need not be sent again."""
    return sent.outcome != "taken" and now - sent.at >= patience


def is_due(lane: LaneState, now: int, interval: int) -> bool:
    """Whether the next regular batch is to be closed: an interval after the last one, even when it is empty."""
    return lane.last == 0 or now - lane.last_at >= interval
