"""Flags go before the environment, the environment before what is usual; what is wrong is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.embedded.datadir import DataDir, Running
from ops.embedded.problem import ServerProblem
from ops.finding import find
from ops.hub import processors
from ops.settings import SettingsProblem, load


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREECROSS_NAMESPACE", "north")
    monkeypatch.setenv("THREECROSS_PARTITIONS", "7")
    assert (load().hub.namespace, load().hub.partitions) == ("north", 7)


def test_a_flag_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREECROSS_NAMESPACE", "north")
    assert load(namespace="south", partitions=None).hub.namespace == "south"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PARTITIONS", "many", r"THREECROSS_PARTITIONS cannot be used: input should be a valid integer"),
        ("TIMEZONE", "Mars/Olympus", r"THREECROSS_TIMEZONE cannot be used: is no time zone like Asia/Shanghai"),
        ("DIVISION", "4117", r"THREECROSS_DIVISION cannot be used: string should match"),
        ("HTTP_PORT", "70000", r"THREECROSS_HTTP_PORT cannot be used: input should be less"),
        ("NAMESPACE", "Big Town", r"The setting namespace 'Big Town': use lower-case letters"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"THREECROSS_{name}", value)
    with pytest.raises(SettingsProblem, match=sentence) as problem:
        load()
    assert "\n" not in str(problem.value)


def test_a_password_is_not_shown_with_the_settings() -> None:
    assert "geheim" not in repr(load(dsn="postgresql://x:geheim@h/d"))


def test_the_vault_key_is_in_the_data_directory_unless_told(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path).key_file == tmp_path / "vault.key"
    assert load(data_dir=tmp_path, vault_key=tmp_path / "k").key_file == tmp_path / "k"


def test_a_running_hub_is_found_by_its_directory(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    lock = data.lock()
    data.announce(Running(1, "here:9092", "postgresql://h/d", namespace="north", partitions=2))
    found = find(load(data_dir=tmp_path))
    assert (found.kafka.bootstrap, found.dsn) == ("here:9092", "postgresql://h/d")
    assert (found.settings.hub.namespace, found.settings.hub.partitions) == ("north", 2)
    assert find(load(data_dir=tmp_path, bootstrap="there:1")).kafka.bootstrap == "there:1"
    lock.release()
    with pytest.raises(ServerProblem, match="No hub runs here"):
        find(load(data_dir=tmp_path))


def test_the_note_of_a_hub_is_for_its_owner_only(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.announce(Running(1, "here:9092", "postgresql://x:geheim@h/d"))
    assert (tmp_path / "run/hub.json").stat().st_mode & 0o077 == 0


EVERY = ["casework", "clocks", "links", "views", "outbox"]


def test_processors_run_in_the_order_of_the_stream_and_unknown_ones_are_refused() -> None:
    assert processors(None) == processors("outbox, views, links, casework, clocks") == EVERY
    assert processors("views") == ["views"]
    with pytest.raises(SettingsProblem, match=r"no processor magic; use casework, clocks, links, views, outbox"):
        processors("views,magic")


def test_each_directory_has_an_identity_of_its_own(tmp_path: Path) -> None:
    one, other = DataDir(tmp_path / "a"), DataDir(tmp_path / "b")
    assert one.identity() == one.identity() != other.identity()
