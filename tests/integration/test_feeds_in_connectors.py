"""Feeds without a Kafka client in the connectors process: posted to one department, pulled by another."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from connectors.keys import hashed, key_of
from schemas import ids
from schemas.events import FeedCard
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.connecting import Linked, linked, wait_until
from tests.integration.hooks import Receiver, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY, STRANGER = key_of(b"k" * 32), key_of(b"s" * 32)
CASES = [ids.case_id("chat", str(n)) for n in range(4)]
SAID = "The pole at my door leans, call 13800000000"
TRANSPORT = """
[department]
org = "transport"
kind = "webhook"
subscription = "transport"
[webhook]
url = "http://127.0.0.1:{port}/hook"
secret = "env:THREECROSS_TRANSPORT_SECRET"
timeout_seconds = 2
[delivery]
first_seconds = 0.1
longest_seconds = 0.5
rest_seconds = 0.3
"""
FORESTRY = """
[department]
org = "forestry"
kind = "feeds"
subscription = "forestry"
[feeds]
keys = [{{ sha256 = "{hash}", about = "desk" }}]
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(SECRET) as made:
        yield made


@pytest.fixture
def hub(
    kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path, receiver: Receiver
) -> Iterator[Linked]:
    """A hub with one department that is told, and one that asks."""
    with linked(kafka_settings, hub_settings, dsn, tmp_path) as made:
        made.department("transport", TRANSPORT.format(port=receiver.port))
        made.department("forestry", FORESTRY.format(hash=hashed(KEY)))
        yield made


def start(hub: Linked) -> None:
    hub.start(THREECROSS_TRANSPORT_SECRET=SECRET)


def seqs(receiver: Receiver, case: str) -> list[int]:
    """Numbers of the facts of a case, in the order in which they were taken first."""
    told = [message["data"] for message in receiver.taken.values() if message["subject"] == f"case/{case}"]
    return [data["seq"] for data in told]


def test_every_item_is_posted_once_in_order_whatever_the_receiver_answers(hub: Linked, receiver: Receiver) -> None:
    feed = hub.feed("transport")
    receiver.faults += [500, 429, "lost", 503, 200, 500, "lost", 200, 408, 500]
    feed.tell(CASES[0], 1, FeedCard("411702-261127-001-00001-4", "filed", text=hub.vault.put_text(SAID)))
    start(hub)
    for seq in range(2, 6):
        for case in CASES:
            feed.tell(case, seq)
    wait_until(lambda: len(receiver.taken) >= 8, "half of the messages")
    hub.end(signal.SIGKILL)
    receiver.faults += [500, "lost", 429]
    start(hub)
    wait_until(lambda: len(receiver.taken) == 17, "every message")
    wait_until(lambda: not hub.rows("SELECT 1 FROM deliveries WHERE state <> 'acknowledged'"), "all acknowledged")
    assert seqs(receiver, CASES[0]) == [1, 2, 3, 4, 5]
    assert [seqs(receiver, case) for case in CASES[1:]] == [[2, 3, 4, 5]] * 3
    assert receiver.forged == 0
    assert receiver.attempts > 17, "what failed was tried again, under the same id"


def test_a_message_is_a_cloud_event_with_its_texts_opened(hub: Linked, receiver: Receiver) -> None:
    hub.feed("transport").tell(CASES[0], 1, FeedCard("411702", "filed", text=hub.vault.put_text(SAID)))
    start(hub)
    wait_until(lambda: len(receiver.taken) == 1, "the message")
    ((identity, message),) = receiver.taken.items()
    assert identity == ids.delivery_key("transport", CASES[0], f"item-{message['data']['partition']}-1")
    assert message["source"] == f"/{hub.hub.namespace}/feeds/transport/{message['data']['partition']}"
    assert (message["specversion"], message["type"]) == ("1.0", "threecross.feed.introduced")
    assert message["data"]["card"]["text"] == SAID
    looks = hub.rows("SELECT who, purpose, granted FROM vault_looks")
    assert looks == [{"who": "connector:transport", "purpose": "delivery", "granted": True}]
    assert "13800000000" not in hub.log()


def test_a_department_that_asks_gets_its_own_feed(hub: Linked) -> None:
    feed = hub.feed("forestry")
    hub.feed("transport")
    feed.tell(CASES[0], 1, FeedCard("411702", "filed", text=hub.vault.put_text(SAID)))
    start(hub)
    with httpx.Client(base_url=f"http://127.0.0.1:{hub.port}/in/forestry", timeout=30) as client:
        mine = {"Authorization": f"Bearer {KEY}"}
        answer = client.get("/feeds/forestry", headers=mine, params={"wait": 10})
        assert [event["data"]["number"] for event in answer.json()] == [1]
        assert answer.json()[0]["data"]["card"]["text"] == SAID
        looks = hub.rows("SELECT who, role, purpose, granted FROM vault_looks")
        assert looks == [{"who": "connector:forestry", "role": "connector", "purpose": "delivery", "granted": True}]
        feed.tell(CASES[0], 2)
        cursor = answer.headers["Next-Cursor"]
        further = client.get("/feeds/forestry", headers=mine, params={"cursor": cursor, "wait": 10})
        assert [event["data"]["seq"] for event in further.json()] == [2]
        assert client.get("/feeds/transport", headers=mine).status_code == 403
        assert client.get("/feeds/forestry", headers={"Authorization": f"Bearer {STRANGER}"}).status_code == 401
    assert hub.end() == 0
    assert "13800000000" not in hub.log()
