"""The connectors process with the simplest link there is: files in two folders."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import ids
from schemas.events import FeedCard
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.connecting import Linked, linked, wait_until

CASE, OTHER = ids.case_id("chat", "1"), ids.case_id("chat", "2")
SAID = "The pole at my door leans, call 13800000000"
STREET = """
[department]
org = "street"
kind = "drop"
subscription = "street"
poll_seconds = 0.2
[drop]
out = "{out}"
back = "{back}"
words = {{ "签收" = "Acknowledge" }}
[delivery]
first_seconds = 0.1
longest_seconds = 0.5
rest_seconds = 0.3
"""


@pytest.fixture
def street(kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path) -> Iterator[Linked]:
    """A hub with one department behind two folders."""
    with linked(kafka_settings, hub_settings, dsn, tmp_path) as hub:
        for folder in ("out", "back"):
            (tmp_path / folder).mkdir()
        hub.department("street", STREET.format(out=tmp_path / "out", back=tmp_path / "back"))
        yield hub


def told(hub: Linked) -> dict[str, dict[str, object]]:
    """Files that the street got, by key."""
    return {path.stem: json.loads(path.read_bytes()) for path in (hub.folder / "out").glob("*.json")}


def test_items_become_files_with_texts_and_answers_become_claims(street: Linked) -> None:
    feed = street.feed("street")
    feed.tell(CASE, 1, FeedCard("411702-261127-001-00001-4", "filed", text=street.vault.put_text(SAID)))
    street.start()
    wait_until(lambda: len(told(street)) == 1, "the first file")
    (key,) = told(street)
    assert key == ids.delivery_key("street", CASE, "introduced-1")
    assert told(street)[key]["text"] == SAID
    answer = {"number": "411702-261127-001-00001-4", "says": "签收", "at": "2026-11-27T09:00:00"}
    (street.folder / "back" / "0001.json").write_text(json.dumps(answer))
    (street.folder / "back" / "0002.json").write_text("{broken")
    wait_until((street.folder / "back" / "read" / "0002.json").exists, "the answers being read")
    ((meta, claim),) = street.claims()
    assert (meta.subject.id, type(claim).__name__, meta.actor.org) == (CASE, "Acknowledge", "street")
    (letter,) = street.rows("SELECT reason, detail, position FROM connector_dead_letters")
    assert letter["position"] == {"place": "0002.json"}
    assert street.ask("/connectors/street/status")["connector"]["state"] == "RUNNING"
    assert street.end() == 0
    assert street.rows("SELECT state FROM connector_states") == [{"state": "stopped"}]
    looks = street.rows("SELECT who, role, purpose, granted FROM vault_looks")
    assert looks == [{"who": "connector:street", "role": "connector", "purpose": "delivery", "granted": True}]
    assert "13800000000" not in street.log()


def test_a_process_that_is_killed_goes_on_where_it_was(street: Linked) -> None:
    feed = street.feed("street")
    street.start()
    for seq in range(1, 6):
        feed.tell(CASE, seq, reason="introduced")
        if seq == 3:
            wait_until(lambda: len(told(street)) == 3, "three files")
            street.end(signal.SIGKILL)
    street.start()
    wait_until(lambda: len(told(street)) == 5, "five files")
    wait_until(lambda: not street.rows("SELECT 1 FROM deliveries WHERE state <> 'acknowledged'"), "all acknowledged")
    rows = street.rows("SELECT step, key FROM deliveries ORDER BY id")
    assert [row["step"] for row in rows] == [f"introduced-{seq}" for seq in range(1, 6)]
    assert {str(row["key"]) for row in rows} == set(told(street))


def test_a_folder_that_is_gone_is_waited_for_and_nothing_is_lost(street: Linked) -> None:
    feed = street.feed("street")
    (street.folder / "out").rmdir()
    street.start()
    for seq in (1, 2):
        feed.tell(CASE, seq)
        feed.tell(OTHER, seq)
    wait_until(lambda: street.rows("SELECT 1 FROM deliveries WHERE why = 'down'"), "a vain attempt")
    wait_until(lambda: street.rows("SELECT 1 FROM delivery_attempts WHERE attempt > 2"), "more attempts")
    (street.folder / "out").mkdir()
    wait_until(lambda: len(told(street)) == 4, "four files")
    order = street.rows(
        "SELECT d.step FROM delivery_attempts a JOIN deliveries d ON d.id = a.delivery "
        "WHERE a.outcome = 'acknowledged' AND d.subject_id = CAST(:case AS uuid) ORDER BY a.number",
        case=CASE,
    )
    assert [row["step"] for row in order] == ["introduced-1", "introduced-2"]


def test_a_gap_in_the_feed_stops_the_connector_and_is_told(street: Linked) -> None:
    feed = street.feed("street")
    feed.tell(CASE, 1)
    feed.tell(CASE, 2, skip=1)
    street.start()
    wait_until(lambda: street.ask("/connectors/street/status")["connector"]["state"] == "FAILED", "the failure")
    assert "item 3 follows item 1" in street.ask("/connectors/street/status")["tasks"][0]["trace"]


def test_a_paused_connector_delivers_nothing_until_it_is_resumed_even_over_a_restart(street: Linked) -> None:
    feed = street.feed("street")
    street.start()
    street.ask("/connectors/street/pause", "PUT")
    wait_until(lambda: street.ask("/connectors/street/status")["connector"]["state"] == "PAUSED", "the pause")
    feed.tell(CASE, 1)
    assert street.end() == 0
    street.start()
    assert street.ask("/connectors/street/status")["connector"]["state"] == "PAUSED"
    assert not told(street)
    street.ask("/connectors/street/resume", "PUT")
    wait_until(lambda: len(told(street)) == 1, "the file")
