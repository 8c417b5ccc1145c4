"""A company that is down, in conflict, silent after it has taken an order; a connectors process that is killed.

At the end the company's own book agrees with the hub: every order and instruction once, in the order of its case.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.delivery.replay import Replay, give_up, replay
from schemas import ids
from schemas.events import FeedCard, FeedParty, Urged
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import CATEGORY, NUMBER, PLACE, SYSTEM, fact
from tests.faults.workers import wait_until
from tests.integration.connecting import Feed, Linked, linked
from tests.integration.counterpart import Company, company

CARD = FeedCard(
    NUMBER,
    "dispatched",
    CATEGORY,
    place=PLACE,
    lead="power",
    parties=(FeedParty("power", "lead", "dispatched"),),
)
PATIENT = """
[delivery]
first_seconds = 0.1
longest_seconds = 0.5
failures = 3
rest_seconds = 0.3
conflicts = 100
"""
ROOT = Path(__file__).parents[2]


def department(url: str) -> str:
    """The shipped example of the power company, at another address and more patient."""
    text = (ROOT / "connectors/departments/examples/power.toml").read_text("utf-8")
    return text.replace("https://orders.power.example", url) + PATIENT


@pytest.fixture
def power() -> Iterator[Company]:
    with company("power", "--hang-seconds", "2", token="token") as made:
        yield made


@pytest.fixture
def hub(
    kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path, power: Company
) -> Iterator[Linked]:
    with linked(kafka_settings, hub_settings, dsn, tmp_path) as made:
        made.department("power", department(power.url))
        yield made


def start(hub: Linked) -> None:
    hub.start(THREECROSS_POWER_TOKEN="token", THREECROSS_POWER_SECRET="agreed")


def case(number: int) -> str:
    return ids.case_id(SYSTEM, f"chaos-{number}")


def urge(feed: Feed, number: int, seq: int) -> None:
    """The company is reminded of a case."""
    feed.tell_fact(*fact(Urged("power"), seq, number=f"chaos-{number}"), CARD)


def owed(hub: Linked) -> list[object]:
    """Steps that the company has not got."""
    query = "SELECT step, state, why FROM deliveries WHERE state NOT IN ('acknowledged', 'confirmed')"
    return list(hub.rows(query))


def steps(hub: Linked) -> int:
    return int(hub.rows("SELECT count(*) AS n FROM deliveries")[0]["n"])


def agree(hub: Linked, power: Company, *, cases: int, urges: int) -> None:
    """Each case has one order there, and its instructions once, in their order."""
    book = power.book()
    references = [json.loads(row["content"])["reference"] for row in book["orders"]]
    assert sorted(references) == sorted(case(n) for n in range(cases))
    for order in book["orders"]:
        told = [row for row in book["instructions"] if row["number"] == order["number"]]
        assert [row["kind"] for row in told] == ["work"] + ["urge"] * urges
        times = [json.loads(row["content"])["at"] for row in told[1:]]
        assert times == sorted(times)
    keys = [row["key"] for row in (*book["orders"], *book["instructions"])]
    assert len(set(keys)) == len(keys) == cases * (urges + 2)
    assert sorted(keys) == sorted(str(row["key"]) for row in hub.rows("SELECT key FROM deliveries"))


def test_a_kill_before_sending_after_sending_and_after_the_answer_leads_to_one_effect(
    hub: Linked, power: Company
) -> None:
    feed = hub.feed("power")
    power.down()
    start(hub)
    feed.tell(case(0), 1, CARD)
    wait_until(lambda: steps(hub) == 2, "the intents")
    hub.end(signal.SIGKILL)
    power.up()
    power.fault(hang=1)
    start(hub)
    wait_until(lambda: len(power.book()["orders"]) == 1, "the order being taken without an answer")
    hub.end(signal.SIGKILL)
    start(hub)
    wait_until(lambda: not owed(hub), "both steps being acknowledged")
    hub.end(signal.SIGKILL)
    start(hub)
    urge(feed, 0, 2)
    wait_until(lambda: steps(hub) == 3 and not owed(hub), "the instruction being delivered")
    agree(hub, power, cases=1, urges=1)


def test_what_fails_for_good_parks_its_case_alone_until_an_operator_decides(hub: Linked, power: Company) -> None:
    hub.department("power", department(power.url).replace("conflicts = 100", "conflicts = 1"))
    feed = hub.feed("power")
    power.fault(_409=1)
    start(hub)
    feed.tell(case(0), 1, CARD)
    wait_until(lambda: hub.rows("SELECT 1 FROM deliveries WHERE state = 'dead'"), "the failure")
    urge(feed, 0, 2)
    feed.tell(case(1), 1, CARD)
    wait_until(lambda: len(power.book()["orders"]) == 1, "the other case's order")
    wait_until(lambda: len(power.book()["instructions"]) == 1, "the other case's instruction")
    states = hub.rows("SELECT step, state FROM deliveries WHERE subject_id = CAST(:c AS uuid) ORDER BY id", c=case(0))
    assert [tuple(row.values()) for row in states] == [("order", "dead"), ("work-1", "parked"), ("urge-2", "parked")]
    (letter,) = hub.rows("SELECT id, reason, position FROM connector_dead_letters")
    assert letter["reason"] == "undelivered-conflict"
    assert letter["position"]["headers"]["__connect.errors.connector.name"] == "power"
    with hub.engine.begin() as c:
        assert replay(c, Replay("power", "tester", letter=str(letter["id"]))) == 1
    wait_until(lambda: not owed(hub), "the case going on")
    assert [row["who"] for row in hub.rows("SELECT who FROM delivery_replays")] == ["tester"]
    before = power.book()
    with hub.engine.begin() as c:
        assert replay(c, Replay("power", "tester", case=case(0))) == 3
    wait_until(lambda: not owed(hub), "the case being delivered again")
    assert power.book()["instructions"] == before["instructions"]
    with hub.engine.begin() as c:
        assert replay(c, Replay("power", "tester", case=case(1), again=True)) == 2
    wait_until(lambda: len(power.book()["instructions"]) == len(before["instructions"]) + 1, "the case once more")


def test_what_is_given_up_lets_the_rest_of_its_case_go_on(hub: Linked, power: Company) -> None:
    hub.department("power", department(power.url).replace("conflicts = 100", "conflicts = 1"))
    feed = hub.feed("power")
    start(hub)
    feed.tell(case(0), 1, CARD)
    wait_until(lambda: steps(hub) == 2 and not owed(hub), "the order")
    power.fault(_409=1)
    for seq in (2, 3):
        urge(feed, 0, seq)
    wait_until(lambda: hub.rows("SELECT 1 FROM deliveries WHERE state = 'parked'"), "one waiting behind the other")
    (dead,) = hub.rows("SELECT id FROM deliveries WHERE state = 'dead'")
    with hub.engine.begin() as c:
        assert give_up(c, "power", dead["id"], "tester", "the company asked for it") == 1
    wait_until(lambda: len(power.book()["instructions"]) == 2, "the later one")
    assert [row["state"] for row in hub.rows("SELECT state FROM deliveries ORDER BY id")][2] == "given-up"
