"""Times as GeoReport writes them."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from connectors.open311 import times
from tests.open311_samples import NOON


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T04:00:00Z",
        "2026-03-01T12:00:00+08:00",
        "2026-03-01T12:00:00 08:00",
        "2026-03-01T04:00Z",
        "2026-03-01T04:00:00.000Z",
    ],
)
def test_a_moment_has_many_spellings(text: str) -> None:
    assert times.read(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-01",
        "2026-03-01T04:00:00",
        "2026-02-30T04:00:00Z",
        "0000-01-01T00:00:00Z",
        "yesterday",
        "2026-03-01T04:00:00+25:00",
        "0001-01-01T00:00:00+08:00x",
    ],
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(times.BadTime):
        times.read(text)


def test_times_are_written_in_whole_seconds_with_the_offset() -> None:
    assert times.write(NOON + 999_999, ZoneInfo("Asia/Shanghai")) == "2026-03-01T12:00:00+08:00"
    assert times.write(NOON, UTC) == "2026-03-01T04:00:00+00:00"
