"""A district's grids from a seed: cells of a shaken lattice, side by side without overlap or gap, and their staff.

The outlines are invented; only the division's code is real. `python -m ops.demo.places.grids FOLDER` writes the 2,900
grids of 驿城区 as a department would send them: GeoJSON in GCJ-02 with Chinese property names, and a table of posts.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CELL = 0.004
"""Degrees; about 400 m."""
SHAKE = 0.3
"""A corner moves by up to this part of a cell."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A district's grids. `division` has 6 digits; columns of the lattice are streets, rows communities."""

    name: str
    division: str
    west: float
    south: float
    columns: int
    rows: int
    streets: int
    seed: int
    first_street: int = 1
    count: int = 0
    """So many of the lattice's cells, 0: all."""


YICHENG = Wanted("yicheng", "411702", 113.9, 32.85, 58, 50, 20, 20260101)
"""2,900 grids."""
XITU = Wanted("xitu", "150271", 109.85, 40.6, 10, 10, 1, 20260103)
"""100 grids."""
YONGTAI = Wanted("yongtai", "350125", 118.75, 25.75, 10, 10, 1, 20260104, first_street=102)
"""100 grids of one town."""
TIANYUAN = Wanted("tianyuan", "430211", 113.05, 27.8, 16, 15, 1, 20260105, count=233)
"""233 grids."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One grid of the lattice."""

    code: str
    division: str
    corners: tuple[Point, ...]


def cells(wanted: Wanted) -> Iterator[Cell]:
    """The grids, column by column. Codes have 15 digits: 6 of the district, then street, community and grid, 3 each."""
    chance = random.Random(wanted.seed)
    corner = [[_corner(wanted, chance, x, y) for y in range(wanted.rows + 1)] for x in range(wanted.columns + 1)]
    counts: dict[str, int] = {}
    for n in range(wanted.count or wanted.columns * wanted.rows):
        x, y = divmod(n, wanted.rows)
        street = wanted.first_street + x * wanted.streets // wanted.columns
        division = f"{wanted.division}{street:03}{y // 10 + 1:03}"
        counts[division] = counts.get(division, 0) + 1
        ring = (corner[x][y], corner[x + 1][y], corner[x + 1][y + 1], corner[x][y + 1], corner[x][y])
        yield Cell(f"{division}{counts[division]:03}", division, ring)


def _corner(wanted: Wanted, chance: random.Random, x: int, y: int) -> Point:
    def shaken(start: float, n: int) -> float:
        return round(start + (n + chance.uniform(-SHAKE, SHAKE)) * CELL, 6)

    return shaken(wanted.west, x), shaken(wanted.south, y)


def geojson(wanted: Wanted) -> str:
    """The grids as a collection of features, one in a line."""
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"网格编码": cell.code, "社区代码": cell.division},
                "geometry": {"type": "Polygon", "coordinates": [cell.corners]},
            },
            ensure_ascii=False,
        )
        for cell in cells(wanted)
    ]
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"


def posts(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Staffing 1+1+N: a leader for two grids, a full-time worker, none to two part-time ones; here and there a vacancy
    with a deputy. Codes of workers are opaque."""
    chance = random.Random(wanted.seed + 1)
    for n, cell in enumerate(cells(wanted)):
        vacant = chance.random() < 0.02
        leader, worker = f"{wanted.name}-l{n // 2:04}", f"{wanted.name}-f{n:04}"
        yield _post(cell, "leader", leader)
        yield _post(cell, "full_time", "" if vacant else worker, leader if vacant else "")
        for part in range(chance.randrange(3)):
            yield _post(cell, "part_time", f"{wanted.name}-p{n:04}{part}")


def _post(cell: Cell, post: str, person: str, deputy: str = "") -> dict[str, Any]:
    return {"网格编码": cell.code, "岗位": post, "人员": person, "代理": deputy}


def write(wanted: Wanted, folder: Path) -> None:
    """Writes grids.toml with its GeoJSON and posts.toml with its table."""
    head = f'name = "{wanted.name}"\nedition = "2026"\nvalid_from = 2026-01-01\n'
    (folder / "grids.geojson").write_text(geojson(wanted), "utf-8")
    (folder / "grids.toml").write_text(
        f'kind = "grids"\n{head}outlines = "grids.geojson"\ncoordinates = "GCJ-02"\n'
        'columns = { "网格编码" = "code", "社区代码" = "division" }\n'
        f'defaults = {{ scheme = "{wanted.name}", kind = "residential", level = "grid" }}\n',
        "utf-8",
    )
    with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["网格编码", "岗位", "人员", "代理"])
        table.writeheader()
        table.writerows(posts(wanted))
    (folder / "posts.toml").write_text(
        f'kind = "posts"\n{head}table = "posts.csv"\n'
        'columns = { "网格编码" = "grid", "岗位" = "post", "人员" = "person", "代理" = "deputy" }\n'
        f'defaults = {{ scheme = "{wanted.name}" }}\n',
        "utf-8",
    )


if __name__ == "__main__":
    write(YICHENG, Path(sys.argv[1]))
