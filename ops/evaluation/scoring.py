"""Scores of a month from the tables: each part with what counted, and the cases that stand against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ops.evaluation.scorecards import Part, Scorecard
from ops.indicators.conditions import CONDITIONS, Period
from ops.indicators.figures import Counted, drill, figures
from schemas.events import ScoredPart


class Score(NamedTuple):
    """What a department or a grid has of 100 points, and of what it is made."""

    scorecard: str
    group: str
    points: Fraction
    parts: tuple[ScoredPart, ...]

    @property
    def shown(self) -> float:
        """To two places."""
        return round(float(self.points), 2)


def scored(connection: Connection, cards: Sequence[Scorecard], period: Period) -> tuple[ScoredPart, ...]:
    """Every part of which something fell in the period, by scorecard, group and part, in the same order each time.

    What belongs to no department or grid is nobody's score.
    """
    return tuple(found for card in cards for found in sorted(_of_card(connection, card, period), key=_place))


def _of_card(connection: Connection, card: Scorecard, period: Period) -> Iterator[ScoredPart]:
    for part in card.parts:
        exempt = _exempt(connection, card, part, period)
        for group, rows in _by_group(rows_of(connection, card, part, period)).items():
            against = tuple(sorted(row.case_id for row in rows if not row.counts))
            met = len(rows) - len(against)
            yield ScoredPart(
                card.of, card.version, group, part.name, part.weight, met, len(rows), exempt.get(group, 0), against
            )


def rows_of(connection: Connection, card: Scorecard, part: Part, period: Period) -> list[Counted]:
    """The rows that a part is made of, for every group."""
    return [row for row in drill(connection, part.definition(card.version), period, card.of) if row.group]


def _by_group(rows: Iterable[Counted]) -> dict[str, list[Counted]]:
    found: dict[str, list[Counted]] = defaultdict(list)
    for row in rows:
        found[row.group or ""].append(row)
    return found


def _exempt(connection: Connection, card: Scorecard, part: Part, period: Period) -> dict[str, int]:
    """How many of the rows that count are exempt, by group."""
    if "exempt" not in CONDITIONS[part.rows]:
        return {}
    asked = msgspec.structs.replace(part.definition(card.version), part=(*part.met, "exempt"))
    return {one.group or "": one.part for one in figures(connection, [asked], period, card.of)}


def _place(part: ScoredPart) -> tuple[str, str]:
    return part.group, part.part


def scores(parts: Iterable[ScoredPart]) -> list[Score]:
    """The score of each group, by scorecard, the best first."""
    groups: dict[tuple[str, str], list[ScoredPart]] = defaultdict(list)
    for part in parts:
        groups[part.scorecard, part.group].append(part)
    found = [Score(card, group, points(mine), tuple(mine)) for (card, group), mine in groups.items()]
    return sorted(found, key=lambda score: (score.scorecard, -score.points, score.group))


def points(parts: Sequence[ScoredPart]) -> Fraction:
    """Of 100; the weights of the parts that are there make the whole."""
    weights = sum(part.weight for part in parts)
    return sum((Fraction(100 * part.weight * part.met, weights * part.whole) for part in parts), Fraction(0))
