"""Figures: several runs become one row with medians, noise and the ratio to a peer; rows become a table and a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` above 1 means that ours is better; `noise` is (largest - smallest) / median of the runs."""

    name: str
    unit: str
    ours: float
    peer: float | None
    peer_name: str
    ratio: float | None
    runs: int
    noise: str
    note: str = ""


def spread(values: Sequence[float]) -> float:
    """(largest - smallest) / median."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def row(
    name: str,
    unit: str,
    ours: Sequence[float],
    peer: Sequence[float] = (),
    peer_name: str = "",
    *,
    less_is_better: bool = False,
    note: str = "",
) -> Row:
    """A row of medians; the peer may be empty."""
    mine = median(ours)
    noise = f"ours ±{spread(ours) / 2:.0%}"
    if not peer:
        return Row(name, unit, _short(mine), None, peer_name, None, len(ours), noise, note)
    other = median(peer)
    ratio = other / mine if less_is_better else mine / other
    noise += f", peer ±{spread(peer) / 2:.0%}"
    return Row(name, unit, _short(mine), _short(other), peer_name, round(ratio, 2), len(ours), noise, note)


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def table(rows: Iterable[Row]) -> str:
    """The rows as text, for a terminal."""
    head = ("row", "unit", "ours", "peer", "ratio", "runs", "noise", "peer's name · note")
    cells = [head]
    for r in rows:
        peer = "" if r.peer is None else f"{r.peer:,g}"
        ratio = "" if r.ratio is None else f"{r.ratio:.2f}"
        words = " · ".join(filter(None, (r.peer_name, r.note)))
        cells.append((r.name, r.unit, f"{r.ours:,g}", peer, ratio, str(r.runs), r.noise, words))
    widths = [max(len(line[i]) for line in cells) for i in range(len(head) - 1)]
    return "\n".join("  ".join([*(c.ljust(w) for c, w in zip(line, widths, strict=False)), line[-1]]) for line in cells)


def write(path: Path, rows: Sequence[Row]) -> None:
    """Writes the rows; those of an earlier run that were not measured now are kept."""
    kept = json.loads(path.read_text("utf-8")) if path.exists() else []
    new = {r.name: asdict(r) for r in rows}
    merged = [new.pop(old["name"], old) for old in kept] + list(new.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(merged, ensure_ascii=False, indent=1) + "\n", "utf-8")
