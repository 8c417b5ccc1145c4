"""Fetching the jars of Kafka: from a real repository over HTTP, at the same time, and when it cannot be done."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ops.embedded.jars import Jar, JarCache, pinned
from ops.embedded.kafka import EmbeddedKafka
from ops.embedded.problem import ServerProblem


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Maven repository in a folder, with the true jars."""
    root = tmp_path_factory.mktemp("repository")
    known = JarCache()
    for jar, path in zip(known.jars, known.class_path(), strict=True):
        (root / jar.path).parent.mkdir(parents=True)
        os.link(path, root / jar.path) if same_disk(path, root) else shutil.copy(path, root / jar.path)
    return root


def same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


@pytest.fixture
def served(repository: Path) -> Iterator[dict[str, str]]:
    """The same repository over HTTP."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(repository)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"central": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_local_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("M2_REPO", str(tmp_path / "empty"))


@pytest.fixture
def nowhere(free_port: int) -> dict[str, str]:
    """A repository that refuses every connection."""
    return {"central": f"http://127.0.0.1:{free_port}"}


def test_all_jars_come_from_the_repository_and_are_kept(
    tmp_path: Path, served: dict[str, str], nowhere: dict[str, str]
) -> None:
    first = JarCache(tmp_path, served).class_path()
    assert [path.name for path in first] == [jar.name for jar in pinned()]
    assert JarCache(tmp_path, nowhere).class_path() == first


def test_a_local_maven_repository_is_enough(
    tmp_path: Path, repository: Path, nowhere: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("M2_REPO", str(repository))
    assert len(JarCache(tmp_path, nowhere).class_path()) == len(pinned())


def test_without_a_repository_it_is_one_sentence_and_nothing_half_done_remains(
    tmp_path: Path, nowhere: dict[str, str]
) -> None:
    with pytest.raises(
        ServerProblem, match=r"^Apache Kafka could not be downloaded \(.*\.jar, .*\): give this machine"
    ):
        JarCache(tmp_path, nowhere).class_path()
    assert list(tmp_path.rglob("*.jar")) == []
    assert list(tmp_path.rglob("fetch-*")) == []


def test_the_repositories_of_this_machine_are_those_of_jgos_settings(
    tmp_path: Path, nowhere: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jgo.conf").write_text(f"[repositories]\ncentral = {nowhere['central']}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(tmp_path / "jgo.conf"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ServerProblem, match="could not be downloaded"):
        EmbeddedKafka(tmp_path / "kafka", cache=tmp_path / "cache").start()


def test_a_jar_that_is_not_the_pinned_one_is_refused(tmp_path: Path, repository: Path, served: dict[str, str]) -> None:
    false = next(jar for jar in pinned() if jar.artifact == "jopt-simple")
    with replaced(repository / false.path), pytest.raises(ServerProblem, match=r"not the pinned one \(jopt-simple"):
        JarCache(tmp_path, served).class_path()
    assert list(tmp_path.rglob("*.jar")) == []


class replaced:  # noqa: N801
    """Inside, the file has another content."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = path.with_suffix(".kept")

    def __enter__(self) -> None:
        self._path.rename(self._kept)
        self._path.write_bytes(b"something else")

    def __exit__(self, *_: object) -> None:
        self._kept.replace(self._path)


@pytest.fixture
def complete(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds everything."""
    with monkeypatch.context() as patch:
        patch.setenv("M2_REPO", str(repository))
        JarCache(tmp_path, {}).class_path()
    return tmp_path


def test_kafka_starts_where_no_start_up_cache_can_be_made(complete: Path) -> None:
    (JarCache(complete).folder / "startup.lock").mkdir()
    with EmbeddedKafka(complete / "data", cache=complete) as server:
        assert server.is_ready()
    assert list(complete.rglob("*.aot")) == []


def damage(cache: Path) -> Jar:
    jar = pinned()[3]
    with (JarCache(cache).folder / jar.name).open("ab") as file:
        file.write(b"!")
    return jar


def test_a_jar_that_was_touched_is_fetched_again(complete: Path, served: dict[str, str]) -> None:
    jar = damage(complete)
    JarCache(complete, served).class_path()
    assert not (JarCache(complete).folder / jar.name).read_bytes().endswith(b"!")


def test_a_jar_that_was_touched_is_never_used(complete: Path, nowhere: dict[str, str]) -> None:
    damage(complete)
    with pytest.raises(ServerProblem, match="could not be downloaded"):
        JarCache(complete, nowhere).class_path()


def test_several_first_starts_at_once_leave_one_good_cache(
    tmp_path: Path, served: dict[str, str], nowhere: dict[str, str]
) -> None:
    code = "import sys; from pathlib import Path; from ops.embedded.jars import JarCache; "
    code += "JarCache(Path(sys.argv[1]), {'central': sys.argv[2]}).class_path()"
    command = [sys.executable, "-c", code, str(tmp_path), served["central"]]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == [b""] * 3
    assert len(JarCache(tmp_path, nowhere).class_path()) == len(pinned())


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path, served: dict[str, str]) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(ServerProblem, match=r"cache of the Kafka jars cannot be written"):
        JarCache(tmp_path / "cache", served).class_path()
