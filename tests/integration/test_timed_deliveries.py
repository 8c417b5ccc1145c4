"""Steps that are not owed before their time, stand outside of the order of their case, and can be called off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, cast

import pytest
import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, text

from connectors.contract import BadData, CallOff, Delivery, Item, Receipt, Step
from connectors.delivery import store
from connectors.delivery.attempt import Means
from connectors.delivery.bodies import Reading
from connectors.delivery.loop import Delivering
from connectors.delivery.patience import Patience
from connectors.delivery.replay import Replay, replay
from connectors.metrics import ConnectorMetrics
from ops.delivering import owed
from schemas.events import Urged
from tests.integration.databases import fresh
from tests.integration.engine import now
from tests.kit.harness import Open
from tests.link_samples import Clock, item

SECOND = 1_000_000
POWER = "power"
Led = Sequence[Step | CallOff]


class Office:
    """A sink that keeps what it did; what is named in `never` it never takes; `between` happens before each step."""

    reads_back = False

    def __init__(self) -> None:
        self.done: list[str] = []
        self.never: set[str] = set()
        self.between: Any = None

    def translate(self, _item: Item) -> Led:
        return []

    def deliver(self, delivery: Delivery) -> Receipt:
        if self.between is not None:
            self.between()
        if delivery.step in self.never:
            raise BadData("never")
        self.done.append(delivery.step)
        return Receipt()

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None


class Hub:
    """Tables, a clock that is moved, an office."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.start, self.office = engine, now(), Office()
        self.clock = Clock(self.start)
        self.delivering = self.anew()

    def anew(self) -> Delivering:
        """As after a kill: nothing is remembered but what is in the tables."""
        means = Means(
            *(self.engine, cast(Reading, Open()), Patience(), self.clock, lambda: self.clock() / SECOND),
            *(Random(1).random, lambda: b"k" * 32, ConnectorMetrics(CollectorRegistry()), structlog.get_logger()),
        )
        self.delivering = Delivering(POWER, self.office, means)
        return self.delivering

    def intend(self, seq: int, *led: Step | CallOff) -> int:
        with self.engine.begin() as c:
            return store.intend(c, POWER, [(item(Urged("power"), seq), led)], self.clock())

    def later(self, name: str, seconds: float = 60) -> Step:
        return Step(name, {}, self.start + round(seconds * SECOND), "answer")

    def rounds(self, seconds: float = 0) -> list[str]:
        """What is done when so many seconds have passed."""
        self.clock.pass_seconds(seconds)
        before = len(self.office.done)
        while self.delivering.round():
            pass
        return self.office.done[before:]

    def states(self) -> dict[str, str]:
        with self.engine.connect() as c:
            return {row.step: row.state for row in c.execute(text("SELECT step, state FROM deliveries ORDER BY id"))}


@pytest.fixture(scope="module")
def tables(dsn: str) -> Iterator[Engine]:
    with fresh(dsn) as engine:
        yield engine


@pytest.fixture
def hub(tables: Engine) -> Hub:
    with tables.begin() as c:
        c.execute(text("TRUNCATE deliveries, delivery_attempts, connector_subjects, connector_dead_letters"))
    return Hub(tables)


def step(name: str) -> Step:
    return Step(name, {})


def test_a_timed_step_is_done_when_its_time_has_come_and_holds_up_nobody_before(hub: Hub) -> None:
    hub.intend(1, step("call"), hub.later("again"))
    hub.intend(2, step("urge"))
    assert hub.rounds() == ["call", "urge"]
    assert hub.rounds(59) == []
    assert hub.rounds(1) == ["again"]
    assert hub.rounds(600) == []


def test_what_calls_it_off_comes_before_and_then_it_is_never_done(hub: Hub) -> None:
    hub.intend(1, step("call"), hub.later("again"))
    hub.rounds()
    hub.intend(2, CallOff("answer"))
    assert hub.rounds(3600) == []
    assert hub.states()["again"] == "called-off"


