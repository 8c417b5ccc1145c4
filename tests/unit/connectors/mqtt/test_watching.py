"""A sensor, watched: flapping is one alarm, duplicates change nothing, time alone ends things."""

from __future__ import annotations

from connectors.mqtt.watching import SECOND, Happening, Patience, Watch, passed, read, seen

PATIENCE = Patience(hold=5 * SECOND, quiet=60 * SECOND, away=30 * SECOND)
AT_ONCE = Patience(0, 60 * SECOND, 0)
T = 1_000 * SECOND


def watched(*readings: tuple[int, bool], patience: Patience = PATIENCE, until: int | None = None) -> list[str]:
    """What happens when readings (second, alarm) come, and then time passes."""
    watch, found = Watch(), list[Happening]()
    for second, alarm in readings:
        watch, happened = read(watch, T + second * SECOND, alarm, 1.0, patience)
        found += happened
    if until is not None:
        found += passed(watch, T + until * SECOND, patience)[1]
    return [f"{one.what} {(one.at - T) // SECOND} of {(one.since - T) // SECOND}" for one in found]


def test_an_alarm_is_one_once_it_has_lasted() -> None:
    assert watched((0, True), (4, True)) == []
    assert watched((0, True), (4, True), (5, True)) == ["raised 0 of 0"]
    assert watched((0, True), until=5) == ["raised 0 of 0"], "without another reading, too"
    assert watched((0, True), patience=AT_ONCE) == ["raised 0 of 0"]


def test_what_flaps_faster_than_it_must_last_is_no_alarm() -> None:
    assert watched(*[(second, second % 4 < 2) for second in range(0, 40, 2)], until=44) == []


def test_what_flaps_faster_than_it_must_be_quiet_is_one_alarm() -> None:
    readings = [(second, second % 20 == 0) for second in range(0, 400, 10)]
    assert watched(*readings, patience=AT_ONCE, until=450) == ["raised 0 of 0", "cleared 390 of 0"]


def test_an_alarm_is_over_once_it_was_quiet_and_the_next_is_another_one() -> None:
    readings = ((0, True), (10, False), (71, False), (100, True))
    assert watched(*readings, patience=AT_ONCE) == ["raised 0 of 0", "cleared 10 of 0", "raised 100 of 100"]


def test_what_fell_due_between_two_readings_is_judged_as_of_its_own_moment() -> None:
    assert watched((0, True), (10, False)) == ["raised 0 of 0"], "it had lasted when it went"
    assert watched((0, True), (10, False), (80, True), (85, True)) == [
        "raised 0 of 0",
        "cleared 10 of 0",
        "raised 80 of 80",
    ]


def test_a_reading_that_came_before_or_is_older_changes_nothing() -> None:
    watch, _ = read(Watch(), T, True, 1.0, AT_ONCE)
    assert read(watch, T, True, 1.0, AT_ONCE) == (watch, [])
    assert read(watch, T - SECOND, False, 0.0, AT_ONCE) == (watch, [])


def test_between_the_limits_it_stays_as_it_was() -> None:
    watch, _ = read(Watch(), T, True, 400.0, AT_ONCE)
    watch, _ = read(watch, T + SECOND, None, 200.0, AT_ONCE)
    assert watch.alarm
    watch, _ = read(watch, T + 2 * SECOND, False, 100.0, AT_ONCE)
    watch, _ = read(watch, T + 3 * SECOND, None, 200.0, AT_ONCE)
    assert not watch.alarm


def test_a_sensor_that_stays_away_is_lost_and_one_that_comes_back_at_once_is_not() -> None:
    watch, found = seen(Watch(), T, False, PATIENCE)
    assert found == []
    assert seen(watch, T + 29 * SECOND, True, PATIENCE) == (Watch(), [])
    lost, found = passed(watch, T + 30 * SECOND, PATIENCE)
    assert found == [Happening("lost", T, T)]
    assert passed(lost, T + 99 * SECOND, PATIENCE) == (lost, [])
    assert seen(lost, T + 99 * SECOND, True, PATIENCE) == (Watch(), [Happening("back", T + 99 * SECOND, T)])


def test_a_last_will_that_is_told_again_changes_nothing() -> None:
    watch, _ = seen(Watch(), T, False, PATIENCE)
    assert seen(watch, T + 5 * SECOND, False, PATIENCE) == (watch, [])
    assert seen(Watch(), T, True, PATIENCE) == (Watch(), [])


def test_a_sensor_waits_for_time_only_while_time_alone_can_change_something() -> None:
    assert not Watch().waiting
    alarmed, _ = read(Watch(), T, True, 1.0, PATIENCE)
    assert alarmed.waiting
    raised, _ = passed(alarmed, T + 5 * SECOND, PATIENCE)
    assert not raised.waiting
    assert read(raised, T + 6 * SECOND, False, 0.0, PATIENCE)[0].waiting
    assert seen(Watch(), T, False, PATIENCE)[0].waiting
