"""Frozen months: documents of the reference, one load a version, that nothing changes afterwards.

The n-th load of a month is its version n. Freezing what says the same as the last version changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ops.evaluation.scoring import Score, scores
from ops.indicators.conditions import Period
from ops.reference.documents import Document
from schemas.events import ScoredPart
from streams.core.reference import Loaded, Reference

KIND: Final = "evaluations"


class NotOver(Exception):
    """A month that cannot be frozen yet; one sentence says why."""


class Change(NamedTuple):
    """A score that another version has made another one; None: it had, or has, none."""

    scorecard: str
    group: str
    before: float | None
    after: float | None


def versions(reference: Reference, month: str) -> list[Loaded]:
    """The frozen versions of a month (2026-10), the first one first."""
    return [load for load in reference.loads if load.document == (KIND, month)]


def document(month: str, period: Period, parts: Sequence[ScoredPart]) -> Document:
    """The month as the next version of its document; it speaks from the end of the month on."""
    return Document(KIND, month, tuple(parts), valid_from=round(period.end.timestamp() * 1_000_000))


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