def test_what_an_item_calls_off_is_of_earlier_items(hub: Hub) -> None:
    hub.intend(1, hub.later("again"))
    hub.intend(2, CallOff("answer"), hub.later("once more"))
    assert hub.rounds(60) == ["once more"]


def test_another_label_calls_nothing_off(hub: Hub) -> None:
    hub.intend(1, hub.later("again"))
    hub.intend(2, CallOff("weather"))
    assert hub.rounds(60) == ["again"]


def test_the_same_item_again_revives_nothing_and_adds_nothing(hub: Hub) -> None:
    assert hub.intend(1, step("call"), hub.later("again")) == 2
    hub.intend(2, CallOff("answer"))
    assert hub.intend(1, step("call"), hub.later("again")) == 0
    assert hub.rounds(60) == ["call"]


def test_it_is_done_though_what_came_first_has_failed_for_good(hub: Hub) -> None:
    hub.office.never = {"call"}
    hub.intend(1, step("call"), hub.later("again"))
    hub.intend(2, step("urge"))
    assert hub.rounds(60) == ["again"]
    assert hub.states() == {"call": "dead", "again": "acknowledged", "urge": "parked"}


def test_one_that_fails_for_good_parks_nothing(hub: Hub) -> None:
    hub.office.never = {"again"}
    hub.intend(1, hub.later("again"))
    assert hub.rounds(60) == []
    hub.intend(2, step("urge"))
    assert hub.rounds() == ["urge"]


def test_the_answer_that_comes_while_others_are_told_counts(hub: Hub) -> None:
    hub.intend(1, hub.later("first"), hub.later("second"))

    def answer() -> None:
        hub.office.between = None
        hub.intend(2, CallOff("answer"))

    hub.office.between = answer
    assert hub.rounds(60) == ["first"]
    assert hub.states() == {"first": "acknowledged", "second": "called-off"}


def test_one_that_failed_and_waits_is_called_off_too(hub: Hub) -> None:
    hub.office.never = {"call"}
    hub.intend(1, step("call"), Step("behind", {}, None, "answer"))
    hub.rounds()
    hub.intend(2, CallOff("answer"))
    assert hub.states() == {"call": "dead", "behind": "called-off"}


def test_whoever_is_killed_in_the_midst_of_it_tries_it_again_under_the_same_key(hub: Hub) -> None:
    hub.intend(1, hub.later("again"))

    def killed() -> None:
        hub.office.between = None
        raise KeyboardInterrupt

    hub.office.between = killed
    with pytest.raises(KeyboardInterrupt):
        hub.rounds(60)
    hub.anew()
    assert hub.rounds() == ["again"]
    assert hub.rounds(600) == []


def test_nothing_is_owed_before_its_time(hub: Hub) -> None:
    with hub.engine.begin() as c:
        c.execute(text("DELETE FROM connector_states"))
        c.execute(text(_STANDING), {"at": store.moment(hub.start)})
    hub.intend(1, hub.later("again", seconds=3600))
    with hub.engine.connect() as c:
        assert owed(c)[0].open == 0
    hub.intend(2, step("urge"))
    with hub.engine.connect() as c:
        assert owed(c)[0].open == 1


_STANDING = """
    INSERT INTO connector_states (department, kind, org, state, born_at, heartbeat_at)
    VALUES ('power', 'notices', 'power', 'running', :at, :at)"""


def test_a_case_that_is_tried_again_hurries_nothing_and_revives_nothing(hub: Hub) -> None:
    hub.intend(1, step("call"), hub.later("off"))
    hub.intend(2, CallOff("answer"), hub.later("again"))
    hub.rounds()
    with hub.engine.begin() as c:
        assert replay(c, Replay(POWER, "tester", case=item(None).subject.id)) == 1
    assert hub.rounds(30) == ["call"]
    assert hub.rounds(30) == ["again"]
