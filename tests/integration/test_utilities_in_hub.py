"""A leaning pole over the wires: companies are summoned and sent by REST, and answer by signed call-backs."""

from __future__ import annotations

from pathlib import Path

from schemas.events import Assignment, Check, Close, Dispatch, File, Summon
from tests.builders import claim, report
from tests.integration.companies import city
from tests.integration.engine import Hub, wait_until

NAMES = ("power", "telecom-a", "telecom-b")


def test_a_pole_is_put_right_by_companies_that_know_the_hub_by_rest_alone(hub: Hub, dsn: str, tmp_path: Path) -> None:
    with city(hub, dsn, tmp_path, NAMES) as made:
        hub.send([claim(report()), claim(File()), claim(Summon(NAMES, 30))])
        wait_until(lambda: made.said("power") and made.said("telecom-b"), "both to report in")
        assert (made.said("power"), made.said("telecom-b")) == (["ReportedIn"], ["ReportedIn"])
        hub.send([claim(Dispatch((Assignment("telecom-b", "lead"), Assignment("power", "assist")), "list-7"))])
        wait_until(lambda: made.said("telecom-b")[-1] == "HandedBack", "the lead to hand back", 60)
        hub.send([claim(Check("passed")), claim(Close("checked"))])
        wait_until(lambda: all(made.settled(name) for name in NAMES), "everything to be told", 60)
        assert made.said("power") == ["ReportedIn", "Acknowledged", "Committed", "Progressed", "HandedBack"]
        assert made.said("telecom-b") == ["ReportedIn", "Acknowledged", "Progressed", "HandedBack"]
        assert made.said("telecom-a") == []
        for name in NAMES:
            made.assert_agreed(name)
        told = [row["kind"] for row in made.companies["power"].book()["instructions"]]
        assert told == ["summon", "work", "closed"]
        silent = [row["kind"] for row in made.companies["telecom-a"].book()["instructions"]]
        assert silent[0] == "summon"
