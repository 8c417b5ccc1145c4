"""Coordinate systems: what stands on the wire is CGCS2000/WGS-84, with the original and its system beside it.

CGCS2000 and WGS-84 differ by centimetres to decimetres, less than any phone or survey of a grid can tell, and are
taken for the same. GCJ-02 and BD-09 are 100 to 700 m away; they are turned back to better than half a metre.
"""

from __future__ import annotations

import math
from typing import Final

import geocoordinates_ffi as geo

from schemas.events import Position

SYSTEMS: Final = ("WGS-84", "CGCS2000", "GCJ-02", "BD-09")


class BadCoordinates(ValueError):
    """Coordinates that are none; the message is one sentence."""


def to_wgs84(x: float, y: float, system: str) -> tuple[float, float]:
    """Degrees east and north in CGCS2000/WGS-84 of degrees east and north in `system`. Raises BadCoordinates."""
    if not (math.isfinite(x) and math.isfinite(y) and -180 <= x <= 180 and -90 <= y <= 90):
        raise BadCoordinates(f"{x}, {y} is no degrees east and north; perhaps the two are exchanged, or in metres.")
    match system:
        case "WGS-84" | "CGCS2000":
            return x, y
        case "GCJ-02":
            found = geo.gcj02_to_wgs84_refined(geo.Gcj02(lat=y, lon=x))
        case "BD-09":
            found = geo.bd09_to_wgs84_refined(geo.Bd09(lat=y, lon=x))
        case _:
            raise BadCoordinates(f"{system!r} is no coordinate system; say one of {', '.join(SYSTEMS)}.")
    return found.lon, found.lat


def position(x: float, y: float, system: str) -> Position:
    """The position of coordinates in a system, the original kept with it. Raises BadCoordinates."""
    longitude, latitude = to_wgs84(x, y, system)
    return Position(longitude, latitude, system, x, y)
