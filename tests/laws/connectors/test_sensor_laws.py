"""Laws of watching a sensor: whatever it says, however often it is told, whenever time is asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.mqtt.watching import SECOND, Happening, Patience, Watch, passed, read

PATIENCE = st.builds(Patience, *[st.integers(0, 20).map(lambda s: s * SECOND)] * 3)
READINGS = st.lists(st.tuples(st.integers(1, 15), st.sampled_from([True, False, None])), max_size=30)


def told(
    readings: list[tuple[int, bool | None]], patience: Patience, *, twice: bool = False, ask: bool = False
) -> list[Happening]:
    """What happens; `twice`: each reading is told twice, `ask`: time is asked at every second between two."""
    watch, found, at = Watch(), list[Happening](), SECOND
    for gap, alarm in readings:
        if ask:
            for second in range(1, gap):
                watch, happened = passed(watch, at + second * SECOND, patience)
                found += happened
        at += gap * SECOND
        for _ in range(1 + twice):
            watch, happened = read(watch, at, alarm, 1.0, patience)
            found += happened
    return found + passed(watch, at + 100 * SECOND, patience)[1]


def facts(found: list[Happening]) -> list[tuple[str, int, int]]:
    return [(one.what, one.at, one.since) for one in found]


@given(READINGS, PATIENCE)
def test_telling_twice_changes_nothing(readings: list[tuple[int, bool | None]], patience: Patience) -> None:
    assert told(readings, patience) == told(readings, patience, twice=True)


@given(READINGS, PATIENCE)
def test_when_time_is_asked_does_not_matter(readings: list[tuple[int, bool | None]], patience: Patience) -> None:
    assert facts(told(readings, patience)) == facts(told(readings, patience, ask=True))


@given(READINGS, PATIENCE)
def test_alarms_begin_and_end_in_turn_and_in_order(readings: list[tuple[int, bool | None]], patience: Patience) -> None:
    found = told(readings, patience)
    assert [one.what for one in found] == (["raised", "cleared"] * len(found))[: len(found)]
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert all(end.since == begin.since for begin, end in zip(found[::2], found[1::2], strict=False))
