"""A month from its claims to its frozen scores: an approved appeal makes the next version, the first one stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ops.reference.documents import Document
from ops.reference.loading import By, load
from ops.reference.stored import stored
from schemas.events import (
    Actor,
    Appeal,
    Calendar,
    CalendarYear,
    Check,
    Close,
    File,
    HandBack,
    ReviewAppeal,
    Standard,
    Window,
)
from tests.builders import CENTRE, CONDITION, Said, claim, dispatch, report
from tests.clock_samples import at
from tests.command_line import Run, runner
from tests.integration.engine import Hub, number_in, wait_until

JANUARY, MONTH = at("01-01 00:00"), "2026-10"
OFFICE = (Window(480, 720), Window(840, 1080))
CHINA = Calendar("china", "1", "Asia/Shanghai", OFFICE, (6, 7), (CalendarYear(2026, (), ()),))
STANDARD = Standard(CONDITION.scheme, CONDITION.version, "0105", "pole", CONDITION.code, "leans", 2, "working_day")
LOADED = (
    Document("calendars", "china", (CHINA,), valid_from=JANUARY),
    Document("standards", f"{CONDITION.scheme} {CONDITION.version}", (STANDARD,), valid_from=JANUARY),
)
LATE, PROMPT = number_in(0), number_in(1)
"""One in each partition, so that both pass the end of the month."""


@pytest.fixture
def evaluation(
    hub: Hub, dsn: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Runs `threecross evaluation …` for the month."""
    where = ("--bootstrap", hub.kafka.bootstrap, "--dsn", dsn, "--namespace", hub.settings.namespace)
    with runner(capsys, monkeypatch) as run:
        yield lambda *words: run("evaluation", "--month", MONTH, *words, *where)


def loop(number: str, power_done: str) -> list[Said]:
    """From report to close; telecom is done on the day, power when said. Both have until 14 October, 09:00."""
    told = (
        (report(), None, "10-12 08:00"),
        (File(CONDITION), CENTRE, "10-12 08:10"),
        (dispatch(), CENTRE, "10-12 09:00"),
        (HandBack("telecom"), None, "10-12 10:00"),
        (HandBack("power"), None, power_done),
        (Check("passed"), None, "10-19 09:00"),
        (Close("checked"), None, "10-19 09:10"),
    )
    return [claim(body, number=number, by=by, at=at(when)) for body, by, when in told]


def say(hub: Hub, *told: Said) -> None:
    """Claims, until the views have what came of them."""
    hub.send(told)

    def done() -> bool:
        facts = hub.facts()
        stand = {fact.meta.subject.id: fact.meta.seq for fact in facts}
        decided = {fact.meta.claim_id for fact in facts} >= {one.meta.claim_id for one in told}
        return decided and {case: row.seq for case, row in hub.rows().items()} == stand

    wait_until(done, "the views to have come to it")


@pytest.fixture
def october(hub: Hub) -> Hub:
    load(hub.kafka, hub.settings, LOADED, By("centre", "steward"), JANUARY)
    reader = hub.reference()
    hub.casework(reader=reader)
    hub.views(reader=reader)
    say(hub, *loop(LATE, "10-16 15:00"), *loop(PROMPT, "10-13 15:00"))
    return hub


def reviewed(reviewer: str, *, approved: bool = True, occurrence: str = "1") -> Said:
    body = ReviewAppeal("power", approved, "the line was cut by the typhoon")
    return claim(body, number=LATE, by=Actor(reviewer, "reviewer"), at=at("11-02 09:00"), occurrence=occurrence)


APPEAL = claim(Appeal("power", "typhoon"), number=LATE, by=Actor("power", "handler"), at=at("11-01 09:00"))


def scores(told: Any) -> dict[str, float]:
    return {one["group"]: one["score"] for one in told["scores"] if one["scorecard"] == "department"}


def test_an_approved_appeal_makes_the_next_version_of_the_month_and_the_first_one_stays(
    october: Hub, evaluation: Run
) -> None:
    first = evaluation("--freeze", "--json").json
    assert (first["version"], first["final"]) == (1, True)
    assert scores(first)["telecom"] == 100.0
    assert scores(first)["power"] < 100.0
    before = stored(october.kafka, october.settings).loads[-1]
    say(october, APPEAL, reviewed("centre"), reviewed("city", occurrence="2"))
    assert "Exempted" in {type(fact.body).__name__ for fact in october.facts()}
    second = evaluation("--freeze", "--json").json
    assert (second["version"], scores(second)["power"]) == (2, 100.0)
    (change,) = second["frozen"][1]["changes"]
    assert (change["group"], change["before"], change["after"]) == ("power", scores(first)["power"], 100.0)
    assert scores(evaluation("--version", "1", "--json").json) == scores(first)
    loads = stored(october.kafka, october.settings).loads
    assert [one for one in loads if one.header.version == before.header.version] == [before]
    (case,) = {row["case_id"] for row in evaluation("--version", "1", "--drill", "power", "--json").json["cases"]}
    assert case == claim(report(), number=LATE).meta.subject.id
    assert evaluation("--version", "2", "--drill", "power", "--json").json["cases"] == []


def test_an_appeal_that_one_reviewer_denies_changes_no_score(october: Hub, evaluation: Run) -> None:
    """The bad twin takes the appeal itself, or the first review, for an exemption."""
    first = evaluation("--freeze", "--json").json
    say(october, APPEAL, reviewed("centre"), reviewed("city", approved=False, occurrence="2"))
    again = evaluation("--freeze", "--json").json
    assert (again["version"], scores(again)) == (1, scores(first))
