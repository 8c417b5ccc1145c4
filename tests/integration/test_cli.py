"""The commands on a running hub: what was brought in is found, replayed, compared; what is wrong is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from sqlalchemy import Engine, text

from ops.database import engine
from ops.lag import waiting
from ops.provision import read_epoch
from ops.queries import next_offsets
from schemas import codec, ids
from schemas.events import (
    Actor,
    ClaimMeta,
    File,
    LogWork,
    OpenAccount,
    OpenPlan,
    Source,
    Step,
    Subject,
    SubjectKindSymbol,
)
from schemas.wire.clients import producer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from tests import builders
from tests.command_line import Run, runner
from tests.integration.up import ROOT, Up, up

HUB = HubSettings("cli", partitions=2)
ROWS = (ROOT / "ops/demo/nyc311.csv").read_text("utf-8").splitlines()[:41]
LATE = "nyc311:39573572"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, kafka_settings: KafkaSettings, dsn: str) -> Iterator[Up]:
    """A hub on the session's servers."""
    words = ("--bootstrap", kafka_settings.bootstrap, "--dsn", dsn, "--namespace", HUB.namespace, "--partitions", "2")
    with up(tmp_path_factory.mktemp("cli") / "hub", *words) as running:
        yield running


@pytest.fixture(scope="module")
def tables(dsn: str, hub: Up) -> Iterator[Engine]:
    """The hub's tables."""
    bound = engine(dsn, HUB.sql_schema, pool=1)
    yield bound
    bound.dispose()


