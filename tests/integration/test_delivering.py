"""The loop of deliveries on a real database: cases beside each other, each in its order, outcomes written together."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from connectors.contract import BadData, Delivery, Item, Receipt, Step
from connectors.delivery import store
from connectors.delivery.attempt import Means
from connectors.delivery.loop import MOMENT_SECONDS, ROUND, Delivering
from connectors.delivery.patience import Patience
from connectors.metrics import ConnectorMetrics
from schemas import ids
from schemas.events import Subject
from schemas.wire import sealing
from tests.builders import SYSTEM, T0
from tests.integration.databases import fresh
from tests.integration.engine import now, wait_until
from tests.kit.harness import Open
from tests.link_samples import CARD

CASES, STEPS = 40, 5
KEY = sealing.generate_keypair().public
PATIENT = Patience(first_seconds=0.01, longest_seconds=0.02, at_once=8)


class Watched:
    """A sink that notes what it is given, and by how many at a time. `does` is done meanwhile."""

    reads_back = False
    many_at_once = True

    def __init__(self, does: Callable[[Delivery], None] = lambda _delivery: None) -> None:
        self.done: dict[str, list[str]] = defaultdict(list)
        self.most = self.most_of_a_case = 0
        self._does = does
        self._inside: list[str] = []
        self._lock = threading.Lock()

    def translate(self, _item: Item) -> list[Step]:
        return []

    def deliver(self, delivery: Delivery) -> Receipt:
        case = delivery.subject.id
        with self._lock:
            self._inside.append(case)
            self.most = max(self.most, len(self._inside))
            self.most_of_a_case = max(self.most_of_a_case, self._inside.count(case))
        try:
            self._does(delivery)
            self.done[case].append(delivery.step)
        finally:
            with self._lock:
                self._inside.remove(case)
        return Receipt(f"their {case[:4]}", "taken")

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None


class OneByOne(Watched):
    many_at_once = False


@pytest.fixture(scope="module")
def tables(dsn: str) -> Iterator[Engine]:
    with fresh(dsn) as made:
        yield made


@pytest.fixture
def engine(tables: Engine) -> Engine:
    """The tables, with nothing owed."""
    with tables.begin() as c:
        c.execute(text("TRUNCATE deliveries, delivery_attempts, connector_subjects, connector_dead_letters CASCADE"))
    return tables


def case_of(number: int) -> str:
    return ids.case_id(SYSTEM, str(number))


def owe(engine: Engine, cases: int, steps: int = 1) -> None:
    """So many steps to so many cases, written down in the order of their numbers."""
    items = [
        (Item("feed", 0, n, "introduced", Subject("case", case_of(case)), n, CARD, T0), [Step(f"step-{n}", {})])
        for n in range(1, steps + 1)
        for case in range(cases)
    ]
    with engine.begin() as c:
        assert store.intend(c, "power", items, now()) == len(items)
        assert store.intend(c, "power", items, now()) == 0


def loop(engine: Engine, sink: Watched) -> Delivering:
    metrics = ConnectorMetrics(CollectorRegistry())
    log, clocks = structlog.get_logger(), (now, time.monotonic)
    return Delivering("power", sink, Means(engine, Open(), PATIENT, *clocks, lambda: 0.5, lambda: KEY, metrics, log))


def states(engine: Engine) -> dict[str, int]:
    with engine.connect() as c:
        return {row.state: row.n for row in c.execute(text("SELECT state, count(*) AS n FROM deliveries GROUP BY 1"))}


def work_off(delivering: Delivering) -> None:
    while delivering.round():
        """One round more."""


def test_cases_are_delivered_beside_each_other_and_each_in_its_order(engine: Engine) -> None:
    together = threading.Barrier(2, timeout=10)

    def meet(delivery: Delivery) -> None:
        if delivery.step == "step-1":
            together.wait()

    sink = Watched(meet)
    owe(engine, CASES, STEPS)
    work_off(loop(engine, sink))
    assert sink.done == {case_of(n): [f"step-{m}" for m in range(1, STEPS + 1)] for n in range(CASES)}
    assert 1 < sink.most <= PATIENT.at_once
    assert sink.most_of_a_case == 1
    assert states(engine) == {"acknowledged": CASES * STEPS}
    with engine.connect() as c:
        assert c.scalar(text("SELECT count(*) FROM delivery_attempts WHERE outcome = 'acknowledged'")) == CASES * STEPS
        assert c.scalar(text("SELECT count(their_number) FROM connector_subjects")) == CASES


def test_a_link_that_cannot_do_many_at_once_is_given_one_by_one(engine: Engine) -> None:
    sink = OneByOne(lambda _delivery: time.sleep(0.002))
    owe(engine, CASES)
    work_off(loop(engine, sink))
    assert (sink.most, sum(map(len, sink.done.values()))) == (1, CASES)


def test_what_is_done_stands_there_while_another_step_is_still_being_tried(engine: Engine) -> None:
    slow, first = threading.Event(), case_of(0)

    def linger(delivery: Delivery) -> None:
        if delivery.subject.id != first:
            slow.wait(20)

    owe(engine, 2)
    delivering = loop(engine, Watched(linger))
    thread = threading.Thread(target=delivering.round)
    thread.start()
    wait_until(lambda: states(engine) == {"acknowledged": 1, "attempted": 1}, "the fast one")
    slow.set()
    thread.join()
    assert states(engine) == {"acknowledged": 2}
    assert MOMENT_SECONDS < 1


def test_failures_for_good_park_their_cases_and_no_others_in_one_round(engine: Engine) -> None:
    def refuse(delivery: Delivery) -> None:
        if delivery.subject.id == case_of(3):
            raise BadData("it will never take this")

    owe(engine, CASES, 2)
    work_off(loop(engine, Watched(refuse)))
    assert states(engine) == {"acknowledged": (CASES - 1) * 2, "dead": 1, "parked": 1}


def test_a_database_of_ours_that_does_not_answer_leaves_doubt_and_no_dead_letter(engine: Engine) -> None:
    broken = threading.Event()

    def once(delivery: Delivery) -> None:
        if not broken.is_set() and delivery.subject.id == case_of(7):
            broken.set()
            raise OperationalError("INSERT", {}, Exception("gone"))

    owe(engine, CASES)
    sink = Watched(once)
    delivering = loop(engine, sink)
    with pytest.raises(OperationalError):
        delivering.round()
    assert states(engine) == {"acknowledged": CASES - 1, "attempted": 1}
    work_off(delivering)
    assert states(engine) == {"acknowledged": CASES}
    assert {len(done) for done in sink.done.values()} == {1}


def test_what_was_not_tried_when_the_connector_ends_is_given_back(engine: Engine) -> None:
    class Bell:
        stopped = False

        def wait(self, _seconds: float) -> None:
            """Nobody waits."""

    bell = Bell()
    owe(engine, ROUND)
    sink = OneByOne(lambda _delivery: setattr(bell, "stopped", True))
    assert loop(engine, sink).round(bell)
    assert states(engine) == {"acknowledged": 1, "intent": ROUND - 1}
