"""One command runs a hub of its own, and nothing of it is left when it has ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import pytest

from ops.doctor import ask
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.up import PATIENCE, ROOT, Up, argv, environment, up


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A hub with its own servers."""
    with up(tmp_path_factory.mktemp("up") / "hub", "--partitions", "2") as running:
        yield running


@pytest.fixture
def given(kafka_settings: KafkaSettings, dsn: str, hub_settings: HubSettings) -> tuple[str, ...]:
    """Servers that run already, as options."""
    servers = ("--bootstrap", kafka_settings.bootstrap, "--dsn", dsn)
    return (*servers, "--namespace", hub_settings.namespace, "--partitions", "1")


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv(*words), capture_output=True, text=True, check=False, env=environment(), timeout=PATIENCE
    )


def test_it_says_where_everything_is(hub: Up) -> None:
    assert hub.ready["http"].keys() == {"casework", "clocks", "links", "views", "outbox"}
    assert hub.ready["pids"].keys() == {"Kafka", "PostgreSQL", "casework", "clocks", "links", "views", "outbox"}
    assert json.loads((hub.data_dir / "run/hub.json").read_text())["bootstrap"] == hub.ready["bootstrap"]


@pytest.mark.parametrize("processor", ["casework", "clocks", "links", "views", "outbox"])
def test_every_process_serves_health_readiness_and_metrics(hub: Up, processor: str) -> None:
    address = hub.ready["http"][processor]
    assert ask(f"{address}/healthz") == {"alive": True}
    ready = ask(f"{address}/readyz")
    assert ready is not None
    assert ready["processors"][processor]["partitions"] == {"0": "working", "1": "working"}
    with urlopen(f"{address}/metrics") as answer:
        text = answer.read().decode()
    assert f'threecross_partitions_assigned{{processor="{processor}"}} 2.0' in text
    assert "threecross_cases_overdue 0.0" in text or processor != "views"


def test_each_process_leaves_a_note_with_its_port(hub: Up) -> None:
    note = json.loads((hub.data_dir / "run/views.json").read_text())
    assert hub.ready["http"]["views"].endswith(f":{note['port']}")
    assert note["pid"] == hub.ready["pids"]["views"]


def test_logs_are_json_lines_in_the_data_directory(hub: Up) -> None:
    for process in ("hub", "casework", "clocks", "links", "views", "outbox"):
        lines = (hub.data_dir / f"log/{process}.jsonl").read_text("utf-8").splitlines()
        assert all("event" in json.loads(line) for line in lines)


def test_a_second_hub_on_the_same_directory_is_refused_in_one_sentence(hub: Up) -> None:
    second = run("up", "--data-dir", hub.data_dir)
    assert second.returncode == 2
    assert second.stderr.startswith(f"The data directory is in use by another hub ({hub.data_dir}, process")
    assert second.stderr.count("\n") == 1
    assert hub.process.poll() is None


def test_another_number_of_partitions_on_the_same_servers_is_refused(hub: Up, tmp_path: Path) -> None:
    dsn = json.loads((hub.data_dir / "run/hub.json").read_text())["dsn"]
    words = ("--bootstrap", hub.ready["bootstrap"], "--dsn", dsn, "--partitions", "3")
    other = run("up", "--data-dir", tmp_path, *words)
    assert other.returncode == 2
    assert other.stderr.startswith("This hub has 2 partitions on Kafka, but 3 were asked for")


def test_doctor_finds_nothing_wrong(hub: Up) -> None:
    found = run("doctor", "--data-dir", hub.data_dir, "--json")
    assert (found.returncode, json.loads(found.stdout)["wrong"]) == (0, 0), found.stdout


def test_a_process_that_was_killed_is_started_again_on_its_port(hub: Up) -> None:
    address, pid = hub.ready["http"]["views"], hub.ready["pids"]["views"]
    psutil.Process(pid).kill()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        report = ask(f"{address}/readyz")
        note = json.loads((hub.data_dir / "run/views.json").read_text())
        if report and report["ready"] and note["pid"] != pid:
            return
        time.sleep(0.1)
    raise AssertionError((hub.data_dir / "log/views.jsonl").read_text())


def worker(hub: Up, *words: str) -> subprocess.Popen[str]:
    """A further worker of this hub, started by hand."""
    note = json.loads((hub.data_dir / "run/hub.json").read_text())
    told = {name.upper(): str(note[name]) for name in ("bootstrap", "dsn", "namespace", "partitions")}
    settings = {f"THREECROSS_{name}": value for name, value in {**told, "DATA_DIR": str(hub.data_dir)}.items()}
    command = [sys.executable, "-m", "ops.worker", *words]
    return subprocess.Popen(command, env={**environment(), **settings}, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def wait_for_note(hub: Up, name: str) -> dict[str, Any]:
    """The note of a process, once it is ready."""
    path = hub.data_dir / f"run/{name}.json"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if path.is_file():
            note = json.loads(path.read_text())
            report = ask(f"http://127.0.0.1:{note['port']}/readyz")
            if report and report["ready"]:
                return dict(note)
        time.sleep(0.05)
    raise AssertionError((hub.data_dir / f"log/{name}.jsonl").read_text())


def test_a_further_worker_joins_and_ends_when_told(hub: Up) -> None:
    second = worker(hub, "casework", "--instance", "2")
    assert wait_for_note(hub, "casework-2")["pid"] == second.pid
    second.terminate()
    assert second.wait(PATIENCE) == 0
    assert wait_for_note(hub, "casework")["pid"] == hub.ready["pids"]["casework"]


def test_a_second_worker_in_the_same_place_is_one_sentence(hub: Up) -> None:
    second = worker(hub, "casework")
    said = second.communicate(timeout=PATIENCE)[1]
    assert second.returncode == 2
    assert said.startswith("casework: Worker 1 of casework runs already on this data directory (")
    assert said.count("\n") == 1


def test_a_taken_http_port_is_one_sentence(hub: Up, tmp_path: Path) -> None:
    port = hub.ready["http"]["casework"].rpartition(":")[2]
    other = run("up", "--data-dir", tmp_path, "--http-port", port)
    assert other.returncode == 2
    assert other.stderr == f"The HTTP port is taken (port {port}): end what listens there, or say --http-port 0.\n"


def test_on_ctrl_c_it_ends_in_order_and_leaves_no_process(tmp_path: Path) -> None:
    with up(tmp_path / "hub", "--partitions", "1") as hub:
        everything = hub.everything()
        assert len(everything) >= 5
        assert hub.stop(signal.SIGINT) == 0
    _, alive = psutil.wait_procs(everything, timeout=5)
    assert alive == []
    assert list((tmp_path / "hub/run").glob("*.json")) == []
    assert '"event": "process ended"' in (tmp_path / "hub/log/casework.jsonl").read_text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -9)])
def test_however_it_ends_nothing_outlives_it(number: int, code: int, given: tuple[str, ...], tmp_path: Path) -> None:
    with up(tmp_path / "hub", *given, "--only", "casework") as hub:
        everything = hub.everything()
        assert hub.ready["pids"].keys() == {"casework"}
        assert hub.stop(number) == code
    _, alive = psutil.wait_procs(everything, timeout=30)
    assert alive == []
