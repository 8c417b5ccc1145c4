"""One whole three-cross case on real servers: the leaning pole, from report to close, as the views show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from ops import crossings, queries
from ops.reference.documents import Document
from ops.reference.loading import By, load
from schemas import ids
from schemas.events import (
    Acknowledge,
    Actor,
    Assignment,
    Check,
    Close,
    Dispatch,
    File,
    HandBack,
    Refused,
    ReportIn,
    Return,
    SendAgain,
    Summon,
    Whistle,
)
from streams.core.visibility import Asker
from tests.builders import CENTRE, INSPECTOR, MINUTE, STREET, T0, claim, report
from tests.cities import ASSETS, ORGANISATIONS, RELATIONS
from tests.integration.engine import Hub, wait_until

CASE = ids.case_id("hotline", "1")
BY = By("centre", "steward")
CITY = [
    Document("organisations", "city", ORGANISATIONS, valid_from=T0 - 1),
    Document("relations", "city", RELATIONS, valid_from=T0 - 1),
    Document("assets", "city", ASSETS, valid_from=T0 - 1),
]
COMMANDED = tuple(replace(o, commanded_by="district") if o.code in ("telecom", "power") else o for o in ORGANISATIONS)
PARTIES = (
    Assignment("power", "lead"),
    Assignment("telecom", "assist"),
    Assignment("squad-1", "assist"),
    Assignment("water", "inform"),
)


@dataclass
class Story:
    """A case that claims are made about, a minute apart, each seen in the views before the next one."""

    hub: Hub
    told: int = field(default=0)

    def says(self, *bodies: Any, by: Actor | None = None) -> None:
        for body in bodies:
            self.told += 1
            at = T0 + self.told * MINUTE
            self.hub.send([claim(body, by=by, at=at, occurrence=str(self.told))])
            wait_until(lambda: self.view("seq") > 0 and len(self.of_claims()) == self.told, f"{body} to be decided")
        wait_until(lambda: self.view("seq") == len(self.hub.facts()), "the views to have come to it")

    def of_claims(self) -> set[str]:
        return {told.meta.claim_id for told in self.hub.facts()}

    def view(self, name: str | None = None, asker: Asker | None = None) -> Any:
        with self.hub.engine.connect() as connection:
            file = queries.case_file(connection, CASE, asker)
        if file is None:
            return 0 if name else None
        return (
            file.case[name] if name == "seq" else crossings.document(file)[name] if name else crossings.document(file)
        )


@pytest.fixture
def story(hub: Hub) -> Story:
    load(hub.kafka, hub.settings, CITY, BY, T0)
    reader = hub.reference()
    hub.casework(reader=reader)
    hub.views(reader=reader)
    return Story(hub)


def test_the_leaning_pole_from_report_to_close(story: Story) -> None:
    story.says(report(asset="pole-1"))
    assert story.view("three_cross") == ["authority"], "the pole belongs to telecom, whom the centre cannot command"
    story.says(File(), by=CENTRE)
    story.says(Whistle("cut-power"), by=STREET)
    story.says(Summon(("power", "telecom"), 30), by=CENTRE)
    assert [(s["org"], s["reported_in_at"]) for s in story.view("summons")] == [("power", None), ("telecom", None)]
    assert "power, telecom" in story.view("blocks")
    story.says(ReportIn("power"), ReportIn("telecom"))
    story.says(Dispatch(PARTIES, "list-7"), by=CENTRE)

    view = story.view()
    assert view["three_cross"] == ["department", "authority"]
    assert "telecom owns pole-1" in view["authority"]["why"]
    assert "power hold the power cut-power" in view["authority"]["why"]
    assert (view["lead"], view["assists"], view["informed"]) == ("power", ["squad-1", "telecom"], ["water"])
    assert view["whistles"][0]["by"] == "street"
    assert [s["in_time"] for s in view["summons"]] == [True, True]
    facts = {told.meta.seq: type(told.body).__name__ for told in story.hub.facts()}
    assert {facts[seq] for seq in view["authority"]["facts"]} == {"Reported", "Filed", "Whistled", "Dispatched"} - {
        "Filed"
    }
    assert {facts[seq] for seq in view["department"]["facts"]} == {"Dispatched"}

    story.says(Return("telecom", "not-ours"))
    assert "telecom" in story.view("blocks")
    story.says(SendAgain("telecom", "is-yours"), by=CENTRE)
    story.says(Acknowledge("power"), HandBack("squad-1"), HandBack("telecom"), HandBack("power"))
    assert story.view("blocks") == "The disposal is not checked yet."
    story.says(Check("passed"), by=INSPECTOR)
    assert story.view("blocks") == ""
    story.says(Close("checked"), by=CENTRE)
    assert (story.view("stage"), story.view("blocks")) == ("closed", None)
    assert not [told for told in story.hub.facts() if isinstance(told.body, Refused)]


def test_a_later_reference_changes_no_answer_until_a_fact_is_judged_by_it(story: Story) -> None:
    story.says(report(), File(), Dispatch((Assignment("power", "lead"),)))
    assert story.view("three_cross") == ["authority"]
    load(story.hub.kafka, story.hub.settings, [Document("organisations", "city", COMMANDED, valid_from=T0 - 1)], BY, T0)
    wait_until(lambda: all(r.reference.version == 4 for r in story.hub.readers), "the new version")
    story.says(Acknowledge("power"))
    assert (story.view("three_cross"), story.view("reference")) == (["authority"], 3)
    story.says(Return("power", "not-ours"), SendAgain("power", "is-yours"))
    story.says(Whistle("cut-power"), by=STREET)
    assert (story.view("three_cross"), story.view("reference")) == ([], 4)


def test_a_restricted_case_is_seen_by_its_sides_alone(story: Story) -> None:
    story.says(report(restricted=True), File(), Dispatch((Assignment("power", "lead"),)))
    sees = {org: story.view(asker=Asker(org)) is not None for org in ("street", "power", "telecom", "water")}
    assert sees == {"street": True, "power": True, "telecom": False, "water": False}
    assert story.view(asker=Asker("centre", "dispatcher")) is not None
    assert story.view(asker=Asker("far-centre", "dispatcher")) is None
