"""When a process that ended is started again."""

from ops.restarts import RestartPolicy, Restarts

POLICY = RestartPolicy(delays=(0.0, 0.5, 1.0), healthy_after=30.0)


def test_the_first_restart_is_at_once() -> None:
    assert Restarts(POLICY).next_start(started=0.0, ended=1.0) == 1.0


def test_each_further_failure_waits_longer() -> None:
    restarts = Restarts(POLICY)
    assert [restarts.next_start(t, t + 1.0) for t in (0.0, 10.0, 20.0)] == [1.0, 11.5, 22.0]


def test_after_the_last_delay_there_is_no_further_start() -> None:
    restarts = Restarts(POLICY)
    for t in (0.0, 1.0, 2.0):
        restarts.next_start(t, t)
    assert restarts.next_start(3.0, 3.0) is None


def test_a_long_run_clears_the_record() -> None:
    restarts = Restarts(POLICY)
    for t in (0.0, 1.0, 2.0):
        restarts.next_start(t, t)
    assert restarts.next_start(started=10.0, ended=40.0) == 40.0


def test_by_default_the_sixth_failure_in_a_row_is_the_last() -> None:
    restarts = Restarts(RestartPolicy())
    starts = [restarts.next_start(float(t), float(t)) for t in range(6)]
    assert starts == [0.0, 1.5, 3.0, 5.0, 8.0, None]
