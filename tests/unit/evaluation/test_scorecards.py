"""Scorecards are data, read strictly; a score is the share of the weights of what there was to judge."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from ops.evaluation.freezing import IN_A_RECORD, Change, changes, document, split, whole
from ops.evaluation.scorecards import load
from ops.evaluation.scoring import points, scores
from ops.indicators.conditions import Period
from ops.indicators.definitions import BadDefinitions
from schemas.codec import encode_hub
from schemas.events import ScoredPart
from schemas.wire.clients import MAX_RECORD_BYTES

GOOD = """
[[scorecards]]
of = "grid"
version = 1
[[scorecards.parts]]
name = "closing"
chinese = "结案"
says = "closed / due to be closed"
weight = 70
rows = "clocks"
whole = ["closure", "fell due"]
met = ["ended"]
[[scorecards.parts]]
name = "filing"
chinese = "准确立案"
says = "not voided / filed"
weight = 30
rows = "cases"
whole = ["filed"]
met = ["not voided"]
"""


def read(tmp_path: Path, text: str, on: date = date.max) -> list[tuple[str, int, int]]:
    file = tmp_path / "own.toml"
    file.write_text(text, "utf-8")
    return [(card.of, card.version, len(card.parts)) for card in load(file, on)]


def test_the_hub_ships_a_scorecard_of_departments_and_one_of_grids() -> None:
    assert {card.of for card in load()} == {"department", "grid"}


def test_a_month_is_scored_by_the_version_that_held_then(tmp_path: Path) -> None:
    both = GOOD + GOOD.replace("version = 1", "version = 2\nvalid_from = 2026-11-01")
    assert read(tmp_path, both, date(2026, 11, 1)) == [("grid", 2, 2)]
    assert read(tmp_path, both, date(2026, 10, 1)) == [("grid", 1, 2)]


WRONG = {
    "weights that are not 100": (GOOD.replace("weight = 30", "weight = 20"), "weights are 90 together"),
    "a weight below nothing": (
        GOOD.replace("weight = 30", "weight = -30").replace("weight = 70", "weight = 130"),
        "give each some",
    ),
    "a part that stands twice": (GOOD.replace('"filing"', '"closing"'), "closing stands twice"),
    "a version that stands twice": (GOOD + GOOD, "must be above 1"),
    "an unknown condition": (GOOD.replace('"not voided"', '"nice"'), 'no condition "nice" of cases'),
    "an unknown key": (GOOD + "colour = 1\n", "colour"),
    "no TOML": ("[[", "own.toml"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_understood_is_refused_in_a_sentence(tmp_path: Path, wrong: str) -> None:
    text, sentence = WRONG[wrong]
    with pytest.raises(BadDefinitions, match=sentence):
        read(tmp_path, text)


def part(name: str, weight: int, met: int, whole: int, group: str = "power", exempt: int = 0) -> ScoredPart:
    return ScoredPart("department", 1, group, name, weight, met, whole, exempt)


def test_a_part_counts_its_share_of_its_weight() -> None:
    assert points([part("a", 60, 3, 4), part("b", 40, 1, 2)]) == 65


def test_a_part_of_which_nothing_fell_in_the_month_costs_nothing() -> None:
    assert points([part("a", 60, 3, 4)]) == 75
    assert points([part("a", 60, 1, 3), part("b", 20, 1, 1)]) == Fraction(50)


def test_the_best_stands_first_and_what_another_version_changed_is_told() -> None:
    before = (part("a", 100, 1, 2), part("a", 100, 3, 4, "water"))
    after = (part("a", 100, 2, 2, exempt=1), part("a", 100, 3, 4, "water"), part("a", 100, 0, 1, "gas"))
    assert [(one.group, one.shown) for one in scores(after)] == [("power", 100), ("water", 75), ("gas", 0)]
    assert changes(before, after) == [
        Change("department", "gas", None, 0.0),
        Change("department", "power", 50.0, 100.0),
    ]


def costly(part: str, cases: int) -> ScoredPart:
    against = tuple(f"{n:08}-0000-4000-8000-000000000000" for n in range(cases))
    return ScoredPart("department", 1, "power", part, 40, 7, cases + 7, 2, against)


@pytest.mark.parametrize("cases", [0, 1, IN_A_RECORD, IN_A_RECORD + 1, 3 * IN_A_RECORD + 5])
def test_a_part_that_costs_more_cases_than_a_record_holds_is_kept_in_several_and_read_whole(cases: int) -> None:
    """The bad twin keeps them in one, which Kafka refuses in the middle of freezing."""
    parts = (costly("disposal", cases), costly("on-time-disposal", 3))
    month = datetime(2026, 10, 1, tzinfo=UTC)
    kept = document("2026-10", Period(month, month, month), parts)
    assert max(len(encode_hub(one)) for one in kept.items) < MAX_RECORD_BYTES
    assert tuple(whole(kept.items)) == parts
    assert {(one.met, one.whole) for one in split(parts[0])} == {(7, cases + 7)}
