"""The demo as a newcomer runs it: one command, and the figures that the city's own file has."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.up import argv, environment

LONGEST = 280.0
"""Seconds that the whole demo may take on a machine that does much else."""
NYC = {
    "cases": 1000,
    "closing_dates": 986,
    "unclosed": 14,
    "status_disagrees": 17,
    "irregular": 10,
    "promised_and_closed": 479,
    "late": 52,
    "late_by_agency": {"NYPD": 16, "DPR": 11, "DOF": 7, "TLC": 6, "DOHMH": 5, "DSNY": 3, "DOT": 2, "EDC": 2},
    "refused": 0,
    "dead_letters": 0,
    "lost": 0,
}
DISTRICT = {"cases": 412, "self_handled": 335, "looped": 77, "refused": 0, "dead_letters": 0, "lost": 0}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The demo, run to its end in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    command = argv("demo", "--exit")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment(), timeout=LONGEST
    )
    return folder, done


@pytest.fixture(scope="module")
def figures(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> dict[str, Any]:
    folder, done = demo
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads((folder / "build/demo.json").read_text("utf-8")))


def test_the_requests_of_new_york_are_counted_as_the_file_has_them(figures: dict[str, Any]) -> None:
    assert {name: figures["nyc311"][name] for name in NYC} == NYC


def test_the_month_of_the_district_splits_as_published(figures: dict[str, Any]) -> None:
    assert {name: figures["zhongyuan"][name] for name in DISTRICT} == DISTRICT


def test_over_the_wires_every_departments_own_book_agrees(figures: dict[str, Any]) -> None:
    companies = {"power", "telecom-a", "telecom-b", "telecom-c", "telecom-d"}
    books = {outcome["place"]: {one["department"] for one in outcome["departments"]} for outcome in figures["wires"]}
    assert books == {
        "yicheng": companies | {"chat-groups", "civic-app", "telecom-d-duty", "xuesong-squad"},
        "tianyuan": {"worker-app", "songshan-squad"},
        "xitu": {"hotline", "police"},
    }
    assert [outcome["place"] for outcome in figures["wires"] if not outcome["right"]] == []
    assert [one for outcome in figures["wires"] for one in outcome["departments"] if one["differs"]] == []


def test_both_sides_are_equal_and_the_second_import_changed_nothing(figures: dict[str, Any]) -> None:
    assert figures["equal"] is True
    assert figures["imported_again"] == {"facts_grown": 0, "claims_grown": 0}


def test_it_prints_what_it_found(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    said = demo[1].stdout
    assert "NYPD 16, DPR 11, DOF 7, TLC 6, DOHMH 5, DSNY 3, DOT 2, EDC 2" in said
    assert "Equal from facts and views; nothing lost; the second import changed nothing." in said
    assert demo[1].stderr == ""


def test_nothing_of_it_runs_afterwards(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    import psutil

    folder = str(demo[0])
    assert [
        p.pid for p in psutil.process_iter(["cmdline"]) if any(folder in word for word in p.info["cmdline"] or ())
    ] == []
