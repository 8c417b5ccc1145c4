"""How long partitions stood still, from what a reader saw and what was done when. Pure: times are monotonic seconds.

A pause is the time between two facts of one partition that follow each other, under constant load.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from tests.faults.journal import Sighting

BACK_TARGET = 5.0
"""Seconds after kill -9 within which the affected partitions should have new facts."""
PAUSE_BOUND = 1.0
"""Seconds that a partition whose worker was left alone should not stand still for."""


class Happened(NamedTuple):
    """A fault: from when to when, until the hub was whole again, and the partitions that lost their worker."""

    kind: str
    began: float
    ended: float
    partitions: frozenset[int]


class Arrivals:
    """When facts of each partition were first seen."""

    def __init__(self, sightings: Iterable[Sighting]) -> None:
        times: dict[int, list[float]] = defaultdict(list)
        for one in sightings:
            times[one.partition].append(one.at)
        self._times = {partition: sorted(set(found)) for partition, found in times.items()}

    def first(self) -> float:
        """When the first fact was seen."""
        return min((times[0] for times in self._times.values()), default=0.0)

    def pauses(self, partition: int, began: float, ended: float) -> list[float]:
        """Pauses of a partition that touch this time."""
        times = self._times.get(partition, [])
        first, last = max(0, bisect_left(times, began) - 1), bisect_right(times, ended) + 1
        touching = times[first:last]
        return [after - before for before, after in pairwise(touching)]

    def longest(self, partition: int, began: float, ended: float) -> float:
        return max(self.pauses(partition, began, ended), default=0.0)


def alone(faults: Sequence[Happened], disturbing: Iterable[str]) -> list[Happened]:
    """Faults during which none of the disturbing kinds (but itself) happened."""
    others = [fault for fault in faults if fault.kind in set(disturbing)]
    return [
        fault
        for fault in faults
        if not any(fault.began < one.ended and one.began < fault.ended for one in others if one is not fault)
    ]


def takeovers(arrivals: Arrivals, faults: Iterable[Happened]) -> dict[str, dict[str, Any]]:
    """By kind: how long the partitions that lost their worker were without new facts, in seconds."""
    pauses: dict[str, list[float]] = defaultdict(list)
    for fault in faults:
        pauses[fault.kind] += [arrivals.longest(p, fault.began, fault.ended) for p in fault.partitions]
    return {kind: summary(found, BACK_TARGET) for kind, found in pauses.items() if found}


def unaffected(arrivals: Arrivals, faults: Iterable[Happened], partitions: Iterable[int]) -> dict[str, Any]:
    """Pauses, during faults, of partitions whose worker was left alone."""
    found = [
        pause
        for fault in faults
        for partition in set(partitions) - fault.partitions
        for pause in arrivals.pauses(partition, fault.began, fault.ended)
    ]
    return summary(found, PAUSE_BOUND)


def timeline(arrivals: Arrivals, faults: Iterable[Happened], partitions: Iterable[int]) -> list[dict[str, Any]]:
    """Each fault, and the longest pause of the partitions that it took the worker from, and of the others."""
    everywhere, found = set(partitions), []
    start = arrivals.first()
    for fault in sorted(faults, key=lambda fault: fault.began):
        pause = {p: arrivals.longest(p, fault.began, fault.ended) for p in everywhere}
        entry: dict[str, Any] = {"kind": fault.kind, "at": fault.began - start, "seconds": fault.ended - fault.began}
        entry["pause"] = max((pause[p] for p in fault.partitions), default=0.0)
        entry["pause_of_others"] = max((pause[p] for p in everywhere - fault.partitions), default=0.0)
        rounded = {key: round(value, 1) if isinstance(value, float) else value for key, value in entry.items()}
        found.append({**rounded, "partitions": sorted(fault.partitions)})
    return found


def summary(seconds: Sequence[float], bound: float) -> dict[str, Any]:
    """Count, median, 99th percentile, largest; how many lie above a bound."""
    ordered = sorted(seconds)
    if not ordered:
        return {"n": 0}
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    over = sum(value > bound for value in ordered)
    figures = {"median": median(ordered), "p99": p99, "max": ordered[-1]}
    return {
        "n": len(ordered),
        **{name: round(value, 3) for name, value in figures.items()},
        "bound": bound,
        "over": over,
    }
