"""Frozen months: documents of the reference, one load a version, that nothing changes afterwards.

The n-th load of a month is its version n. Freezing what says the same as the last version changes nothing. A part that
costs more cases than one record holds goes on in further records, which repeat its figures; a version is read whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from msgspec import structs

from ops.evaluation.scoring import Score, scores
from ops.indicators.conditions import Period
from ops.reference.documents import Document
from schemas.events import ScoredPart
from streams.core.reference import Loaded, Reference

KIND: Final = "evaluations"
IN_A_RECORD: Final = 20_000
"""Ids of cases in one record: 740 kB of the 900 kB that a record may have."""


class NotOver(Exception):
    """A month that cannot be frozen yet; one sentence says why."""


class Change(NamedTuple):
    """A score that another version has made another one; None: it had, or has, none."""

    scorecard: str
    group: str
    before: float | None
    after: float | None


def versions(reference: Reference, month: str) -> list[Loaded]:
    """The frozen versions of a month (2026-10), the first one first, each part whole."""
    found = (load for load in reference.loads if load.document == (KIND, month))
    return [structs.replace(load, items=tuple(whole(load.items))) for load in found]


def document(month: str, period: Period, parts: Sequence[ScoredPart]) -> Document:
    """The month as the next version of its document; it speaks from the end of the month on."""
    records = tuple(record for part in parts for record in split(part))
    return Document(KIND, month, records, valid_from=round(period.end.timestamp() * 1_000_000))


def split(part: ScoredPart) -> Iterator[ScoredPart]:
    """The part in as many records as its cases need; figures stand in each, cases in one."""
    for first in range(0, max(1, len(part.against)), IN_A_RECORD):
        yield structs.replace(part, against=part.against[first : first + IN_A_RECORD])


def whole(records: Iterable[ScoredPart]) -> Iterator[ScoredPart]:
    """The parts of a version, put together from their records."""
    for _, group in groupby(records, lambda one: (one.scorecard, one.group, one.part)):
        first, *more = group
        yield structs.replace(first, against=(*first.against, *(case for one in more for case in one.against)))


def check_over(month: str, period: Period, final_until: datetime | None, parts: Sequence[ScoredPart]) -> None:
    """Raises NotOver where later facts may still fall into the month, or nothing is there to be frozen."""
    if period.now < period.end:
        raise NotOver(f"{month} is not over: freeze it from {period.end.isoformat()} on")
    if final_until is None or final_until < period.end:
        stands = final_until.isoformat() if final_until else "nothing yet"
        raise NotOver(
            f"{month} is not final: the tables stand at {stands}; freeze it once every partition has passed its end"
        )
    if not parts:
        raise NotOver(f"Nothing fell into {month}: there is nobody to score")


def changes(before: Sequence[ScoredPart], after: Sequence[ScoredPart]) -> list[Change]:
    """Scores that differ between two versions."""
    was, now = _shown(scores(before)), _shown(scores(after))
    both = sorted(was.keys() | now.keys())
    return [Change(*key, was.get(key), now.get(key)) for key in both if was.get(key) != now.get(key)]


def _shown(found: Sequence[Score]) -> dict[tuple[str, str], float]:
    return {(score.scorecard, score.group): score.shown for score in found}
