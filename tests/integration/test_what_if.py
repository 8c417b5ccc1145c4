"""What-if on real servers: it says what would be, and leaves every topic and every table as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import text

from ops.reference.documents import Document
from ops.reference.loading import By, load
from schemas import ids
from schemas.events import Calendar, CalendarYear, File, HandBack, Standard, Window
from schemas.wire.clients import consumer_arguments
from tests.builders import CENTRE, CONDITION, SYSTEM, claim, dispatch, report
from tests.clock_samples import at
from tests.command_line import Run, runner
from tests.integration.engine import Hub, wait_until

JANUARY = at("01-01 00:00")
OFFICE = (Window(480, 720), Window(840, 1080))
CHINA = Calendar("china", "1", "Asia/Shanghai", OFFICE, (6, 7), (CalendarYear(2026, (), ()),))
CITED = f"{CONDITION.scheme} {CONDITION.version}"
STANDARD = Standard(CONDITION.scheme, CONDITION.version, "0105", "pole", CONDITION.code, "leans", 2, "working_day")
LOADED = (
    Document("calendars", "china", (CHINA,), valid_from=JANUARY),
    Document("standards", CITED, (STANDARD,), valid_from=JANUARY),
)
SHORTER = f"""
kind = "standards"
name = "{CONDITION.scheme} next"
[[items]]
scheme = "{CONDITION.scheme}"
version = "next"
type_code = "0105"
type_name = "pole"
condition = "{CONDITION.code}"
filing = "leans"
limit_amount = 1
limit_unit = "working_day"
"""
MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


@pytest.fixture
def threecross(hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on the hub, found by its addresses."""
    where = ("--bootstrap", hub.kafka.bootstrap, "--namespace", hub.settings.namespace)
    with runner(capsys, monkeypatch) as run:
        monkeypatch.setenv("THREECROSS_PARTITIONS", str(hub.settings.partitions))
        yield lambda *words: run(*words, *where)


@pytest.fixture
def march(hub: Hub) -> Hub:
    """Three cases, each handed back on the day after its dispatch, judged by two working days; views have seen them."""
    load(hub.kafka, hub.settings, LOADED, By("centre", "steward"), JANUARY)
    reader = hub.reference()
    hub.casework(reader=reader)
    hub.views(reader=reader)
    told = [
        claim(body, number=number, by=by, at=when)
        for number in ("1", "2", "3")
        for body, by, when in (
            (report(), None, at("03-02 08:00")),
            (File(CONDITION), CENTRE, at("03-02 08:10")),
            (dispatch(), CENTRE, at("03-02 09:00")),
            (HandBack("telecom"), None, at("03-02 10:00")),
            (HandBack("power"), None, at("03-03 16:00")),
        )
    ]
    hub.send(told)
    wait_until(
        lambda: {r.seq for r in hub.rows().values()} and views_have_all(hub, told), "the views to have come to it"
    )
    return hub


def views_have_all(hub: Hub, told: list[Any]) -> bool:
    facts = hub.facts()
    seqs = {fact.meta.subject.id: fact.meta.seq for fact in facts}
    decided = {fact.meta.claim_id for fact in facts} >= {one.meta.claim_id for one in told}
    return decided and {case: row.seq for case, row in hub.rows().items()} == seqs


def everything(hub: Hub) -> dict[str, Any]:
    """The end of every partition of every topic there is, and count and checksum of the rows of every table."""
    with hub.engine.connect() as connection:
        named = text("SELECT table_name FROM information_schema.tables WHERE table_schema = :s ORDER BY 1")
        names = [row.table_name for row in connection.execute(named, {"s": hub.settings.sql_schema})]
        rows = {
            name: tuple(
                connection.execute(text(_CHECKSUM.format(table=name))).one()
            )  # the names are the database's own
            for name in names
        }
    consumer = KafkaConsumer(**consumer_arguments(hub.kafka))
    try:
        every = [TopicPartition(t, p) for t in consumer.topics() for p in consumer.partitions_for_topic(t) or ()]
        ends = {(tp.topic, tp.partition): end for tp, end in consumer.end_offsets(every).items()}
    finally:
        consumer.close()
    assert rows
    assert ends
    return {"rows": rows, "ends": ends}


_CHECKSUM = "SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"


def test_a_shorter_standard_makes_late_what_was_in_time_and_nothing_is_written(
    march: Hub, threecross: Run, tmp_path: Path
) -> None:
    path = tmp_path / "shorter.toml"
    path.write_text(SHORTER, "utf-8")
    before = everything(march)
    result = threecross("what-if", "--standard", path, *MARCH, "--json")
    assert result.code == 0, result.err
    assert everything(march) == before
    found = result.json
    assert (found["instead_of"], found["reference"], found["cases"]) == ([CITED], 2, 3)
    power = [one for one in found["changes"] if one["party"] == "power"]
    assert {one["case_id"] for one in power} == {ids.case_id(SYSTEM, number) for number in ("1", "2", "3")}
    assert {(one["clock"], one["before"]["verdict"], one["after"]["verdict"]) for one in power} == {
        ("disposal", "met", "overdue")
    }
    assert {(one["before"]["due_at"], one["after"]["due_at"]) for one in power} == {
        ("2026-03-04T01:00:00+00:00", "2026-03-03T01:00:00+00:00")
    }
    assert found["changed"] == sum(one["clocks"] for one in found["transitions"]) == len(found["changes"])
    for side in ("before", "after"):
        assert sum(found["verdicts"][side].values()) == found["clocks"]


def test_one_record_or_one_row_would_have_been_seen(march: Hub) -> None:
    before = everything(march)
    march.rogue("deadletters", 0, b"x")
    after_a_record = everything(march)
    assert after_a_record != before
    march.execute("UPDATE cases SET number = 'x' WHERE case_id = (SELECT min(case_id::text)::uuid FROM cases)")
    assert everything(march)["rows"] != after_a_record["rows"]


def test_in_words_it_says_each_clock_and_the_totals(march: Hub, threecross: Run, tmp_path: Path) -> None:
    path = tmp_path / "shorter.toml"
    path.write_text(SHORTER, "utf-8")
    said = threecross("what-if", "--standard", path, *MARCH)
    assert said.code == 0, said.err
    assert "met → overdue" in said.out
    assert "2026-03-04 09:00:00" in said.out
    assert f"in the place of {CITED}" in said.out


def test_the_same_standard_changes_nothing_and_another_calendar_moves_due_times(
    march: Hub, threecross: Run, tmp_path: Path
) -> None:
    path = tmp_path / "same.toml"
    path.write_text(SHORTER.replace("limit_amount = 1", "limit_amount = 2"), "utf-8")
    same = threecross("what-if", "--standard", path, *MARCH, "--json").json
    assert (same["changes"], same["moved"]) == ([], 0)
    assert same["clocks"] > 0
    shipped = Path(__file__).parents[2] / "ops/reference/calendars/new_york.toml"
    other = threecross("what-if", "--calendar", shipped, *MARCH, "--json").json
    assert other["instead_of"] == ["china"]
    assert other["moved"] + other["changed"] > 0


def test_a_document_in_the_place_of_nothing_is_one_sentence(march: Hub, threecross: Run, tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(SHORTER.replace(CONDITION.scheme, "other"), "utf-8")
    result = threecross("what-if", "--standard", path, *MARCH)
    assert (result.code, result.out) == (2, "")
    assert f"loaded are {CITED}; name one with --instead-of." in result.err
