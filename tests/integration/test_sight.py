"""A restricted case leaves no trace where it may not be seen: tables, lists, counts, commands, replay, metrics."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import Engine, select

from ops import crossings, queries, sight
from ops import replay as replays
from ops.metrics import HubMetrics
from ops.queries import Wanted
from schemas import events, ids
from schemas.events import Actor, Assignment, Dispatched, Linked, Restricted, Transferred, Versions
from streams.core.visibility import Asker, visible
from streams.views import row as rows
from streams.views.sight import scope_of
from streams.views.tables import cases
from tests.builders import FILED, MINUTE, T0, dispatched, fact, filed, history, reported
from tests.cities import city
from tests.command_line import Run, runner
from tests.every_fact import planted
from tests.integration.databases import fresh
from tests.integration.folded import fold_into

SECRET_CASE, OTHER_CASE = ids.case_id("hotline", "1"), ids.case_id("hotline", "2")
INSIDERS = (Asker("street"), Asker("power"), Asker("court"), Asker("centre", "dispatcher"))
PAIRS = {("power", "telecom"): 2, ("housing", "power"): 1, ("housing", "telecom"): 1}
"""By pair: the open case has the first one only."""

OUTSIDERS = (Asker("water"), Asker("water", "dispatcher"), Asker("centre", "handler"), Asker("gone"))


def by_reference(facts: list[Any], version: int = 3) -> list[Any]:
    return [(replace(meta, versions=Versions(version)), body) for meta, body in facts]


def secret_facts() -> list[Any]:
    """A restricted case in which every fact of the contract has happened, each with SECRET in every field."""
    given = {"restricted": True, "division": "411702001"}
    bodies = [planted(events.Reported, "SECRET", given=given)]
    bodies += [planted(cls, "SECRET") for cls in events.FACTS.values() if cls is not events.Reported]
    bodies += [
        planted(events.ReferenceAnswered, "SECRET", given={"party": "SECRET/ReferenceAsked.party"}),
        Restricted("SECRET", ("court",)),
        Dispatched((Assignment("gone", "assist"), Assignment("power", "lead"), Assignment("telecom", "assist"))),
        Transferred("gone", "housing", "SECRET"),
    ]
    told = [fact(body, seq, by=Actor("centre", "dispatcher")) for seq, body in enumerate(bodies, 1)]
    told[0] = fact(bodies[0], 1, by=Actor("street", "grid_worker"))
    return by_reference(told)


@pytest.fixture(scope="module")
def tables(dsn: str) -> Iterator[Engine]:
    """The secret case, and an open one that is linked to it."""
    with fresh(dsn) as bound:
        other = history([*FILED, dispatched(), Linked(SECRET_CASE, "related")], "2")
        folded = fold_into(bound, [*secret_facts(), *by_reference(other)], city())
        assert folded.broken == {}
        yield bound


def assert_silent(said: Any) -> None:
    """Neither content nor id of the secret case."""
    text = json.dumps(said, default=str, ensure_ascii=False)
    assert "SECRET" not in text
    assert SECRET_CASE not in text


@pytest.mark.parametrize("asker", OUTSIDERS, ids=str)
def test_no_query_tells_an_outsider_of_a_restricted_case(tables: Engine, asker: Asker) -> None:
    filters = (Wanted(), Wanted(three_cross=True), Wanted(between=("power", "telecom")), Wanted(stage="dispatched"))
    with tables.connect() as connection:
        for wanted in filters:
            total, listed = queries.list_cases(connection, replace_asker(wanted, asker))
            assert total == len(listed)
            assert_silent(listed)
        assert queries.case_file(connection, SECRET_CASE, asker) is None
        file = queries.case_file(connection, OTHER_CASE, asker)
        assert file is not None
        assert_silent([file.case, file.parties, file.aliases, file.refusals, file.linked, crossings.document(file)])
        assert "housing" not in json.dumps(queries.pairs(connection, asker))


def replace_asker(wanted: Wanted, asker: Asker | None) -> Wanted:
    from dataclasses import replace

    return replace(wanted, asker=asker)


@pytest.mark.parametrize("asker", [None, *INSIDERS], ids=str)
def test_who_may_see_it_sees_it_in_each_query(tables: Engine, asker: Asker | None) -> None:
    with tables.connect() as connection:
        assert queries.list_cases(connection, Wanted(asker=asker))[0] == 2
        file = queries.case_file(connection, SECRET_CASE, asker)
        assert file is not None
        assert "SECRET" in json.dumps(file.case, default=str)
        other = queries.case_file(connection, OTHER_CASE, asker)
        assert other is not None
        assert [link["other"] for link in other.case["more"]["links"]] == [SECRET_CASE]
        pairs = queries.pairs(connection, asker)
        assert {(p["org"], p["other"]): p["cases"] for p in pairs}.items() >= PAIRS.items()


def test_an_answer_by_reference_is_shown_to_two_organisations_alone(tables: Engine) -> None:
    with tables.connect() as connection:
        for asker, sees in ((Asker("centre", "dispatcher"), True), (Asker("power"), False), (None, True)):
            file = queries.case_file(connection, SECRET_CASE, asker)
            assert file is not None
            (question,) = file.case["more"]["questions"]
            assert ("SECRET" in json.dumps([question[n] for n in ("purpose", "outcome")])) is sees
            assert ("reference" in question) is sees


LISTED = {"list_cases", "case_file", "pairs"}
TOTALS = {"next_offsets", "broken_subjects", "stages", "overdue", "oldest_watermark", "subject_seq", "case_id_of"}
"""For those who run the hub: nothing of a single case but that there is one."""


def test_every_query_asks_who_asks_or_is_for_those_who_run_the_hub() -> None:
    found = {
        name: inspect.signature(function).parameters
        for name, function in inspect.getmembers(queries, inspect.isfunction)
        if function.__module__ == queries.__name__ and not name.startswith("_")
        if "connection" in inspect.signature(function).parameters
    }
    assert set(found) == LISTED | TOTALS
    assert all("asker" in found[name] or "wanted" in found[name] for name in LISTED)


def test_replay_shows_an_outsider_nothing_and_others_what_they_may_see(tables: Engine) -> None:
    facts = tuple(replays.Told(n, meta, body) for n, (meta, body) in enumerate(secret_facts()))
    linked = tuple(
        replays.Told(n, m, b) for n, (m, b) in enumerate(history([*FILED, Linked(SECRET_CASE, "related")], "2"))
    )
    with tables.connect() as connection:
        for asker in OUTSIDERS:
            assert replays.as_seen(connection, replays.History(0, facts, ()), asker).facts == ()
            assert_silent(
                [repr(told) for told in replays.as_seen(connection, replays.History(0, linked, ()), asker).facts]
            )
        for insider in INSIDERS:
            assert len(replays.as_seen(connection, replays.History(0, facts, ()), insider).facts) == len(facts)


def test_metrics_count_no_pair_of_a_restricted_case(tables: Engine) -> None:
    registry = CollectorRegistry()
    HubMetrics(tables, registry)
    said = generate_latest(registry).decode()
    assert_silent(said)
    assert 'threecross_cases_between{org="power",other="telecom"} 1.0' in said
    assert "housing" not in said


# ------------------------------------------------------------ lists follow the same rules as single cases


def test_lists_and_single_cases_follow_the_same_rules(dsn: str) -> None:
    orgs = ("street", "power", "court", "centre")
    folds = {}
    with fresh(dsn) as bound:
        choices = product((False, True), (False, True), (False, True), (False, True))
        for n, (restricted, dispatches, names, transfers) in enumerate(choices, 1):
            bodies: list[Any] = [reported(restricted=restricted), filed(f"number-{n}")]
            bodies += [dispatched(Assignment("power", "lead"))] * dispatches
            bodies += [Transferred("power", "court", "x")] * (transfers and dispatches)
            bodies += [Restricted("x", ("court",))] * names
            told = [
                fact(body, seq, number=str(n), by=Actor("street" if seq == 1 else "centre", "dispatcher"))
                for seq, body in enumerate(bodies, 1)
            ]
            fold_into(bound, told)
            row = rows.NEW
            for one in told:
                row = rows.evolve(row, *one)
            folds[ids.case_id("hotline", str(n))] = row
        with bound.connect() as connection:
            for asker in [Asker(org, role) for org in (*orgs, "water") for role in ("handler", "dispatcher")]:
                found = set(connection.scalars(select(cases.c.case_id).where(sight.may_see(asker))))
                assert found == {case for case, row in folds.items() if visible(scope_of(row), asker)}, asker


def test_a_restricted_report_that_nobody_has_filed_is_for_the_centre_of_its_division(dsn: str) -> None:
    with fresh(dsn) as bound:
        fold_into(bound, by_reference([fact(reported(restricted=True), 1)]), city())
        with bound.connect() as connection:
            assert queries.list_cases(connection, Wanted(asker=Asker("centre", "dispatcher")))[0] == 1
            assert queries.list_cases(connection, Wanted(asker=Asker("far-centre", "dispatcher")))[0] == 0
            assert queries.case_file(connection, SECRET_CASE, Asker("centre", "dispatcher")) is not None


# ------------------------------------------------------------ commands


@pytest.fixture
def threecross(
    tables: Engine, dsn: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Runs a command on these tables."""
    with tables.connect() as connection:
        name = connection.exec_driver_sql("SELECT current_schema()").scalar()
    with runner(capsys, monkeypatch) as run:
        yield lambda *words: run(*words, "--dsn", dsn, "--namespace", str(name))


@pytest.mark.parametrize("words", [("cases",), ("cases", "--pairs"), ("cases", "--three-cross"), ("case", "hotline:2")])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_command_tells_an_outsider_of_it(threecross: Run, words: tuple[str, ...], form: tuple[str, ...]) -> None:
    said = threecross(*words, "--as", "water", *form)
    assert said.code == 0, said.err
    assert_silent(said.out)


def test_a_case_that_may_not_be_seen_is_unknown_in_the_same_words(threecross: Run) -> None:
    hidden = threecross("case", "hotline:1", "--as", "water")
    absent = threecross("case", "hotline:999", "--as", "water")
    assert (hidden.code, absent.code) == (2, 2)
    assert hidden.err.replace("hotline:1", "") == absent.err.replace("hotline:999", "")


def test_who_asks_must_be_an_organisation(threecross: Run) -> None:
    said = threecross("cases", "--as", ":dispatcher")
    assert said.code == 2
    assert "names no organisation" in said.err


def test_times_are_those_of_the_facts(tables: Engine) -> None:
    with tables.connect() as connection:
        file = queries.case_file(connection, OTHER_CASE)
    assert file is not None
    assert file.case["more"]["links"][0]["at"].timestamp() * 1e6 == T0 + 4 * MINUTE
