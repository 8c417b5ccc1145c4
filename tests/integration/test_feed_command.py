"""`threecross feed` on a real hub: subscribe, read on from a cursor, pause, go on, show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import whole_loop
from tests.command_line import Run, runner
from tests.integration.engine import Hub, wait_until
from tests.integration.subscribing import feed, wait_for

ORGANISATIONS = """
kind = "organisations"
name = "y"
items = [{ code = "power", name = "供电", kind = "enterprise" }]
"""
SUBSCRIPTIONS = """
kind = "subscriptions"
name = "d"
items = [{ code = "power", owner = "power", start = "beginning" }]
"""
DOCUMENTS = {"organisations.toml": ORGANISATIONS, "subscriptions.toml": SUBSCRIPTIONS}


@pytest.fixture
def threecross(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hub: Hub) -> Iterator[Run]:
    """Runs `threecross …` on this hub."""
    where = ("--bootstrap", hub.kafka.bootstrap, "--namespace", hub.settings.namespace)
    with runner(capsys, monkeypatch) as run:
        yield lambda *words: run(*words, *where)


def test_a_department_subscribes_reads_pauses_and_goes_on(threecross: Run, hub: Hub, tmp_path: Path) -> None:
    for name, text in DOCUMENTS.items():
        (tmp_path / name).write_text(text, "utf-8")
    hub.casework()
    hub.outbox()
    hub.send(whole_loop("1"))
    assert threecross("feed", "power").err.startswith("There is no feed power: subscribe first")
    assert threecross("feed", "subscribe", tmp_path / "organisations.toml").code == 2
    assert threecross("reference", "load", tmp_path / "organisations.toml").code == 0
    assert threecross("feed", "subscribe", tmp_path / "subscriptions.toml").code == 0
    wait_for(hub, "power", 10)

    read = threecross("feed", "power", "--json")
    events = [json.loads(line) for line in read.out.splitlines()]
    assert [event["sequence"] for event in events] == [str(n) for n in range(1, 11)]
    assert events[0]["type"] == "threecross.feed.introduced"
    hub.send(whole_loop("2"))
    wait_for(hub, "power", 20)
    further = threecross("feed", "power", "--from", events[-1]["cursor"], "--json").out.splitlines()
    assert len(further) == 10
    told = threecross("feed", "read", "power")
    assert "introduced" in told.out
    assert told.out.splitlines()[-1].startswith("cursor ")
    assert threecross("feed", "power", "--from", "rubbish").err.startswith("This is no cursor")

    topics = {one["topic"]: one for one in threecross("topics", "--json").json["topics"]}
    assert topics["feed.power"]["partitions"] == hub.settings.partitions

    assert "stands still" in threecross("feed", "pause", "power").out
    wait_until(lambda: _shown(threecross)["paused"], "the pause")
    hub.send(whole_loop("3"))
    wait_until(lambda: len(hub.facts()) == 27, "facts")
    assert len(feed(hub, "power")) == 20
    assert threecross("feed", "resume", "power", "--json").json["paused"] is False
    wait_for(hub, "power", 30)
    wait_until(lambda: _shown(threecross)["behind"] == 0, "the feed to be with the others")
    assert _shown(threecross)["items"] == 30
    assert "power" in threecross("feed", "show").out
    assert threecross("feed", "pause", "gas").err.startswith("There is no subscription gas")


def _shown(threecross: Run) -> dict[str, object]:
    (one,) = threecross("feed", "show", "power", "--json").json["subscriptions"]
    return dict(one)
