"""Outlines of GeoJSON geometries, turned to CGCS2000/WGS-84, the original kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely

from ops.reference.fitting import Misfit
from schemas.events import Outline, OutlinePoint, OutlineRing
from schemas.wire.coordinates import SYSTEMS, BadCoordinates, to_wgs84
from streams.grids import shape


def outline(geometry: Any, system: str) -> Outline:
    """The outline of a Polygon or MultiPolygon. Raises Misfit for one that is none, crosses itself or is elsewhere."""
    if system not in SYSTEMS:
        raise Misfit("geometry", f"stands in no stated system: set coordinates to one of {', '.join(SYSTEMS)}")
    try:
        made = Outline(system, tuple(_rings(geometry, system)))
        reason = shapely.is_valid_reason(shape(made))
    except BadCoordinates as error:
        raise Misfit("geometry", str(error)) from None
    except (KeyError, TypeError, ValueError, IndexError, shapely.errors.GEOSException):
        raise Misfit("geometry", "is no Polygon or MultiPolygon with closed rings of at least 4 points") from None
    if reason != "Valid Geometry":
        raise Misfit("geometry", f"is no area: {reason}")
    return made


def _rings(geometry: Any, system: str) -> Iterator[OutlineRing]:
    polygons = {"Polygon": lambda c: [c], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
    for polygon in polygons:
        for n, ring in enumerate(polygon):
            if ring[0] != ring[-1]:
                raise ValueError("a ring is not closed")
            yield OutlineRing(n > 0, tuple(_point(x, y, system) for x, y, *_ in ring))


def _point(x: float, y: float, system: str) -> OutlinePoint:
    return OutlinePoint(*to_wgs84(x, y, system), x, y)