@pytest.fixture
def threecross(hub: Up, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on the hub, found by its data directory."""
    with runner(capsys, monkeypatch) as run:
        yield lambda *words: run(*words, "--data-dir", hub.data_dir)


def settle(kafka: KafkaSettings, tables: Engine) -> None:
    """Wait until casework and views have nothing left to do."""
    epoch = read_epoch(kafka, HUB)
    assert epoch is not None
    while True:
        with tables.connect() as connection:
            offsets = next_offsets(connection)
        left = waiting(kafka, HUB, epoch.epoch, offsets)
        if not left.claims + left.facts:
            return


@pytest.fixture
def imported(threecross: Run, tmp_path: Path, kafka_settings: KafkaSettings, tables: Engine) -> dict[str, Any]:
    """Forty requests of New York and one row that is wrong."""
    path = tmp_path / "requests.csv"
    bad = ROWS[1].replace("39573567", "1").replace("06/26/2018 10:58:54 AM", "yesterday")
    path.write_text("\n".join([*ROWS, bad]) + "\n", "utf-8")
    result = threecross("import", path, "--mapping", "nyc311", "--skip-bad-rows", "--json")
    assert result.code == 0, result.err
    settle(kafka_settings, tables)
    return dict(result.json)


def test_a_file_with_a_bad_row_is_refused_as_a_whole(threecross: Run, tmp_path: Path) -> None:
    path = tmp_path / "requests.csv"
    path.write_text("\n".join([*ROWS, ROWS[1].replace("06/26/2018 10:58:54 AM", "yesterday")]) + "\n", "utf-8")
    result = threecross("import", path, "--mapping", "nyc311")
    assert result.code == 2
    assert 'line 42, column "Created Date": "yesterday"' in result.err
    assert result.err.rstrip().endswith("Nothing was sent.")


def test_importing_again_sends_nothing(imported: dict[str, Any], threecross: Run, tmp_path: Path) -> None:
    again = threecross("import", tmp_path / "requests.csv", "--department", "nyc311", "--skip-bad-rows", "--json").json
    assert (again["sent"], again["already_known"]) == (0, again["claims"])
    assert again["claims"] == imported["claims"] > 40


@pytest.mark.usefixtures("imported")
def test_cases_are_listed_and_chosen(threecross: Run) -> None:
    listed = threecross("cases", "--json").json
    assert (listed["total"], listed["shown"]) == (40, 40)
    late = threecross("cases", "--late", "--lead", "DOF", "--json").json["cases"]
    assert all(case["light"] == "red" and case["lead"] == "DOF" for case in late)
    assert LATE.partition(":")[2] in {case["source_number"] for case in late}
    queens = threecross("cases", "--division", "036081", "--limit", "3", "--json").json
    assert queens["shown"] == 3 < queens["total"]
    assert LATE in threecross("cases", "--stage", "closed").out


@pytest.mark.usefixtures("imported")
def test_a_case_is_found_by_id_number_and_the_sources_number(threecross: Run) -> None:
    by_source = threecross("case", LATE, "--json").json
    case = by_source["case"]
    assert case["case_id"] == ids.case_id(*LATE.split(":"))
    assert (case["stage"], case["light"], case["late"]) == ("closed", "red", True)
    assert [party["org"] for party in by_source["parties"]] == ["DOF"]
    spoken = case["number"].replace("-", " ")
    assert threecross("case", case["number"], "--json").json == by_source
    assert threecross("case", spoken, "--json").json == by_source
    assert threecross("case", case["case_id"].upper(), "--json").json == by_source
    assert "promised) · late" in threecross("case", LATE).out


@pytest.mark.usefixtures("imported")
def test_a_number_with_two_digits_swapped_is_recognised_as_misspoken(threecross: Run) -> None:
    number = threecross("case", LATE, "--json").json["case"]["number"]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    result = threecross("case", wrong)
    assert (result.code, "its check digit is wrong" in result.err) == (2, True)


@pytest.mark.parametrize("wanted", ["nyc311:none", "00000000-0000-4000-8000-000000000009", "lamp"])
def test_an_unknown_case_is_one_sentence(wanted: str, threecross: Run) -> None:
    for command in ("case", "replay", "explain"):
        result = threecross(command, wanted)
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert wanted in result.err


@pytest.mark.usefixtures("imported")
def test_a_case_is_replayed_from_kafka_and_the_views_agree(threecross: Run) -> None:
    result = threecross("replay", LATE, "--json")
    assert (result.code, result.json["wrong"], result.json["views_behind"]) == (0, [], 0)
    types = [fact["type"] for fact in result.json["facts"]]
    assert types == ["Reported", "Filed", "Dispatched", "Committed", "Warned", "RanOut", "Closed"]
    assert [fact["meta"]["seq"] for fact in result.json["facts"]] == [1, 2, 3, 4, 5, 6, 7]
    assert "The views are the fold of these facts." in threecross("replay", LATE).out


@pytest.mark.usefixtures("imported")
def test_a_late_case_is_explained(threecross: Run) -> None:
    result = threecross("explain", LATE, "--json")
    (clock,) = result.json["clocks"]
    assert (result.code, clock["clock"], clock["verdict"], clock["light"]) == (0, "closure", "overdue", "red")
    assert clock["used_us"] == sum(interval["used_us"] for interval in clock["intervals"])
    assert clock["used_us"] > clock["limit_us"]
    assert "verdict: overdue, red" in threecross("explain", LATE, "--clock", "closure").out
    assert "结论:超时,红灯" in threecross("explain", LATE, "--lang", "zh").out


@pytest.mark.usefixtures("imported")
def test_before_it_was_told_there_was_nothing_to_explain(threecross: Run) -> None:
    assert threecross("explain", LATE, "--as-of", "2018-01-01", "--json").json["clocks"] == []


@pytest.mark.parametrize(
    "wrong", [("--clock", "speed"), ("--as-of", "yesterday"), ("--lang", "fr")], ids=lambda pair: pair[0]
)
def test_what_cannot_be_explained_is_one_sentence(wrong: tuple[str, str], threecross: Run) -> None:
    result = threecross("explain", LATE, *wrong)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert wrong[1] in result.err


@pytest.mark.usefixtures("imported")
def test_a_view_that_was_changed_by_hand_is_found(threecross: Run, tables: Engine) -> None:
    update = text("UPDATE cases SET lead = :lead WHERE source_number = '39573572'")
    with tables.begin() as connection:
        connection.execute(update, {"lead": "NYPD"})
    try:
        result = threecross("replay", LATE)
        assert result.code == 1
        assert "The views differ: lead is 'NYPD', by the facts 'DOF'" in result.out
    finally:
        with tables.begin() as connection:
            connection.execute(update, {"lead": "DOF"})


def send(kafka: KafkaSettings, key: bytes, value: bytes) -> None:
    producer = KafkaProducer(**producer_arguments(kafka))
    producer.send(HUB.topic("claims"), key=key, value=value).get(timeout=30)
    producer.close()


@pytest.mark.usefixtures("imported")
def test_a_refused_claim_is_marked_with_its_rule(
    threecross: Run, kafka_settings: KafkaSettings, tables: Engine
) -> None:
    system, number = LATE.split(":")
    subject = Subject("case", ids.case_id(system, number))
    meta = ClaimMeta(
        ids.claim_id(system, number, "File", "again"), subject, builders.T0, builders.CENTRE, Source(system, number)
    )
    send(kafka_settings, subject.id.encode(), codec.encode(meta, File()))
    settle(kafka_settings, tables)
    (refusal,) = threecross("case", LATE, "--json").json["refusals"]
    assert refusal["rule"] == "File.stage"
    shown = threecross("replay", LATE)
    assert (shown.code, "refused" in shown.out, "File.stage" in shown.out) == (0, True, True)


@pytest.mark.usefixtures("imported")
def test_what_could_not_be_read_is_listed_and_opened_and_the_look_is_recorded(
    threecross: Run, kafka_settings: KafkaSettings, tables: Engine, tmp_path: Path
) -> None:
    send(kafka_settings, b"somewhere", b"\xffno frame")
    settle(kafka_settings, tables)
    letters = {one["stage"]: one for one in threecross("deadletters", "--json").json["dead_letters"]}
    assert letters["casework"]["reason"] == "not-a-frame"
    assert letters["casework"]["position"].startswith("cli.claims, partition ")
    assert "line 42" in letters["nyc311"]["detail"]
    out = tmp_path / "bytes"
    opened = threecross("deadletters", "--open", letters["casework"]["id"], "--purpose", "repair", "--out", out)
    assert (opened.code, out.read_bytes()) == (0, b"\xffno frame")
    row = threecross("deadletters", "--open", letters["nyc311"]["id"], "--purpose", "repair", "--who", "zhang")
    assert row.out.startswith("1,yesterday,")
    with tables.connect() as connection:
        looks = connection.execute(text("SELECT who, purpose, outcome FROM vault_looks ORDER BY id DESC LIMIT 1")).one()
    assert tuple(looks) == ("zhang", "repair", "shown")


@pytest.mark.usefixtures("imported")
def test_opening_needs_a_purpose_that_the_role_may_have(threecross: Run) -> None:
    letters = threecross("deadletters", "--json").json["dead_letters"]
    refused = threecross("deadletters", "--open", letters[0]["id"], "--purpose", "dispatch")
    assert (refused.code, refused.out) == (2, "")
    assert "may not look at a dead_letter for the purpose 'dispatch'" in refused.err
    assert threecross("deadletters", "--open", "0-99999", "--purpose", "repair").code == 2


def test_topics_are_as_declared(threecross: Run) -> None:
    listed = threecross("topics", "--json")
    assert listed.code == 0
    assert {topic["topic"] for topic in listed.json["topics"]} >= {"claims", "facts", "positions", "deadletters", "hub"}
    assert all(topic["wrong"] == [] for topic in listed.json["topics"])


def test_topics_that_are_not_there_are_found(threecross: Run) -> None:
    result = threecross("topics", "--namespace", "nowhere")
    assert (result.code, "is not there" in result.out) == (1, True)


def test_doctor_finds_nothing_wrong(threecross: Run, imported: dict[str, Any]) -> None:
    result = threecross("doctor", "--json")
    findings = {finding["what"]: finding for finding in result.json["findings"]}
    assert (result.code, result.json["wrong"]) == (0, 0), json.dumps(result.json, indent=1)
    assert findings["casework lag"]["says"] == "0 claims wait"
    assert {"casework", "views", "kafka", "topics", "postgresql", "tables", "disk"} <= findings.keys()


def test_the_vault_shows_and_erases_by_role(threecross: Run, hub: Up, tables: Engine) -> None:
    from ops.vault import open_vault

    ref = open_vault(tables, hub.data_dir / "vault.key").put_text("路灯坏了").ref
    assert threecross("vault", "get", ref, "--role", "party", "--purpose", "disposal").out == "路灯坏了\n"
    assert threecross("vault", "get", ref, "--role", "party", "--purpose", "callback").code == 2
    assert threecross("vault", "erase", ref, "--role", "privacy_officer", "--json").json["erased"] == 1
    gone = threecross("vault", "get", ref, "--role", "party", "--purpose", "disposal")
    assert (gone.code, "has been erased" in gone.err) == (2, True)
    outcomes = [look["outcome"] for look in threecross("vault", "looks", ref, "--json").json["looks"]]
    assert outcomes == ["shown", "not-allowed", "destroyed", "erased"]


def test_a_worker_a_household_and_an_account_are_shown_from_their_facts(
    threecross: Run, kafka_settings: KafkaSettings, tables: Engine
) -> None:
    worker = Actor("street", "grid_worker", builders.PERSON)
    said: list[tuple[Any, SubjectKindSymbol, str, str]] = [
        (LogWork("patrol", "g1"), "worker", "person", builders.PERSON),
        (OpenPlan("street", builders.T0 + 10**12, (Step("ramp", "power"),)), "household", "registry", "7"),
        (OpenAccount(builders.PERSON, "bank"), "account", "bank", "7"),
    ]
    for body, kind, system, number in said:
        subject = Subject(kind, ids.subject_id(kind, system, number))
        claim_id = ids.claim_id(system, number, type(body).__name__, "1")
        meta = ClaimMeta(claim_id, subject, builders.T0, worker, Source(system, number))
        send(kafka_settings, subject.id.encode(), codec.encode(meta, body))
    settle(kafka_settings, tables)
    log = threecross("subject", "worker", f"person:{builders.PERSON}", "--json").json
    assert (log["totals"], log["log"][0]["grid"]) == ({"patrol": 1}, "g1")
    plan = threecross("subject", "household", "registry:7")
    assert (plan.code, "ramp" in plan.out) == (0, True)
    account = threecross("subject", "account", ids.subject_id("account", "bank", "7"), "--json").json
    assert (account["balance"], account["movements"]) == (0, [])
    unknown = threecross("subject", "group", "registry:7")
    assert (unknown.code, "No fact is about the group" in unknown.err) == (2, True)
    assert threecross("subject", "group", "nothing").code == 2
