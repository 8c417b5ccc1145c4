"""One directory, one hub."""

import os
from pathlib import Path

import pytest

from ops.embedded.datadir import DataDir, Running
from ops.embedded.locks import DirectoryLock
from ops.embedded.problem import ServerProblem

HERE = Running(pid=7, bootstrap="127.0.0.1:9092", dsn="postgresql://x@127.0.0.1/x")


def test_a_directory_in_use_is_refused_in_one_sentence_that_names_the_other(tmp_path: Path) -> None:
    with pytest.raises(ServerProblem, match=rf"in use by another hub .*{tmp_path}, process {os.getpid()}\): stop that"):
        lock_twice(tmp_path)


def lock_twice(directory: Path) -> None:
    first = DirectoryLock(directory)
    try:
        DirectoryLock(directory, patience=0)
    finally:
        first.release()


def test_a_released_directory_can_be_taken_again(tmp_path: Path) -> None:
    DirectoryLock(tmp_path).release()
    DirectoryLock(tmp_path, patience=0).release()


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerProblem, match=r"cannot be written: .*: choose another with --data-dir"):
        DirectoryLock(tmp_path / "file" / "hub")


def test_the_address_of_a_running_hub_is_found_by_other_commands(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    lock = data.lock()
    data.announce(HERE)
    assert data.running() == HERE
    lock.release()


def test_a_hub_that_ended_is_not_running_though_its_note_is_still_there(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    lock = data.lock()
    data.announce(HERE)
    lock.release()
    assert data.running() is None


def test_a_directory_that_never_held_a_hub_runs_none(tmp_path: Path) -> None:
    assert DataDir(tmp_path).running() is None
