"""Rows say medians, ratio and noise, and the file keeps what was not measured again."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench import figures


def test_a_row_is_made_of_medians() -> None:
    made = figures.row("r", "records per CPU s", [10, 30, 20], [5, 10, 15], "peer")
    assert (made.ours, made.peer, made.ratio, made.runs) == (20, 10, 2.0, 3)
    assert made.noise == "ours ±50%, peer ±50%"


def test_where_less_is_better_the_ratio_is_turned_round() -> None:
    assert figures.row("r", "s", [5], [10], "peer", less_is_better=True).ratio == 2.0


def test_the_file_keeps_rows_that_were_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    figures.write(path, [figures.row("a", "s", [1]), figures.row("b", "s", [2])])
    figures.write(path, [figures.row("b", "s", [3])])
    found = json.loads(path.read_text())
    assert [(r["name"], r["ours"]) for r in found] == [("a", 1), ("b", 3)]
    assert {"name", "unit", "ours", "peer", "peer_name", "ratio", "runs"} <= found[0].keys()
