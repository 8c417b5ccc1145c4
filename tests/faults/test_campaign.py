"""One minute of the fault campaign: each main kind of fault under load, and the judge finds nothing."""

from pathlib import Path

from tests.faults.campaign import run
from tests.faults.witness import KINDS

CLAIMS = 10_000


def test_a_minute_of_faults_loses_doubles_and_reorders_nothing(tmp_path: Path) -> None:
    figures = run(tmp_path, seed=311, minutes=1, claims=CLAIMS, say=print)
    assert {kind: figures[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0), figures["examples"]
    assert figures["claims"] >= CLAIMS
    assert figures["facts"] > CLAIMS / 2
    assert figures["dead_letters"] == figures["poison"] > 0
    assert figures["repeated"] > 0
    least = {"worker killed", "worker killed soon", "worker frozen", "broker restarted", "database restarted"}
    assert least <= figures["faults"].keys()
