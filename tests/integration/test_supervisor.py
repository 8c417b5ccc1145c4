"""The supervisor: what it starts, starts again, gives up on, and takes down with it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient

from ops.embedded.datadir import DataDir
from ops.embedded.kafka import EmbeddedKafka
from ops.restarts import RestartPolicy
from ops.stop import Stop
from ops.supervisor import CANNOT_RUN, DONE, Child, Supervisor
from schemas.wire.clients import admin_arguments
from schemas.wire.settings import KafkaSettings

SLEEP = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)
QUICK = RestartPolicy(delays=(0.0, 0.05, 0.05), healthy_after=30.0)


def python(name: str, code: str, *arguments: str, ready_url: str | None = None) -> Child:
    return Child(name, (sys.executable, "-c", code, *arguments), ready_url)


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


class Run:
    """A supervisor that runs in a thread, as a program without signals would use it."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.supervisor = supervisor
        self.stop = Stop()
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.code = self.supervisor.run(self.stop)

    def wait(self) -> int | None:
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.code


@contextmanager
def running(supervisor: Supervisor) -> Iterator[Run]:
    run = Run(supervisor)
    run.thread.start()
    try:
        yield run
    finally:
        run.stop.press()
        run.stop.press()
        run.wait()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Where the children print."""
    return tmp_path / "output"


def supervise(output: Path, *children: Child, grace: float = 10.0) -> Supervisor:
    return Supervisor([], lambda: children, output=output.open("wb"), policy=QUICK, grace=grace)


def test_children_run_until_it_is_stopped_and_no_longer(output: Path) -> None:
    with running(supervise(output, python("a", SLEEP), python("b", SLEEP))) as run:
        assert run.supervisor.all_ready.wait(30)
        pids = run.supervisor.pids()
        assert set(pids) == {"a", "b"}
        run.stop.press()
        assert run.wait() == DONE
    assert not any(map(psutil.pid_exists, pids.values()))


def test_what_children_print_arrives(output: Path) -> None:
    with running(supervise(output, python("a", "print('good morning', flush=True);" + SLEEP))):
        until(lambda: b"good morning" in output.read_bytes())


SERVE = """
import http.server, sys, time
time.sleep(0.5)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


def test_a_child_is_ready_when_its_address_says_so(output: Path, free_port: int) -> None:
    child = python("web", SERVE, str(free_port), ready_url=f"http://127.0.0.1:{free_port}/readyz")
    with running(supervise(output, child)) as run:
        until(run.supervisor.pids)
        assert not run.supervisor.all_ready.is_set()
        assert run.supervisor.all_ready.wait(30)


def test_a_killed_child_is_back_at_once(output: Path) -> None:
    with running(supervise(output, python("a", SLEEP))) as run:
        assert run.supervisor.all_ready.wait(30)
        old = run.supervisor.pids()["a"]
        os.kill(old, signal.SIGKILL)
        until(lambda: run.supervisor.pids().get("a", old) != old, seconds=2)


ANSWERING = """
import json, sys, time
arguments = sys.argv[1:]
if arguments == ["--spare"]:
    print("waiting", flush=True)
    arguments = json.loads(sys.stdin.readline())
    print("told", flush=True)
print("I am", *arguments, flush=True)
time.sleep(600)
"""


