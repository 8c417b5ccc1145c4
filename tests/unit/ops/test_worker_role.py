"""Names and places of worker processes: no two with the same."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ops.embedded.problem import ServerProblem
from ops.settings import Settings, load
from ops.worker import Role, _alone, main


def test_a_process_is_named_by_its_processors_and_a_second_one_by_its_instance() -> None:
    assert Role(("casework",)).name == "casework"
    assert Role(("casework", "views")).name == "casework-views"
    assert Role(("casework",), "2").name == "casework-2"


def test_the_member_id_tells_directories_and_instances_apart_and_stays_the_same(tmp_path: Path) -> None:
    here, there = load(data_dir=tmp_path / "a"), load(data_dir=tmp_path / "b")
    role = Role(("casework",))
    members = {
        role.member(here, "casework"),
        role.member(there, "casework"),
        Role(("casework",), "2").member(here, "casework"),
        role.member(here, "views"),
    }
    assert len(members) == 4
    assert role.member(here, "casework") == role.member(here, "casework")


def test_a_second_worker_with_the_same_place_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.embedded.locks.PATIENCE", 0.0)
    settings = load(data_dir=tmp_path)
    with _alone(settings, Role(("casework",))), pytest.raises(ServerProblem, match="another --instance") as taken:
        take(settings)
    assert str(taken.value).startswith("Worker 1 of casework runs already on this data directory")
    with _alone(settings, Role(("casework",))), _alone(settings, Role(("casework",), "2")):
        pass


def take(settings: Settings) -> None:
    with _alone(settings, Role(("views", "casework"))):
        pass


def test_a_worker_that_was_not_told_its_servers_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THREECROSS_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("ops.worker.log_to_file", lambda *_: None)
    assert main(["views"]) == 2
    assert "A worker must be told THREECROSS_BOOTSTRAP and THREECROSS_DSN." in capsys.readouterr().err


def test_a_spare_of_which_nobody_had_need_ends_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["--spare"]) == 0


def test_a_spare_becomes_what_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('["views", "--instance", "3"]\n'))
    monkeypatch.setenv("THREECROSS_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("ops.worker.log_to_file", lambda *_: None)
    assert main(["--spare"]) == 2
    assert capsys.readouterr().err.startswith("views-3: A worker must be told")
