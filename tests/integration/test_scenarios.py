"""The five places and their unhappy twins, on real servers: every step and every ending as the scripts expect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ops import settings
from ops.scenario import stage
from ops.scenario.perform import Performance, perform
from ops.scenario.script import Script, Step, scripts
from ops.settings import Settings
from schemas.wire.settings import KafkaSettings

PLAYS = [(place, twin) for place, script in scripts().items() for twin in ("", *(one.name for one in script.twins))]


@pytest.fixture
def given(kafka_settings: KafkaSettings, dsn: str, tmp_path: Path) -> Settings:
    return settings.load(data_dir=tmp_path, bootstrap=kafka_settings.bootstrap, dsn=dsn, namespace="scenario")


def played(given: Settings, script: Script, name: str) -> Performance:
    return perform(stage.namespace(given, f"scenario-{name}", script.division), script, lambda _step: None)


def told(performance: Performance) -> list[Any]:
    """What is not as expected."""
    steps = [(one.at.isoformat(), one.step.about, one.step.claim, one.problem) for one in performance.played]
    return [step for step in steps if step[3]] + [
        (end.ending.about, end.differences) for end in performance.endings if end.differences
    ]


@pytest.mark.parametrize(("place", "twin"), PLAYS, ids=lambda name: name or "main")
def test_a_place_goes_as_its_script_says(given: Settings, place: str, twin: str) -> None:
    script = scripts()[place]
    performance = played(given, script.twin(twin) if twin else script, f"{place}-{twin}".rstrip("-"))
    assert told(performance) == []
    assert performance.right
    assert len(performance.played) == len(performance.script.steps)


def test_another_ending_and_another_fact_are_found_to_be_wrong(given: Settings) -> None:
    """The bad twin of all scripts: what does not happen is not taken for granted."""
    script = scripts()["tianyuan"]
    (first, *_), (ending, *_) = script.steps, script.endings
    wrong = msgspec.structs.replace(
        script,
        steps=(msgspec.structs.replace(first, expect=("Filed",)), Step(at="+1m", about=first.about)),
        endings=(msgspec.structs.replace(ending, view={"stage": "closed"}),),
        twins=(),
    )
    performance = played(given, wrong, "wrong")
    assert not performance.right
    assert told(performance) == [
        ("2026-03-03T09:02:00+08:00", "app:ty-1001", "Report", "expected Filed; came Reported"),
        ("app:ty-1001", {"stage": "reported"}),
    ]
