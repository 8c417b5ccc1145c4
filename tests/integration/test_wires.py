"""What is not right over the wires, on real servers, is found to be wrong. That all goes right test_demo.py shows."""

from __future__ import annotations

import json
import subprocess
from importlib import resources
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
from tests.integration.up import ROOT, argv, environment


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


def test_a_department_whose_book_differs_is_named_and_the_exit_code_is_1(
    kafka_settings: KafkaSettings, dsn: str, tmp_path: Path
) -> None:
    """The bad twin: the squad says that it has taken the last order, and does not write it down."""
    (tmp_path / "forgetful.toml").write_text(forgetful(), "utf-8")
    servers = ("--bootstrap", kafka_settings.bootstrap, "--dsn", dsn, "--data-dir", tmp_path, "--patience", "15")
    command = argv("wires", tmp_path / "forgetful.toml", "--json", *servers)
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert {one["department"]: one["differs"] for one in told["departments"]} == {
        "worker-app": [],
        "songshan-squad": ["it has 1 orders in its book, 2 were delivered"],
    }
    assert ([step["problem"] for step in told["steps"] if step["problem"]], told["differences"]) == ([], {})


def forgetful() -> str:
    """天元's play without its troubles, but for one: the squad forgets that the case is closed."""
    text = (resources.files("ops.demo.wires") / "tianyuan.toml").read_text("utf-8")
    head, *steps = text.split("[[steps]]\n")
    wanted = ('does = "report"', 'claim = "File"', 'result = "passed" }\nfiles', 'claim = "Close"')
    kept = [next(step for step in steps if word in step) for word in wanted]
    kept.insert(-1, 'to = "songshan-squad"\ndoes = "forgets"\n\n')
    return "[[steps]]\n".join([head, *kept])
