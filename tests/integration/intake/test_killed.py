"""An intake that is killed, or whose servers are gone: one report and one number come of what its caller repeats."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx
import pytest
import sqlalchemy as sa

from ops.embedded import process
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.connecting import wait_until
from tests.integration.intake.asking import Asking, asked, body, new_key

LOCK_WAITS = """
SELECT 1 FROM pg_stat_activity WHERE application_name = 'threecross connectors' AND wait_event_type = 'Lock'
"""


@pytest.fixture(scope="module")
def mortal(kafka_settings: KafkaSettings, dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """An intake of its own, which waits two seconds for Kafka; each test starts it, and ends it."""
    hub = HubSettings(namespace="intake-killed", partitions=2)
    folder = tmp_path_factory.mktemp("killed")
    with asked(kafka_settings, hub, dsn, folder, more="answer_seconds = 2") as app:
        yield app


@contextmanager
def locked(app: Asking, table: str) -> Iterator[None]:
    """Nobody else writes a table meanwhile."""
    with app.hub.engine.begin() as c:
        c.execute(sa.text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        yield


def claims(app: Asking, number: str | None = None) -> int:
    """How many claims are on Kafka, about one report or at all; the same bytes sent again are the same claim."""
    found = [meta for meta, _ in app.hub.claims()]
    return len({meta.claim_id for meta in found if number in (None, meta.subject.id)})


def test_a_kill_before_storing_or_after_sending_leads_to_one_report_and_one_number(mortal: Asking) -> None:
    """Where the claim store is locked, nothing is stored yet; where the positions are, Kafka has it already."""
    mortal.hub.start()
    for table in ("claim_store", "positions"):
        key, told = new_key(), body()
        with ThreadPoolExecutor(1) as pool:
            with locked(mortal, table):
                first = pool.submit(mortal.report, told, key)
                wait_until(lambda: mortal.hub.rows(LOCK_WAITS), "somebody waiting for the table")
                mortal.hub.end(signal.SIGKILL)
            with pytest.raises(httpx.HTTPError):
                first.result()
        mortal.hub.start()
        again = [mortal.report(told, key) for _ in range(2)]
        assert [answer.status_code for answer in again] == [202, 202]
        number = again[0].json()["number"]
        assert again[1].json()["number"] == number
        assert claims(mortal, number) == 1
    mortal.hub.end()


def test_without_kafka_nobody_gets_a_number_and_one_report_comes_of_it_when_kafka_is_back(mortal: Asking) -> None:
    """The process is told of a Kafka that is not there, and killed with what it could not send."""
    key, told, before = new_key(), body(), claims(mortal)
    mortal.hub.start(THREECROSS_BOOTSTRAP=f"127.0.0.1:{process.free_port()}")
    refused = [mortal.report(told, key), mortal.report(told, key)]
    mortal.hub.end(signal.SIGKILL)
    for answer in refused:
        assert (answer.status_code, list(answer.json())) == (503, ["type", "status", "detail"])
        assert int(answer.headers["retry-after"]) >= 1
    assert claims(mortal) == before
    mortal.hub.start()
    number = mortal.report(told, key).json()["number"]
    assert mortal.report(body(text="another"), key).status_code == 422
    mortal.hub.end()
    assert claims(mortal, number) == 1
    assert claims(mortal) == before + 1


def test_callers_who_repeat_through_a_kill_get_each_one_number_and_one_report(mortal: Asking) -> None:
    """Several callers, each repeating until it has a number, while the process is killed."""
    before, keys, done = claims(mortal), [new_key() for _ in range(40)], threading.Event()

    def number(key: str) -> str:
        while not done.is_set():
            with suppress(httpx.HTTPError):
                answer = mortal.report(body(text=key), key)
                if answer.status_code == 202:
                    return str(answer.json()["number"])
            time.sleep(0.02)
        return ""

    mortal.hub.start()
    with ThreadPoolExecutor(8) as pool:
        try:
            found = [pool.submit(number, key) for key in keys]
            wait_until(lambda: sum(one.done() for one in found) >= 10, "reports being taken")
            mortal.hub.end(signal.SIGKILL)
            mortal.hub.start()
            numbers = [one.result() for one in found]
        finally:
            done.set()
    mortal.hub.end()
    assert len(set(numbers)) == len(keys)
    assert claims(mortal) == before + len(keys)
