"""From a point to its grids. Geometry stands outside the core: decisions get the code of a grid, never an outline.

Promise: a point on a border, to a centimetre, names every grid that it borders on; the finest level comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import shapely

from schemas.events import Grid, Level, Outline
from streams.core.reference import InForce

BORDER: Final = 1e-7
"""Degrees, about a centimetre: so near a border nobody can say on which side a point lies."""


@dataclass(frozen=True)
class GridIndex:
    """Grids with an outline, and a tree over their outlines."""

    grids: tuple[Grid, ...]
    shapes: Any
    tree: shapely.STRtree

    def at(self, longitude: float, latitude: float) -> tuple[Grid, ...]:
        """The grids at a point in CGCS2000/WGS-84, finest first; at one level dedicated ones first, then by code."""
        found = self.tree.query(shapely.Point(longitude, latitude), predicate="dwithin", distance=BORDER)
        return tuple(sorted((self.grids[n] for n in found), key=_order))


def grids_at(view: InForce, longitude: float, latitude: float) -> tuple[Grid, ...]:
    """The grids in force at a point; the tree is made at the first question and kept with the view."""
    return cast("GridIndex", view.once(GridIndex, lambda: index(view.items(Grid)))).at(longitude, latitude)


def index(grids: tuple[Grid, ...]) -> GridIndex:
    """Index over the grids that have an outline."""
    mapped = tuple(grid for grid in grids if grid.outline is not None)
    shapes = [shape(grid.outline) for grid in mapped if grid.outline is not None]
    return GridIndex(mapped, shapes, shapely.STRtree(shapes))


def shape(outline: Outline) -> shapely.MultiPolygon:
    """The area of an outline."""
    polygons: list[tuple[list[tuple[float, float]], list[list[tuple[float, float]]]]] = []
    for ring in outline.rings:
        corners = [(point.longitude, point.latitude) for point in ring.points]
        if ring.hole and polygons:
            polygons[-1][1].append(corners)
        else:
            polygons.append((corners, []))
    return shapely.MultiPolygon(polygons)


def _order(grid: Grid) -> tuple[int, bool, str]:
    return Level.ALL.index(grid.level), grid.kind != "dedicated", grid.code
