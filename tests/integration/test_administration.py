"""Connectors under administration: the REST interface with its token, and the commands of `threecross connectors`.

One hub for all: a street behind two folders, and a company whose secret is missing at first.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from connectors import department
from connectors.running.guard import SETTING
from schemas import ids
from schemas.events import FeedCard
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.command_line import Run, runner
from tests.integration.connecting import Feed, Linked, linked, wait_until
from tests.integration.up import ROOT, environment

TOKEN = "a token that nobody guesses"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
COMPANY = "power"
STREET = """
[department]
org = "street"
kind = "drop"
subscription = "street"
poll_seconds = 0.2
[drop]
out = "{folder}/out"
back = "{folder}/back"
[delivery]
first_seconds = 0.1
longest_seconds = 0.3
rest_seconds = 0.3
"""
DOORBELL = """
import msgspec
from fastapi import APIRouter
from connectors.contract import Kind, Made

class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass

class Doorbell:
    def routes(self, _take):
        router = APIRouter()
        router.add_api_route("/ring", lambda: RINGS)
        return router

    def start(self, _take):
        pass

    def stop(self):
        pass

KIND = Kind("doorbell", Options, lambda _options, _around: Made(inlet=Doorbell()), "it rings")
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, kafka_settings: KafkaSettings, dsn: str) -> Iterator[Linked]:
    folder = tmp_path_factory.mktemp("administration")
    with linked(kafka_settings, HubSettings(f"t{uuid4().hex[:8]}", partitions=2), dsn, folder) as made:
        for name in ("out", "back"):
            (folder / name).mkdir()
        example = (department._examples() / f"{COMPANY}.toml").read_text("utf-8")
        made.department(COMPANY, example.replace("env:THREECROSS_POWER_SECRET", "file:secret"))
        made.department("street", STREET.format(folder=folder))
        made.start(**{SETTING: "env:ADMIN", "ADMIN": TOKEN, "THREECROSS_POWER_TOKEN": "x"})
        yield made


@pytest.fixture
def http(hub: Linked) -> Iterator[httpx.Client]:
    """The REST interface, asked with its token."""
    with httpx.Client(base_url=f"http://127.0.0.1:{hub.port}", headers=HEADERS, timeout=10) as client:
        yield client


