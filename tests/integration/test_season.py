"""永泰's season: its figures come out of facts, and a typhoon over one town reaches that town's open clocks alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from connectors.desk.words import subject
from ops import settings
from ops.brokers import reader
from ops.demo import season
from ops.demo.season import SONGKOU, STORM, WUTONG, script
from ops.reference.stored import stored
from ops.scenario import stage
from ops.scenario.facts import Fact, Facts
from ops.scenario.perform import Performance, perform
from ops.scenario.script import Script
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.clocks import NEW, clocks, evolve
from streams.core.clocks.from_reference import terms_of
from streams.core.reference import Reference
from tests.clock_samples import HOUR, MINUTE, at
from tests.command_line import Run, runner

BEFORE, MET, OUT, ELSEWHERE, SPANNED = (one.about for one in STORM)
FIGURES = {"settled": (93, 112), "first-answer": (104, 112), "closing": (32, 41), "on-time-closing": (26, 41)}
PERIOD = ("--from", season.FIRST, "--to", season.BEHIND)


class Season(NamedTuple):
    """A season that was played: what came of it, the facts of each case, and where it lies."""

    performance: Performance
    facts: dict[str, list[Fact]]
    reference: Reference
    where: tuple[str, ...]

    def of(self, about: str) -> list[Fact]:
        return self.facts[subject(about).id]

    def figures(self) -> dict[str, tuple[int, int]]:
        return {one.wanted.indicator: (one.part, one.whole) for one in self.performance.figures}


def played(kafka: KafkaSettings, dsn: str, folder: Path, name: str, said: Script) -> Season:
    given = settings.load(data_dir=folder, bootstrap=kafka.bootstrap, dsn=dsn, namespace="season")
    found = stage.namespace(given, f"season-{name}", said.division)
    performance = perform(found, said, lambda _step: None)
    hub: HubSettings = found.settings.hub
    with reader(found.kafka) as consumer:
        told = Facts(consumer, hub)
        told.until(lambda: False, patience=1.0)
    facts = defaultdict(list)
    for fact in sorted(told.seen, key=lambda one: one.meta.seq):
        if fact.meta.subject.kind == "case":
            facts[fact.meta.subject.id].append(fact)
    where = ("--bootstrap", kafka.bootstrap, "--dsn", dsn, "--namespace", hub.namespace)
    return Season(performance, facts, stored(found.kafka, hub), where)


@pytest.fixture(scope="module")
def whole(kafka_settings: KafkaSettings, dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Season:
    return played(kafka_settings, dsn, tmp_path_factory.mktemp("season"), "whole", script())


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    with runner(capsys, monkeypatch) as said:
        yield said


# ------------------------------------------------------------ figures


def test_112_are_received_93_are_settled_and_first_answer_and_closing_are_two_clocks(whole: Season) -> None:
    assert whole.figures() == FIGURES
    wrong = [(one.step.about, one.step.claim, one.problem) for one in whole.performance.played if one.problem]
    assert (wrong, whole.performance.right) == ([], True)


def test_each_figure_lists_its_cases_and_the_facts_tell_the_same(whole: Season, run: Run) -> None:
    for name, clock in (("first-answer", "first_answer"), ("closing", "closure")):
        drilled = run("indicators", *PERIOD, "--drill", name, "--json", *whole.where[2:]).json
        listed = {row["case_id"]: row["counts"] for row in drilled["cases"]}
        assert (sum(listed.values()), len(listed)) == FIGURES[name]
        assert listed == fell_due(whole, clock)
    settled = run("indicators", *PERIOD, "--drill", "settled", "--json", *whole.where[2:]).json["cases"]
    closed = {case for case, facts in whole.facts.items() if "Closed" in {one.name for one in facts}}
    assert {row["case_id"] for row in settled if row["counts"]} == closed


def fell_due(whole: Season, wanted: str) -> dict[str, bool]:
    """Whether what fell due in the season had what it waited for, by case: counted from facts and reference alone."""
    start, end = at(f"{season.FIRST} 00:00"), at(f"{season.BEHIND} 00:00")
    found = {}
    for case, facts in whole.facts.items():
        state = NEW
        for fact in facts:
            state = evolve(state, fact.meta, fact.body)
        for one in clocks(state, terms_of(whole.reference), end):
            if one.clock == wanted and one.due_at is not None and start <= one.due_at < end:
                in_time = one.closed_at is not None and one.overdue_at is None
                found[case] = in_time if wanted == "first_answer" else one.closed_at is not None
    return found


def test_one_claim_less_makes_other_figures(
    kafka_settings: KafkaSettings, dsn: str, tmp_path: Path, whole: Season
) -> None:
    """The bad twin: nobody closes the case that the typhoon did not reach."""
    said = whole.performance.script
    fewer = [step for step in said.steps if (step.about, step.claim) != (ELSEWHERE, "Close")]
    twin = played(kafka_settings, dsn, tmp_path, "twin", msgspec.structs.replace(said, steps=tuple(fewer)))
    assert not twin.performance.right
    assert twin.figures() == FIGURES | {"settled": (92, 112), "closing": (31, 41), "on-time-closing": (25, 41)}


# ------------------------------------------------------------ the typhoon


def regimes(whole: Season, about: str) -> list[str]:
    return [fact.body.regime for fact in whole.of(about) if fact.name == "RegimeChanged"]


def test_open_cases_of_the_town_are_told_and_no_others(whole: Season) -> None:
    told = {about: regimes(whole, about) for about in (BEFORE, MET, OUT, ELSEWHERE, SPANNED)}
    both = ["emergency", "normal"]
    assert told == {BEFORE: [], MET: ["emergency"], OUT: both, ELSEWHERE: [], SPANNED: both}
    begins, open_there, heard = at("08-13 20:00"), set(), set()
    for case, facts in whole.facts.items():
        (reported,) = (one for one in facts if one.name == "Reported")
        ended = [one.meta.recorded_at for one in facts if one.name == "Closed"]
        there = reported.body.place.division == SONGKOU.division
        if there and reported.meta.recorded_at < begins and (not ended or ended[0] > begins):
            open_there.add(case)
        heard |= {case for one in facts if one.name == "RegimeChanged" and one.body.regime == "emergency"}
    assert heard == open_there
    assert len(heard) > 3


def ledger(whole: Season, run: Run, about: str, as_of: str = "2026-09-01T00:00", clock: str = "closure") -> Any:
    (found,) = run("explain", about, "--clock", clock, "--as-of", as_of, "--json", *whole.where).json["clocks"]
    return found


def test_what_was_used_before_is_judged_as_before_and_what_is_left_by_the_regime(whole: Season, run: Run) -> None:
    """Filed 09:06, 6 h 54 min worked by the evening: of half the limit 5 h 06 min are left, in the storm's night."""
    found = ledger(whole, run, OUT)
    assert (found["due_at"], found["overdue_at"]) == (at("08-14 01:06"), at("08-14 01:06"))
    assert (found["percent"], found["calendar"], found["limit_us"]) == (50, "yongtai-storm 2026", 12 * HOUR)
    (before,) = found["earlier"]
    assert (before["until"], before["calendar"]) == (at("08-13 20:00"), "china 2026.1")
    assert (before["limit"]["amount"], before["limit"]["percent"]) == (3, 100)
    assert before["reference"] < found["reference"]
    first, second, *_ = found["intervals"]
    assert (first["end"], first["used_us"], first["calendar"]) == (
        at("08-13 20:00"),
        6 * HOUR + 54 * MINUTE,
        "china 2026.1",
    )
    assert (second["start"], second["calendar"]) == (at("08-13 20:00"), "yongtai-storm 2026")
    (out,) = (one for one in whole.of(OUT) if one.name == "RanOut" and one.body.clock == "closure")
    assert out.meta.versions.calendar == "yongtai-storm 2026"
    assert out.meta.versions.standard == "yongtai 2026"


