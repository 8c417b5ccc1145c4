"""What became of the batches that came: which are taken, which are waited for, which may not be trusted.

Promise: whatever the order in which files arrive, however often each does, the lines of each batch are taken once, and
those of a case within a lane in the order of their numbers. A batch behind a gap waits until what is missing has come,
was quarantined, or is overdue by the patience of the lane; what is quarantined blocks nobody. An urgent batch never
waits. A line whose forerunner has not come waits by itself. Pure.

State is the fold of events that a journal keeps (see journal.py).
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from connectors.batches.batch import LANES, Batch, Lane, Line

FAR_AHEAD = 10_000
"""A number so far ahead of the expected one is a fault of its sender, not a gap."""

# ------------------------------------------------------------ events


class Taken(msgspec.Struct, frozen=True, tag=True):
    """The lines of a batch are in Kafka or refused. `cases`: up to which line each case has come; `waiting`: lines
    (from 1) that wait for a forerunner; `next_at`: when its sender wants to send the next one."""

    lane: Lane
    number: int
    digest: str
    previous: str | None
    at: int
    next_at: int | None
    cases: dict[str, int] = {}
    waiting: tuple[int, ...] = ()


class LineTaken(msgspec.Struct, frozen=True, tag=True):
    """A line that had waited is in Kafka, or refused."""

    lane: Lane
    number: int
    line: int
    case: str
    n: int


class Quarantined(msgspec.Struct, frozen=True, tag=True):
    """A file was set aside. `number`: which it said it is; whether it really was, nobody vouches for."""

    file: str
    reason: str
    at: int
    lane: Lane | None = None
    number: int | None = None


class Missed(msgspec.Struct, frozen=True, tag=True):
    """A later number came before this one."""

    lane: Lane
    number: int
    at: int


Event = Taken | LineTaken | Quarantined | Missed

# ------------------------------------------------------------ state


class LaneState(msgspec.Struct):
    """One lane: `taken` number → (digest, previous), `bad` numbers that only quarantined files have had, `missed`
    number → since when, `expected` the lowest number not taken, `cases` the last line of each case, `waiting` places
    of lines (number, line). It grows over years, so that `evolve` changes it in place."""

    taken: MutableMapping[int, tuple[str, str | None]] = msgspec.field(default_factory=dict)
    bad: set[int] = msgspec.field(default_factory=set)
    missed: dict[int, int] = msgspec.field(default_factory=dict)
    expected: int = 1
    cases: MutableMapping[str, int] = msgspec.field(default_factory=dict)
    waiting: set[tuple[int, int]] = msgspec.field(default_factory=set)
    last_at: int | None = None
    next_at: int | None = None


State = Mapping[Lane, LaneState]


def empty() -> State:
    """Nothing has come yet."""
    return {lane: LaneState() for lane in LANES}


def ahead_of(state: State) -> State:
    """A state that goes on from this one and leaves it as it is."""
    return {lane: _ahead_of(found) for lane, found in state.items()}


def _ahead_of(lane: LaneState) -> LaneState:
    return msgspec.structs.replace(
        lane,
        taken=ChainMap({}, lane.taken),
        bad=set(lane.bad),
        missed=dict(lane.missed),
        cases=ChainMap({}, lane.cases),
        waiting=set(lane.waiting),
    )


def evolve(state: State, event: Event) -> State:
    """The state behind an event: the same one, changed."""
    if event.lane is None:
        return state
    lane = state[event.lane]
    match event:
        case Taken():
            _taken(lane, event)
        case LineTaken():
            lane.cases[event.case] = event.n
            lane.waiting.discard((event.number, event.line))
        case Quarantined(number=int(number)) if number not in lane.taken:
            lane.bad.add(number)
        case Missed():
            lane.missed.setdefault(event.number, event.at)
    return state


def _taken(lane: LaneState, event: Taken) -> None:
    lane.taken[event.number] = (event.digest, event.previous)
    lane.bad.discard(event.number)
    lane.missed.pop(event.number, None)
    while lane.expected in lane.taken:
        lane.expected += 1
    lane.cases.update(event.cases)
    lane.waiting.update((event.number, line) for line in event.waiting)
    lane.last_at = max(event.at, lane.last_at or event.at)
    lane.next_at = max((at for at in (event.next_at, lane.next_at) if at is not None), default=None)


# ------------------------------------------------------------ decisions about a batch

Decision = Literal["take", "again", "wait"]


class Replaced(Exception):
    """The number has come before with other content, or breaks the chain; `code`, and a sentence."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def decide(lane: LaneState, batch: Batch, now: int, patience: int) -> Decision:
    """What to do with a batch. `patience`: µs for which a missing number holds up the later ones. Raises Replaced."""
    manifest, digest = batch.manifest, batch.digest
    known = lane.taken.get(manifest.number)
    if known is not None:
        if known[0] == digest:
            return "again"
        raise Replaced("replaced", f"number {manifest.number} was taken with other content before")
    if manifest.number > lane.expected + FAR_AHEAD:
        raise Replaced("far-ahead", f"number {manifest.number} comes where {lane.expected} is expected")
    _check_chain(lane, batch)
    if manifest.lane == "urgent" or not list(held_up_by(lane, manifest.number, now, patience)):
        return "take"
    return "wait"


