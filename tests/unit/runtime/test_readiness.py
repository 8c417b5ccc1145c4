"""What a process says of itself at /readyz."""

from streams.runtime.readiness import Readiness


def test_a_process_without_an_assignment_is_not_ready() -> None:
    assert Readiness().ready is False


def test_a_process_that_was_given_nothing_is_ready() -> None:
    readiness = Readiness()
    readiness.keep(set())
    assert readiness.ready is True


def test_every_partition_must_work() -> None:
    readiness = Readiness()
    readiness.keep({0, 1})
    readiness.taking(0, 43, 100)
    readiness.working(1)
    assert readiness.ready is False
    assert readiness.report()["partitions"] == {"0": "replaying 43 %", "1": "working"}
    readiness.working(0)
    assert readiness.ready is True


def test_a_fold_is_at_100_percent_only_when_it_has_ended() -> None:
    readiness = Readiness()
    for done, total, words in ((0, 3, "0"), (3, 3, "99"), (0, 0, "100"), (7, 3, "99")):
        readiness.taking(0, done, total)
        assert readiness.partitions[0] == f"replaying {words} %"


def test_a_stopped_partition_says_why_and_keeps_the_process_from_being_ready() -> None:
    readiness = Readiness()
    readiness.keep({0, 1})
    readiness.working(0)
    readiness.stopped(1, "fact at offset 7 cannot be read")
    assert readiness.ready is False
    assert readiness.report()["partitions"] == {"0": "working", "1": "stopped: fact at offset 7 cannot be read"}


def test_partitions_that_went_to_others_are_forgotten() -> None:
    readiness = Readiness()
    readiness.keep({0, 1})
    readiness.working(0)
    readiness.stopped(1, "x")
    readiness.keep({0})
    assert (readiness.ready, readiness.partitions) == (True, {0: "working"})


def test_trouble_keeps_a_process_from_being_ready() -> None:
    readiness = Readiness()
    readiness.keep(set())
    readiness.trouble = "Kafka does not answer"
    assert readiness.ready is False
