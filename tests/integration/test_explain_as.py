"""Ledgers of a restricted case: its parties are told why they are due, and others not that there is a case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.reference.loading import By, load
from schemas.events import File
from tests.builders import CENTRE, CONDITION, SYSTEM, claim, dispatch, report
from tests.clock_samples import at
from tests.command_line import Run, runner
from tests.integration.engine import Hub, wait_until
from tests.integration.test_appeal_and_evaluation import JANUARY, LOADED


@pytest.fixture
def explain(hub: Hub, dsn: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `threecross explain` for a restricted case and its twin that is not."""
    load(hub.kafka, hub.settings, LOADED, By("centre", "steward"), JANUARY)
    reader = hub.reference()
    hub.casework(reader=reader)
    hub.views(reader=reader)
    for number, restricted in (("1", True), ("2", False)):
        told = ((report(restricted=restricted), None), (File(CONDITION), CENTRE), (dispatch(), CENTRE))
        hub.send([claim(body, number=number, by=by, at=at("10-12 08:00")) for body, by in told])
    wait_until(lambda: hub.stages() == {"dispatched": 2}, "the views to have come to both")
    where = ("--bootstrap", hub.kafka.bootstrap, "--dsn", dsn, "--namespace", hub.settings.namespace)
    with runner(capsys, monkeypatch) as run:
        yield lambda number, *words: run("explain", f"{SYSTEM}:{number}", *words, *where)


def test_a_restricted_case_is_explained_to_those_who_may_see_it_alone(explain: Run) -> None:
    """The bad twin hides the facts and shows the clocks."""
    everything = explain("1", "--json").json
    assert {one["clock"] for one in everything["clocks"]} >= {"closure", "disposal"}
    as_of = ("--as-of", "2026-11-01T08:00")
    assert explain("1", "--json", *as_of, "--as", "power").json == explain("1", "--json", *as_of).json
    outsider, absent = explain("1", "--as", "gas"), explain("3", "--as", "water")
    assert (outsider.code, outsider.out) == (absent.code, absent.out) == (2, "")
    assert outsider.err == absent.err.replace(":3", ":1")
    assert explain("2", "--json", "--as", "gas").json["clocks"] != []