def _check_chain(lane: LaneState, batch: Batch) -> None:
    manifest = batch.manifest
    before, behind = lane.taken.get(manifest.number - 1), lane.taken.get(manifest.number + 1)
    if before is not None and manifest.previous != before[0]:
        raise Replaced("broken-chain", f"it follows another number {manifest.number - 1} than the one that was taken")
    if behind is not None and behind[1] != batch.digest:
        raise Replaced("broken-chain", f"number {manifest.number + 1}, taken before, follows another one")
    if (manifest.previous is None) != (manifest.number == 1):
        raise Replaced("broken-chain", "the first number alone follows none")


def missing(lane: LaneState, number: int) -> Iterator[int]:
    """Numbers below this one that were not taken."""
    return (one for one in range(lane.expected, number) if one not in lane.taken)


def held_up_by(lane: LaneState, number: int, now: int, patience: int) -> Iterator[int]:
    """Numbers below this one that have not come and may still: neither quarantined nor overdue."""
    for one in missing(lane, number):
        since = lane.missed.get(one, now)
        if one not in lane.bad and now - since < patience:
            yield one


def asked_again(lane: LaneState) -> tuple[int, ...]:
    """Numbers that the sender is asked for again: missed, or known from files in quarantine alone."""
    return tuple(sorted((lane.missed.keys() | lane.bad) - lane.taken.keys()))


# ------------------------------------------------------------ decisions about lines


class Sorted(NamedTuple):
    """The lines of a batch, by their index from 1: to be taken now in this order, waiting, and taken before."""

    ready: tuple[tuple[int, Line], ...]
    waiting: tuple[int, ...]
    known: tuple[int, ...]
    cases: dict[str, int]


def sorted_out(lane: LaneState, lines: Sequence[Line | str]) -> Sorted:
    """Which lines of a batch follow what is taken; those that cannot be read are none of them."""
    cases: dict[str, int] = {}
    ready: list[tuple[int, Line]] = []
    waiting: list[int] = []
    known: list[int] = []
    for index, line in enumerate(lines, 1):
        if isinstance(line, str):
            continue
        last = cases.get(line.case, lane.cases.get(line.case, 0))
        if line.n <= last:
            known.append(index)
        elif line.n == last + 1:
            cases[line.case] = line.n
            ready.append((index, line))
        else:
            waiting.append(index)
    return Sorted(tuple(ready), tuple(waiting), tuple(known), cases)


def released(lane: LaneState, lines: Mapping[tuple[int, int], Line]) -> tuple[int, int] | None:
    """The place of a waiting line whose forerunner is taken now, if any; `lines` are those that wait."""
    for place in sorted(lane.waiting):
        line = lines[place]
        if line.n <= lane.cases.get(line.case, 0) + 1:
            return place
    return None
