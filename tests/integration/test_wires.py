"""What is not right over the wires, on real servers, is found to be wrong. That all goes right test_demo.py shows."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ops import settings
from ops.scenario import stage
from ops.settings import Settings
from ops.wires.perform import Outcome, perform
from ops.wires.play import PATIENCE
from ops.wires.script import Play, Step, plays
from schemas.wire.settings import KafkaSettings


@pytest.fixture
def given(kafka_settings: KafkaSettings, dsn: str, tmp_path: Path) -> Settings:
    return settings.load(data_dir=tmp_path, bootstrap=kafka_settings.bootstrap, dsn=dsn, namespace="wires")


def played(given: Settings, play: Play, patience: float = PATIENCE) -> Outcome:
    found = stage.namespace(given, f"wires-{play.place}", play.division)
    return perform(found, play, lambda _step: None, patience)


def test_what_does_not_happen_is_not_taken_for_granted(given: Settings) -> None:
    """The bad twin: nobody closes the case, a word comes from nobody, and the app never hears that it is done."""
    play = plays()["yicheng"]
    first = next(step for step in play.steps if step.to == "civic-app")
    first, rest = (
        msgspec.structs.replace(first, come={"yicheng-open311": ("Reported",)}),
        Step(come={"power": ("HandedBack",)}),
    )
    members = tuple(one for one in play.members if one.name in ("civic-app", "power"))
    outcome = played(given, msgspec.structs.replace(play, steps=(first, rest), members=members), 3.0)
    assert [one.problem for one in outcome.played] == ["", "by power: expected HandedBack; came nothing"]
    assert outcome.differences["stage"] == "reported"
    assert {one.member.name for one in outcome.agreed if one.disagreements} == {"civic-app"}
    assert not outcome.right
