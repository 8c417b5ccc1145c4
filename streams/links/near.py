"""How far two places are apart, and which places can be near: pure geometry on WGS-84 (CGCS2000 differs by less than a
centimetre). Degrees in, metres out."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, floor, hypot, radians, sin, sqrt

AXIS = 6_378_137.0
ECCENTRICITY = 0.006694379990141
ROW_DEGREES, COLUMN_DEGREES = 0.0005, 0.001
"""Size of a cell: about 55 m from south to north, 55 to 110 m from west to east between the equator and 60 degrees."""
_ROWS, _COLUMNS = 200_000, 1_000_000
_POLE = 0.01
"""Cosine below which a place is as good as a pole: so many cells would be near that only some are looked at."""

Point = tuple[float, float]
"""Longitude and latitude, degrees."""


def on_earth(point: Point) -> bool:
    """Whether these are degrees of a place; not a number is none."""
    longitude, latitude = point
    return -180.0 <= longitude <= 180.0 and -90.0 <= latitude <= 90.0


def _degree(latitude: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude there."""
    w = 1.0 - ECCENTRICITY * sin(radians(latitude)) ** 2
    east = AXIS / sqrt(w) * cos(radians(latitude))
    north = AXIS * (1.0 - ECCENTRICITY) / (w * sqrt(w))
    return radians(east), radians(north)


def metres(a: Point, b: Point) -> float:
    """Distance of two places; exact to a millimetre where they are less than a kilometre apart. The same both ways."""
    east, north = _degree((a[1] + b[1]) / 2)
    return hypot((a[0] - b[0]) * east, (a[1] - b[1]) * north)


def cell(point: Point) -> int:
    """Number of the cell of a place."""
    return _number(floor(point[0] / COLUMN_DEGREES), floor(point[1] / ROW_DEGREES))


def cells_within(point: Point, distance: float) -> Iterator[int]:
    """Numbers of all cells in which a place within this distance (metres) can lie."""
    east, north = _degree(point[1])
    across = distance / max(east, _POLE * AXIS) * 1.01
    up = distance / north * 1.01
    for row in range(floor((point[1] - up) / ROW_DEGREES), floor((point[1] + up) / ROW_DEGREES) + 1):
        for column in range(
            floor((point[0] - across) / COLUMN_DEGREES), floor((point[0] + across) / COLUMN_DEGREES) + 1
        ):
            yield _number(column, row)


def _number(column: int, row: int) -> int:
    return (row + _ROWS) * _COLUMNS + column + _COLUMNS // 2
