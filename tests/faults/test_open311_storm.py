"""A storm over Open311: nothing is lost and nothing done twice, on either side, whatever fails and is killed."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.events import File
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.feeds import subscription
from tests.integration.connecting import Linked
from tests.integration.engine import Hub, running_hub, wait_until
from tests.integration.open311.linking import (
    App,
    Council,
    civic_app,
    connected,
    council,
    council_text,
    endpoint_of,
    example,
    facts_of,
    lamp,
    owed,
    rows,
    says,
    start,
)
from tests.integration.subscribing import subscribe

SECONDS = 40
CALM_SECONDS = 120.0
FAULTS = ("500", "429", "409", "lost", "down")


@pytest.fixture
def hub(kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path) -> Iterator[Hub]:
    with running_hub(kafka_settings, hub_settings, dsn, tmp_path) as made:
        yield made


class Storm:
    """One campaign over an app, a council and the connectors between; drawn from a seed."""

    def __init__(self, hub: Hub, linked: Linked, app: App, there: Council, seed: int) -> None:
        self.hub, self.linked, self.app, self.there = hub, linked, app, there
        self.cases: list[str] = []
        self.reports = 0
        self.happened: list[str] = []
        self._chance = random.Random(seed)

    def blow(self, seconds: float) -> None:
        """Reports, orders and statuses go on while things go wrong; then all is well again."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._work()
            self._chance.choices((self._fault, self._kill), (5, 1))[0]()
            time.sleep(0.4)
        self.there.behave()
        wait_until(
            lambda: not owed(self.linked) and len(self.there.orders()) >= len(self.cases), "orders", CALM_SECONDS
        )
        wait_until(lambda: len(self.app.numbers()) == self.reports, "numbers of reports", CALM_SECONDS)

    def _work(self) -> None:
        case, claims = lamp(len(self.cases))
        self.cases.append(case)
        self.hub.send(claims)
        self.app.report(service_code=self._chance.choice(("pole", "lamp")), lat="32.9", long="114", description="out")
        self.reports += 1

    def _fault(self) -> None:
        mode, calls = self._chance.choice(FAULTS), self._chance.randint(1, 3)
        self.happened.append(mode)
        self.there.behave(mode=mode, calls=1 if mode == "409" else calls, keys_tell=True)

    def _kill(self) -> None:
        self.happened.append("connectors killed")
        self.linked.end(signal.SIGKILL)
        start(self.linked, self.app)

    def end_all(self) -> None:
        """The council mends everything; the centre files what the app's residents reported."""
        for order in self.there.orders():
            self.there.say(order["id"], "fixed")
        self.hub.send([says(number, File()) for number in self.app.numbers()])
        wait_until(lambda: all("HandedBack" in facts_of(self.hub, case) for case in self.cases), "hand-backs", 60)
        wait_until(lambda: set(self.app.statuses()) == {"investigating"}, "the app to hear of it", 60)


def test_nothing_is_lost_and_nothing_done_twice(hub: Hub, dsn: str, tmp_path: Path) -> None:
    subscribe(
        hub,
        subscription("open311", "yicheng-open311"),
        subscription("neighbour-council", "neighbour-council", involved_as=("lead",)),
    )
    with council(tmp_path) as there:
        departments = {"open311_endpoint": example("open311_endpoint"), "open311_council": council_text(there)}
        with (
            connected(hub, dsn, tmp_path, departments) as linked,
            civic_app(tmp_path, endpoint_of(linked), "json") as app,
        ):
            storm = Storm(hub, linked, app, there, seed=11)
            storm.blow(SECONDS)
            storm.end_all()
            print(f"{len(storm.cases)} orders, {storm.reports} reports; {', '.join(storm.happened)}")
            assert "connectors killed" in storm.happened
            assert_unharmed(storm)


def assert_unharmed(storm: Storm) -> None:
    """What the app and the council have in their own databases is what the facts say, each thing once."""
    keys = {
        row["key"]: row["case"]
        for row in storm.linked.rows("SELECT key::text, subject_id::text AS case FROM deliveries")
    }
    assert sorted(keys[order["external_id"]] for order in storm.there.orders()) == sorted(storm.cases)
    facts = Counter((told.meta.subject.id, type(told.body).__name__) for told in storm.hub.facts())
    for case in storm.cases:
        assert (facts[case, "Reported"], facts[case, "HandedBack"]) == (1, 1)
    reported = [told.meta.subject.id for told in storm.hub.facts() if told.meta.actor.org == "yicheng-open311"]
    assert sorted(reported) == sorted(storm.app.numbers())
    heard = Counter(row["service_request_id"] for row in rows(storm.app.database, "updates"))
    assert {number: heard[number] for number in storm.app.numbers()} == dict.fromkeys(storm.app.numbers(), 1)