@pytest.fixture
def threecross(hub: Linked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`threecross connectors …` on this hub."""
    with runner(capsys, monkeypatch) as run:
        given = {"data_dir": hub.folder / "data", "bootstrap": hub.kafka.bootstrap, "dsn": hub.dsn}
        given |= {"namespace": hub.hub.namespace, "departments": hub.departments}
        for name, value in given.items():
            monkeypatch.setenv(f"THREECROSS_{name.upper()}", str(value))
        yield lambda *words: run("connectors", *words)


def state(http: httpx.Client, name: str) -> str:
    return str(http.get(f"/connectors/{name}/status").json()["connector"]["state"])


# ------------------------------------------------------------ the token


def test_the_administration_asks_for_its_token_and_inlets_and_metrics_do_not(hub: Linked, http: httpx.Client) -> None:
    assert http.get("/connectors").json() == [COMPANY, "street"]
    with httpx.Client(base_url=f"http://127.0.0.1:{hub.port}", timeout=10) as stranger:
        assert stranger.get("/connectors").status_code == 401
        assert stranger.put("/connectors/street/pause").status_code == 401
        assert stranger.get("/connectors", headers={"Authorization": "Bearer guessed guessed guessed"}).is_client_error
        assert [stranger.get(path).status_code for path in ("/metrics", "/healthz", "/readyz")] == [200] * 3
        assert stranger.post(f"/in/{COMPANY}/events", content=b"{}").status_code in (401, 503)
    assert state(http, "street") == "RUNNING"
    assert TOKEN not in hub.log()


def test_connectors_that_strangers_could_administer_do_not_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "departments").mkdir()
    (tmp_path / "departments" / "street.toml").write_text(STREET.format(folder=tmp_path), "utf-8")
    given = {"THREECROSS_DATA_DIR": str(tmp_path), "THREECROSS_HTTP_HOST": "0.0.0.0"}
    command = [sys.executable, "-m", "ops.connecting"]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment() | given, capture_output=True, text=True, check=False, timeout=60
    )
    told = f"0.0.0.0 is not this machine alone, and the administration of connectors would be open there: set {SETTING}"
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"connectors: {told}")
    with runner(capsys, monkeypatch) as run:
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        refused = run("up")
    assert (refused.code, refused.err.startswith(told)) == (2, True)


# ------------------------------------------------------------ REST


def test_a_connector_that_lacked_its_secret_runs_when_it_is_there_and_it_was_started_anew(
    hub: Linked, http: httpx.Client
) -> None:
    (hub.departments / "secret").unlink(missing_ok=True)
    assert http.post(f"/connectors/{COMPANY}/restart").status_code == 204
    wait_until(lambda: state(http, COMPANY) == "FAILED", "the failure")
    assert "a secret should be there" in http.get(f"/connectors/{COMPANY}/status").json()["tasks"][0]["trace"]
    (hub.departments / "secret").write_text("agreed", "utf-8")
    assert http.post(f"/connectors/{COMPANY}/restart").status_code == 204
    wait_until(lambda: state(http, COMPANY) == "RUNNING", "the new life")
    assert http.post("/connectors/nobody/restart").status_code == 404


def test_a_configuration_is_shown_flat_and_without_secrets(http: httpx.Client) -> None:
    config = http.get(f"/connectors/{COMPANY}/config").json()
    assert (config["department.org"], config["rest.call_backs.secret"]) == ("power", "***")
    shown = http.get(f"/connectors/{COMPANY}").json()
    assert (shown["config"], shown["tasks"]) == (config, [{"connector": COMPANY, "task": 0}])
    assert set(http.get("/connectors", params={"expand": "status"}).json()) == {COMPANY, "street"}


def test_plugins_are_the_kinds(http: httpx.Client) -> None:
    plugins = {one["class"]: one for one in http.get("/connector-plugins").json()}
    assert {"drop", "rest", "exchange", "batches"} <= set(plugins)
    assert all(one["about"] for one in plugins.values())


def validated(http: httpx.Client, kind: str, body: Any) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http.put(f"/connector-plugins/{kind}/config/validate", content=content)


def test_a_file_is_validated_as_toml_or_tables_and_told_what_is_wrong(http: httpx.Client) -> None:
    good = validated(http, "drop", {"toml": STREET.format(folder="/x")}).json()
    assert (good["error_count"], good["configs"][0]["value"]["errors"]) == (0, [])
    tables = {"department": {"org": "street", "kind": "drop"}, "drop": {"out": "a"}}
    wrong = validated(http, "drop", tables).json()
    assert "missing required field `back`" in wrong["configs"][0]["value"]["errors"][0]
    rest = validated(http, "rest", {}).json()["configs"]
    assert {one["definition"]["name"]: one["definition"]["type"] for one in rest}["rest.token"] == "PASSWORD"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"toml": 1}', b'{"toml": "x = "}', b"\xff", b'{"department": 1}'])
def test_whatever_is_sent_to_be_validated_is_answered(http: httpx.Client, body: bytes) -> None:
    answer = validated(http, "drop", body)
    assert (answer.status_code, answer.json()["error_count"]) == (200, 1)


def test_there_is_no_validating_for_a_kind_that_is_not_there(http: httpx.Client) -> None:
    answer = validated(http, "telex", {})
    assert (answer.status_code, answer.json()["error_code"]) == (404, 404)
    assert "there are" in answer.json()["message"]


def test_a_file_of_another_kind_than_was_asked_for_is_wrong(http: httpx.Client) -> None:
    assert validated(http, "rest", {"toml": STREET.format(folder="/x")}).json()["error_count"] == 1


# ------------------------------------------------------------ commands


@pytest.fixture
def told(hub: Linked) -> Callable[[int], tuple[str, str]]:
    """A new case that the street hears so many items of; gives its id and number."""
    feed: Feed = FEEDS.setdefault(id(hub), hub.feed("street"))

    def tell(count: int) -> tuple[str, str]:
        number = uuid4().hex[:8]
        case = ids.case_id("chat", number)
        for seq in range(1, count + 1):
            feed.tell(case, seq, FeedCard(number, "filed"))
        return case, number

    return tell


FEEDS: dict[int, Feed] = {}


def done(hub: Linked, case: str) -> int:
    found = hub.rows("SELECT 1 FROM deliveries WHERE subject_id = CAST(:c AS uuid) AND state = 'acknowledged'", c=case)
    return len(found)


def test_connectors_are_listed_shown_and_checked(hub: Linked, threecross: Run) -> None:
    listed = {row["name"]: row for row in threecross("list", "--json").json["connectors"]}
    assert (listed["street"]["kind"], listed["street"]["silent"], listed["street"]["breaker"]) == (
        *("drop", False),
        "closed",
    )
    assert "street" in threecross("list").out
    shown = threecross("show", COMPANY).out
    assert "rest.call_backs" in shown
    assert "file:secret" not in shown
    missing = "street.toml: there is no subscription street: threecross feed subscribe FILE makes one"
    assert threecross("check", "street").out == f"{missing}\n"
    (hub.folder / "back").rename(hub.folder / "gone")
    wrong = threecross("check", "street", "--json")
    (hub.folder / "gone").rename(hub.folder / "back")
    assert (wrong.code, wrong.json["good"]) == (1, False)
    assert wrong.json["problems"][0] == missing
    assert "is no folder" in wrong.json["problems"][1]


@pytest.mark.parametrize("command", ["show", "pause", "resume", "restart"])
def test_a_connector_that_is_not_there_cannot_be_asked_for(threecross: Run, command: str) -> None:
    refused = threecross(command, "nobody")
    assert refused.code == 2
    assert "no connector nobody" in refused.err


def test_a_file_is_validated_by_command(hub: Linked, threecross: Run, tmp_path: Path) -> None:
    good = hub.departments / "street.toml"
    (bad := tmp_path / "street.toml").write_text(good.read_text("utf-8").replace("out =", "oot ="), "utf-8")
    read = threecross("validate", good)
    assert (read.code, "kind drop" in read.out) == (0, True)
    refused = threecross("validate", bad, "--json")
    assert (refused.code, refused.json["good"]) == (1, False)
    assert "unknown field `oot`" in refused.json["problem"]


def test_a_pause_by_command_holds_until_it_is_resumed(
    hub: Linked, threecross: Run, http: httpx.Client, told: Callable[[int], tuple[str, str]]
) -> None:
    assert "follows within a second" in threecross("pause", "street").out
    wait_until(lambda: state(http, "street") == "PAUSED", "the pause")
    case, _ = told(1)
    assert threecross("resume", "street", "--json").json == {"name": "street", "wish": "is to be running"}
    wait_until(lambda: done(hub, case) == 1, "the delivery")


def test_what_is_owed_is_listed_and_a_case_is_tried_again_by_its_number(
    hub: Linked, threecross: Run, told: Callable[[int], tuple[str, str]]
) -> None:
    case, number = told(2)
    wait_until(lambda: done(hub, case) == 2, "two deliveries")
    rows = threecross("deliveries", "street", "--case", number, "--json").json["deliveries"]
    assert [(row["step"], row["state"]) for row in rows] == [
        ("introduced-1", "acknowledged"),
        ("introduced-2", "acknowledged"),
    ]
    for row in rows:
        (hub.folder / "out" / f"{row['key']}.json").unlink()
    assert threecross("replay", "street", "--case", number, "--who", "li", "--json").json["deliveries"] == 2
    wait_until(lambda: all((hub.folder / "out" / f"{row['key']}.json").exists() for row in rows), "both once more")
    (noted,) = [
        row for row in threecross("show", "street", "--json").json["replays"] if row["what"].get("case") == case
    ]
    assert (noted["who"], noted["deliveries"]) == ("li", 2)


def test_what_failed_for_good_is_given_up_and_the_rest_goes_on(
    hub: Linked, threecross: Run, told: Callable[[int], tuple[str, str]]
) -> None:
    threecross("pause", "street")
    wait_until(lambda: hub.rows("SELECT 1 FROM connector_states WHERE state = 'paused'"), "the pause")
    case, number = told(2)
    threecross("resume", "street")
    wait_until(lambda: done(hub, case) == 2, "two deliveries")
    with hub.engine.begin() as c:  # as a department would have refused the first and so held up the second
        update = "UPDATE deliveries SET state = CASE seq WHEN 1 THEN 'dead' ELSE 'parked' END WHERE subject_id = '{}'"
        c.exec_driver_sql(update.format(case))
    held = threecross("parked", "street", "--json").json["deliveries"]
    assert [row["state"] for row in held if row["case"] == case] == ["dead", "parked"]
    (dead,) = [row["id"] for row in held if row["case"] == case and row["state"] == "dead"]
    assert threecross("give-up", "street", "--delivery", dead + 1, "--reason", "no").code == 2
    given_up = threecross("give-up", "street", "--delivery", dead, "--reason", "told by phone", "--json")
    assert given_up.json["go_on"] == 1
    wait_until(lambda: done(hub, case) == 1, "the second step")
    assert number in threecross("deliveries", "street", "--state", "given-up").out


def test_a_replay_must_say_what(threecross: Run) -> None:
    assert threecross("replay", "street").code == 2
    assert "never been told" in threecross("replay", "street", "--case", "nothing").err
    assert threecross("replay", "street", "--delivery", 0).code == 2


def test_a_department_joins_while_the_hub_runs_with_a_kind_of_its_own(
    hub: Linked, threecross: Run, http: httpx.Client
) -> None:
    refused = threecross("add", "registry")
    assert (refused.code, "registry.toml: cannot be read" in refused.err) == (2, True)
    (hub.departments / "doorbell").mkdir()
    (hub.departments / "doorbell" / "__init__.py").write_text(DOORBELL.replace("RINGS", "1"), "utf-8")
    hub.department("registry", '[department]\norg = "registry"\nkind = "doorbell"\n')
    assert threecross("add", "registry").out == (
        "registry joins; its process follows within a second, or when it next starts.\n"
    )
    wait_until(lambda: "registry" in http.get("/connectors").json(), "its joining")
    wait_until(lambda: state(http, "registry") == "RUNNING", "its start")
    assert httpx.get(f"http://127.0.0.1:{hub.port}/in/registry/ring").json() == 1
    assert {one["name"] for one in threecross("kinds", "--json").json["kinds"]} >= {"doorbell", "drop"}
    assert "doorbell" in {one["class"] for one in http.get("/connector-plugins").json()}
    (hub.departments / "doorbell" / "__init__.py").write_text(DOORBELL.replace("RINGS", "2"), "utf-8")
    threecross("restart", "registry")
    wait_until(lambda: httpx.get(f"http://127.0.0.1:{hub.port}/in/registry/ring").json() == 2, "its new code")


def test_a_file_that_was_changed_holds_after_a_restart_and_a_wrong_one_is_told(
    hub: Linked, threecross: Run, http: httpx.Client
) -> None:
    good = (hub.departments / "street.toml").read_text("utf-8")
    hub.department("street", good.replace("[drop]", "[drop]\nloud = true"))
    threecross("restart", "street")
    wait_until(lambda: state(http, "street") == "FAILED", "the failure")
    assert "unknown field `loud`" in http.get("/connectors/street/status").json()["tasks"][0]["trace"]
    hub.department("street", good.replace("poll_seconds = 0.2", "poll_seconds = 0.1"))
    threecross("restart", "street")
    wait_until(lambda: state(http, "street") == "RUNNING", "its new life")
    assert http.get("/connectors/street/config").json()["department.poll_seconds"] == "0.1"


def test_kinds_are_listed(threecross: Run) -> None:
    assert {one["name"] for one in threecross("kinds", "--json").json["kinds"]} >= {"drop", "rest"}
    assert "drop" in threecross("kinds").out
