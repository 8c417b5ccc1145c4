"""Overlaps and gaps of grids: pairs of a grid's code and one sentence with the area.

Grids are compared within one layer: territorial, dedicated, and those of each department lie over each other by
design. A gap is what a grid encloses and its grids below leave out. Less than a square metre is the survey's noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import shapely

from schemas.events import Grid
from streams.grids import index

METRES = 111_320.0
"""Metres of a degree of latitude."""
NOISE = 1.0
"""Square metres."""


def layer(grid: Grid) -> tuple[str, str, str]:
    """Level, and which of the hierarchies over a place."""
    match grid.kind:
        case "dedicated":
            return grid.level, "dedicated", ""
        case "departmental":
            return grid.level, "departmental", grid.org or ""
    return grid.level, "territorial", ""


def overlaps(grids: Sequence[Grid]) -> Iterator[tuple[str, str]]:
    """Grids of one layer that share ground; the sentence stands with the first of both."""
    for _, members in groupby(sorted(grids, key=lambda g: (layer(g), g.code)), key=layer):
        made = index(tuple(members))
        if not made.grids:
            continue
        first, second = made.tree.query(made.shapes, predicate="intersects")
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            if a < b and (size := square_metres(made.shapes[a].intersection(made.shapes[b]))) > NOISE:
                code, other = made.grids[a].code, made.grids[b].code
                yield code, f"the grids {code} and {other} overlap by {size:,.0f} m²"


def gaps(grids: Sequence[Grid]) -> Iterator[tuple[str, str]]:
    """Grids whose territorial grids below leave something out."""
    made = index(tuple(grids))
    below: dict[str, list[Any]] = {}
    for grid, shape in zip(made.grids, made.shapes, strict=True):
        if grid.parent and layer(grid)[1] == "territorial":
            below.setdefault(grid.parent, []).append(shape)
    for grid, shape in zip(made.grids, made.shapes, strict=True):
        if grid.code in below:
            size = square_metres(shape.difference(shapely.union_all(below[grid.code])))
            if size > NOISE:
                yield grid.code, f"its grids leave {size:,.0f} m² of the grid {grid.code} out"


def square_metres(shape: Any) -> float:
    """Area of a shape in degrees; good to a per mille for what is as small as a district."""
    if shape.is_empty:
        return 0.0
    return float(shape.area) * METRES * METRES * math.cos(math.radians(shape.centroid.y))
