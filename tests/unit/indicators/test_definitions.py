"""Definitions of indicators are data, read strictly."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ops.indicators.definitions import BadDefinitions, load

GOOD = """
[[indicators]]
name = "rework"
chinese = "返工率"
version = 1
says = "sent back to work / closed"
of = "cases"
whole = ["closed"]
part = ["reworked"]
"""


def read(tmp_path: Path, text: str, on: date = date.max) -> list[str]:
    file = tmp_path / "own.toml"
    file.write_text(text, "utf-8")
    return [f"{one.name} {one.version} of {one.whole[0]}" for one in load(file, on)]


def test_the_hub_ships_every_indicator_of_the_field() -> None:
    assert {one.name for one in load()} >= {
        "disposal", "on-time-disposal", "closing", "on-time-closing", "extension", "accurate-filing",
        "accurate-dispatch", "rework", "self-handled", "response", "solution", "satisfaction",
    }  # fmt: skip


def test_a_city_may_count_rework_of_the_closed_instead_of_the_checked(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD) == ["rework 1 of closed"]


SECOND = GOOD.replace("version = 1", "version = 2\nvalid_from = 2026-11-01").replace('["closed"]', '["checked"]')


def test_a_period_is_counted_by_the_version_that_held_then(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD + SECOND) == ["rework 2 of checked"]
    assert read(tmp_path, GOOD + SECOND, date(2026, 11, 1)) == ["rework 2 of checked"]
    assert read(tmp_path, GOOD + SECOND, date(2026, 10, 31)) == ["rework 1 of closed"]
    assert read(tmp_path, SECOND, date(2026, 10, 31)) == []


WRONG = {
    "a version that stands twice": (GOOD + GOOD, "must be above 1"),
    "a later version from no later day": (GOOD + GOOD.replace("version = 1", "version = 2"), "must say valid_from"),
    "an unknown condition": (GOOD.replace("reworked", "mended"), 'no condition "mended" of cases'),
    "a condition of the other table": (GOOD.replace('"closed"', '"fell due"'), 'no condition "fell due" of cases'),
    "an unknown key": (GOOD + "colour = 1\n", "colour"),
    "a missing key": (GOOD.replace("version = 1\n", ""), "version"),
    "no TOML": ("[[", "own.toml"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_understood_is_refused_in_a_sentence(tmp_path: Path, wrong: str) -> None:
    text, sentence = WRONG[wrong]
    with pytest.raises(BadDefinitions, match=sentence):
        read(tmp_path, text)
