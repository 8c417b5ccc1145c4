"""A minute of storm over the wires: nothing is lost, nothing happens twice, each case keeps its order."""

from __future__ import annotations

from pathlib import Path

from schemas.wire.settings import HubSettings, KafkaSettings
from tests.faults.wires.campaign import WRONG, Servers, run

KILLED = {f"connectors killed {moment}" for moment in ("before sending", "after sending", "after the answer")}


def test_departments_that_fail_and_connectors_that_are_killed_do_no_harm(
    kafka_settings: KafkaSettings, hub_settings: HubSettings, dsn: str, tmp_path: Path
) -> None:
    figures = run(Servers(kafka_settings, hub_settings, dsn), tmp_path, seed=7, minutes=1, say=print)
    print(figures)
    assert {kind: figures[kind] for kind in WRONG} == dict.fromkeys(WRONG, 0), figures["examples"]
    assert figures["undelivered"]["left"] == {}
    assert figures["faults"].keys() >= KILLED
    assert figures["told"] > figures["cases"]