def test_back_to_normal_what_was_used_in_the_storm_stays_used(whole: Season, run: Run) -> None:
    """15 minutes before, 6 hours in the storm; 17 h 45 min are left by the ordinary calendar from Friday morning on."""
    stormy = ledger(whole, run, SPANNED, "2026-08-14T01:00")
    assert (stormy["due_at"], stormy["percent"]) == (at("08-14 07:45"), 50)
    found = ledger(whole, run, SPANNED)
    assert (found["due_at"], found["verdict"], found["percent"]) == (at("08-18 09:45"), "met", 100)
    assert [(one["until"], one["calendar"]) for one in found["earlier"]] == [
        (at("08-13 20:00"), "china 2026.1"),
        (at("08-14 02:00"), "yongtai-storm 2026"),
    ]
    assert [one["used_us"] for one in found["intervals"]][:2] == [15 * MINUTE, 6 * HOUR]
    assert sum(one["used_us"] for one in found["intervals"]) == found["used_us"]


def test_the_other_town_and_what_was_closed_before_are_judged_as_ever(whole: Season, run: Run) -> None:
    assert STORM[3].town is WUTONG
    elsewhere = ledger(whole, run, ELSEWHERE)
    assert (elsewhere["due_at"], elsewhere["earlier"], elsewhere["percent"]) == (at("08-18 09:07"), [], 100)
    assert ledger(whole, run, BEFORE) == ledger(whole, run, BEFORE, "2026-08-13T19:00")


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("en", "until 2026-08-13 20:00 (fact 6 regime changed (hub, 2026-08-13 20:00)) judged by reference version"),
        ("zh", "2026-08-13 20:00(第 6 号事实 平急转化(hub,2026-08-13 20:00))之前按参考数据第"),
    ],
)
def test_the_ledger_says_so_in_words(whole: Season, run: Run, lang: str, sentence: str) -> None:
    said = run("explain", OUT, "--clock", "disposal", "--lang", lang, *whole.where).out
    assert sentence in said
    assert ("50 % of it under the regime" if lang == "en" else "平急状态下按 50%") in said
    assert "yongtai-storm 2026" in said


def test_the_seasons_steps_stand_in_the_order_of_time() -> None:
    moments = [moment for _, moment in script().timed()]
    assert moments == sorted(moments)
    assert len(season.matters()) == season.RECEIVED
    assert moments[-1].replace(tzinfo=None) > datetime.fromisoformat(season.BEHIND)
