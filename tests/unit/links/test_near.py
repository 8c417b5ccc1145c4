"""Distances on the ellipsoid, against figures worked out elsewhere."""

from __future__ import annotations

import pytest

from streams.links.near import cell, cells_within, metres, on_earth


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((114.0, 33.0), (114.0, 33.001), 110.904),  # WGS-84, one thousandth of a degree of the meridian
        ((114.0, 33.0), (114.001, 33.0), 93.453),  # the same of the parallel
        ((0.0, 0.0), (0.001, 0.0), 111.319),
        ((0.0, 0.0), (0.0, 0.001), 110.574),
        ((114.0, 33.0), (114.0, 33.0), 0.0),
    ],
)
def test_a_distance_is_that_of_the_ellipsoid(a: tuple[float, float], b: tuple[float, float], expected: float) -> None:
    assert metres(a, b) == pytest.approx(expected, abs=0.02)
    assert metres(a, b) == metres(b, a)


def test_what_is_no_place_on_earth_is_none() -> None:
    assert on_earth((114.0, 33.0))
    for point in ((181.0, 0.0), (0.0, -90.1), (float("nan"), 0.0), (0.0, float("nan")), (float("inf"), 0.0)):
        assert not on_earth(point)


def test_the_poles_have_cells_without_end_and_only_some_are_looked_at() -> None:
    assert len(list(cells_within((114.0, 90.0), 50.0))) < 1_000
    assert cell((114.0, 90.0)) in set(cells_within((114.0, 90.0), 50.0))
