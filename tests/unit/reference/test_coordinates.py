"""Coordinates carry their system, and the original stays with them."""

import math

import pytest

from schemas.events import Position
from schemas.wire.coordinates import SYSTEMS, BadCoordinates, position, to_wgs84

TIANANMEN = (116.391305, 39.905530)
"""WGS-84; the other systems' coordinates of the same place were published with the maps."""
THE_SAME = {"GCJ-02": (116.397548, 39.906933), "BD-09": (116.403913, 39.913265)}


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return 111_320 * math.hypot((a[0] - b[0]) * math.cos(math.radians(a[1])), a[1] - b[1])


@pytest.mark.parametrize("system", THE_SAME)
def test_a_place_is_the_same_in_every_system(system: str) -> None:
    x, y = THE_SAME[system]
    assert metres(to_wgs84(x, y, system), TIANANMEN) < 5
    assert metres((x, y), TIANANMEN) > 100, "taken as they are they would be wrong"


def test_cgcs2000_and_wgs84_are_taken_as_they_are() -> None:
    assert to_wgs84(*TIANANMEN, "CGCS2000") == to_wgs84(*TIANANMEN, "WGS-84") == TIANANMEN


def test_outside_china_nothing_is_shifted() -> None:
    assert metres(to_wgs84(-73.98, 40.75, "GCJ-02"), (-73.98, 40.75)) < 1


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_position_keeps_its_original(system: str) -> None:
    made = position(114.02, 32.98, system)
    assert isinstance(made, Position)
    assert (made.original_system, made.original_x, made.original_y) == (system, 114.02, 32.98)


@pytest.mark.parametrize(
    ("x", "y", "system"), [(32.98, 114.02, "WGS-84"), (math.nan, 1, "WGS-84"), (500_000, 1, "GCJ-02"), (1, 1, "Mars")]
)
def test_what_is_no_position_is_refused(x: float, y: float, system: str) -> None:
    with pytest.raises(BadCoordinates):
        to_wgs84(x, y, system)