def test_a_spare_takes_the_place_of_a_killed_child(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.supervisor.SPARE_AFTER", 0.2)
    child = Child("a", (sys.executable, "-c", ANSWERING, "the", "first"), program=3)
    with running(supervise(output, child)) as run:
        until(lambda: b"I am the first\nwaiting" in output.read_bytes())
        os.kill(run.supervisor.pids()["a"], signal.SIGKILL)
        until(lambda: b"told\nI am the first" in output.read_bytes())
        assert set(run.supervisor.pids()) == {"a"}


def test_a_spare_that_died_is_not_missed(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.supervisor.SPARE_AFTER", 0.2)
    child = Child("a", (sys.executable, "-c", ANSWERING, "the", "first"), program=3)
    with running(supervise(output, child)) as run:
        until(lambda: b"waiting" in output.read_bytes())
        (spare,) = (p for p in psutil.Process().children() if "--spare" in p.cmdline())
        spare.kill()
        spare.wait(10)
        os.kill(run.supervisor.pids()["a"], signal.SIGKILL)
        until(lambda: output.read_bytes().count(b"I am the first") == 2)
        assert b"told" not in output.read_bytes()


def test_a_child_that_cannot_run_ends_everything_with_one_sentence(output: Path) -> None:
    hopeless = python("hopeless", "raise SystemExit(3)")
    run = Run(supervise(output, python("a", SLEEP), hopeless))
    run.thread.start()
    assert run.wait() == CANNOT_RUN
    assert run.supervisor.problem is not None
    assert str(run.supervisor.problem).startswith("The process hopeless ended with code 3, 4 times in a row (")
    assert run.supervisor.pids() == {}


def test_a_program_that_is_not_there_ends_with_one_sentence(output: Path) -> None:
    run = Run(supervise(output, Child("ghost", ("/no/such/program",))))
    run.thread.start()
    assert run.wait() == CANNOT_RUN
    assert "The process ghost ended with code" in str(run.supervisor.problem)


def test_a_child_that_will_not_end_is_killed_after_the_grace(output: Path) -> None:
    with running(supervise(output, python("deaf", STUBBORN), grace=0.5)) as run:
        until(lambda: b"deaf" in output.read_bytes())
        pid = run.supervisor.pids()["deaf"]
        run.stop.press()
        assert run.wait() == DONE
    assert not psutil.pid_exists(pid)


def test_a_second_wish_does_not_wait_for_the_grace(output: Path) -> None:
    with running(supervise(output, python("deaf", STUBBORN), grace=60)) as run:
        until(lambda: b"deaf" in output.read_bytes())
        began = time.monotonic()
        run.stop.press()
        run.stop.press()
        run.wait()
    assert time.monotonic() - began < 45  # the grace is 60 s


def test_a_server_that_was_killed_is_back_on_the_same_port(output: Path, tmp_path: Path) -> None:
    kafka = EmbeddedKafka(tmp_path / "kafka")
    with running(Supervisor([kafka], list, output=output.open("wb"))) as run:
        assert run.supervisor.all_ready.wait(60)
        settings = KafkaSettings(kafka.bootstrap)
        old = run.supervisor.pids()["Kafka"]
        os.kill(old, signal.SIGKILL)
        until(lambda: run.supervisor.pids().get("Kafka", old) != old)
        until(kafka.is_ready)
        admin = KafkaAdminClient(**admin_arguments(settings))
        assert len(admin.describe_cluster()["brokers"]) == 1
        admin.close()


class Hub:
    """A whole hub process with Kafka, PostgreSQL and one worker."""

    def __init__(self, folder: Path, worker: str) -> None:
        self.data = folder / "data"
        self._out = folder / "pids.json"
        script = str(Path(__file__).with_name("hub_process.py"))
        self.log = folder / "log"
        with self.log.open("wb") as log:
            command = [sys.executable, script, str(self.data), str(self._out), worker]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=Path(__file__).parents[2])

    def pids(self) -> dict[str, int]:
        """Everything that runs, once it is ready."""
        until(lambda: self._out.exists() or self.process.poll() is not None, seconds=60)
        assert self._out.exists(), self.log.read_text()
        pids: dict[str, int] = json.loads(self._out.read_text())
        return pids


@pytest.fixture
def start_hub(tmp_path: Path) -> Iterator[Callable[[str], Hub]]:
    hubs: list[Hub] = []

    def start(worker: str) -> Hub:
        hubs.append(Hub(tmp_path, worker))
        return hubs[-1]

    yield start
    for hub in hubs:
        hub.process.kill()
        hub.process.wait()


@pytest.fixture(autouse=True)
def _project_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def everybody(pids: dict[str, int]) -> list[psutil.Process]:
    """These processes and all below them."""
    tops = [psutil.Process(pid) for pid in pids.values()]
    return tops + [child for top in tops for child in top.children(recursive=True)]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_hub_in_order_and_leaves_no_process(
    start_hub: Callable[[str], Hub], number: signal.Signals
) -> None:
    hub = start_hub(SLEEP)
    processes = everybody(hub.pids())
    assert len(processes) > 6
    hub.process.send_signal(number)
    assert hub.process.wait(30) == DONE, hub.log.read_text()
    assert alive(processes) == []
    assert DataDir(hub.data).running() is None


def test_the_hub_becomes_ready_and_says_how_soon(
    start_hub: Callable[[str], Hub], capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    pids = start_hub(SLEEP).pids()
    seconds = time.monotonic() - began
    with capsys.disabled():
        print(f"\nhub with a new data directory: everything ready after {seconds:.1f} s")
    assert set(pids) == {"supervisor", "Kafka", "PostgreSQL", "worker"}


def test_ctrl_c_while_it_starts_leaves_no_process(start_hub: Callable[[str], Hub]) -> None:
    hub = start_hub(SLEEP)
    until((hub.data / "kafka" / "broker.log").exists)
    processes = everybody({"supervisor": hub.process.pid})
    hub.process.send_signal(signal.SIGINT)
    assert hub.process.wait(30) == DONE, hub.log.read_text()
    assert alive(processes) == []


def test_kill_9_of_the_supervisor_takes_everything_with_it(start_hub: Callable[[str], Hub]) -> None:
    hub = start_hub(STUBBORN)
    processes = everybody(hub.pids())
    hub.process.kill()
    hub.process.wait()
    until(lambda: alive(processes) == [], seconds=10)


def test_after_kill_9_the_hub_starts_again_with_its_data(start_hub: Callable[[str], Hub]) -> None:
    hub = start_hub(SLEEP)
    hub.pids()
    before = DataDir(hub.data).running()
    hub.process.kill()
    hub.process.wait()
    (hub.data.parent / "pids.json").unlink()
    again = start_hub(SLEEP)
    again.pids()
    after = DataDir(hub.data).running()
    assert before is not None
    assert after is not None
    assert (after.bootstrap, after.dsn) == (before.bootstrap, before.dsn)
    assert after.pid == again.process.pid


def test_a_second_hub_on_the_same_directory_is_refused(start_hub: Callable[[str], Hub]) -> None:
    first = start_hub(SLEEP)
    first.pids()
    with pytest.raises(Exception, match=rf"in use by another hub .*process {first.process.pid}\): stop that one"):
        DataDir(first.data).lock()
