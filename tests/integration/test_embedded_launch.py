"""How a child is started: with its parent's life, and never as root where it refuses to."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.embedded import process

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
WHO = [sys.executable, "-I", "-S", "-c", "import os; print(os.geteuid())"]


def said(argv: list[str], folder: Path, never_root: Path | None = None) -> str:
    output = folder / "said"
    with output.open("wb") as file:
        process.spawn(argv, output=file, never_root=never_root).wait()
    return output.read_text().strip()


def test_a_child_outlives_the_thread_that_asked_for_it() -> None:
    children: list[subprocess.Popen[bytes]] = []
    thread = threading.Thread(target=lambda: children.append(process.spawn(SLEEP, output=subprocess.DEVNULL)))
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert children[0].poll() is None
    process.stop(children[0], grace=5)


PARENT = """
import subprocess, sys, time
from ops.embedded import process
print(process.spawn(sys.argv[1:], output=subprocess.DEVNULL).pid, flush=True)
time.sleep(600)
"""


def test_a_child_does_not_outlive_its_parent() -> None:
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *SLEEP], stdout=subprocess.PIPE, cwd=root)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.is_running()
    parent.kill()
    parent.communicate()
    child.wait(timeout=10)


def test_ctrl_c_at_our_terminal_does_not_reach_a_child() -> None:
    child = process.spawn(SLEEP, output=subprocess.DEVNULL)
    assert os.getpgid(child.pid) != os.getpgid(0)
    assert process.stop(child, grace=5) == -signal.SIGTERM


def test_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert said(["/no/such/program"], tmp_path) == "error: /no/such/program cannot be run: No such file or directory"


def test_what_refuses_root_is_not_started_as_root(tmp_path: Path) -> None:
    assert said(WHO, tmp_path, never_root=tmp_path) != "0"


@pytest.fixture
def nobodys() -> Iterator[Path]:
    """A directory of the account nobody, as an earlier start without user namespaces leaves it."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    folder = Path(tempfile.mkdtemp())
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    yield folder
    shutil.rmtree(folder)


def test_without_user_namespaces_root_becomes_nobody(nobodys: Path, tmp_path: Path) -> None:
    assert said(["/usr/bin/id", "-un"], tmp_path, never_root=nobodys) == "nobody"
