"""All commands: help at once, --json everywhere, errors of one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from ops.cli.app import app
from tests.command_line import Run

ROOT = Path(__file__).parents[3]
HEAVY = ("faust", "kafka", "sqlalchemy", "fastavro", "uvicorn", "alembic", "aiokafka", "pydantic_settings")


def commands() -> dict[str, Any]:
    """Every command by its name, those of groups with the group's name before it."""
    found = {}
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found.update({f"{name} {one}": it for one, it in inner.items()} if inner else {name: command})
    return found


@pytest.mark.parametrize("name", commands())
def test_every_command_says_what_it_does_and_takes_json(name: str, threecross: Run) -> None:
    result = threecross(*name.split(), "--help")
    assert result.code == 0
    assert "--json" in result.out
    assert commands()[name].help


def test_help_loads_nothing_heavy() -> None:
    program = f"import sys; from ops.cli import main; main(['--help']); print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in commands() if name.split()[0] not in readme] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["cases", "--data-dir", "{tmp}"], "No hub runs here ({tmp}): start one with threecross up, or give --dsn.\n"),
        (
            ["case", "x:1", "--data-dir", "{tmp}", "--bootstrap", "localhost:1"],
            "No such option: --bootstrap",
        ),
        (["replay", "x:1", "--data-dir", "{tmp}"], "threecross up, or give --bootstrap and --dsn.\n"),
        (["topics", "--data-dir", "{tmp}", "--namespace", "Not Good"], "The setting namespace 'Not Good': use lower"),
        (["up", "--data-dir", "{tmp}", "--partitions", "0"], "--partitions cannot be used: input should be greater"),
        (
            ["up", "--data-dir", "{tmp}", "--only", "casework,magic"],
            "--only: there is no processor magic; use casework",
        ),
        (["import", "x.csv", "--mapping", "atlantis"], 'there is no mapping "atlantis"; use nyc311'),
        (["schemas", "Nothing"], "No schema is called Nothing: threecross schemas lists them.\n"),
        (["deadletters", "--open", "0-1", "--data-dir", "{tmp}"], "give both --open ID and --purpose"),
        (["rules", "--claim", "Fiel"], "There is no claim Fiel; `threecross rules` lists all.\n"),
        (["rules", "--stage", "lost"], "There is no stage lost; there are: none, reported, filed,"),
        (["nonsense"], "No such command"),
    ],
)
def test_what_cannot_run_is_one_sentence_and_code_2(
    words: list[str], sentence: str, threecross: Run, tmp_path: Path
) -> None:
    result = threecross(*(word.replace("{tmp}", str(tmp_path)) for word in words))
    assert result.code == 2
    assert sentence.replace("{tmp}", str(tmp_path)) in result.err
    assert "Traceback" not in result.err + result.out


def test_an_error_that_nobody_expected_is_a_sentence_too(threecross: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.registry.released", lambda: 1 / 0)
    result = threecross("schemas")
    assert result.code == 2
    assert result.err.startswith("Unexpected ZeroDivisionError: division by zero")


def test_with_the_debug_setting_it_is_raised(threecross: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.registry.released", lambda: 1 / 0)
    monkeypatch.setenv("THREECROSS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        threecross("schemas")


def test_schemas_lists_every_released_version(threecross: Run) -> None:
    from schemas.registry import released

    listed = threecross("schemas", "--json").json["schemas"]
    assert [(one["id"], one["name"]) for one in listed] == [(one.id, one.name) for one in released()]


def test_a_schema_is_shown_by_the_end_of_its_name(threecross: Run) -> None:
    (shown,) = threecross("schemas", "Filed").json
    assert (shown["name"], shown["namespace"]) == ("Filed", "threecross.fact.report")


def test_doctor_of_a_machine_without_a_hub_finds_nothing_wrong(threecross: Run, tmp_path: Path) -> None:
    result = threecross("doctor", "--data-dir", tmp_path / "none", "--json")
    states = {finding["what"]: finding["state"] for finding in result.json["findings"]}
    assert (result.code, states["hub"], states["java"]) == (0, "note", "ok")
    assert not (tmp_path / "none").exists()


def test_doctor_finds_a_hub_that_should_run(threecross: Run, tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    result = threecross("doctor", "--data-dir", tmp_path)
    assert result.code == 1
    assert f"there is a hub in {tmp_path}, but it does not run" in result.out
    assert f"→ threecross up --data-dir {tmp_path}" in result.out


def test_doctor_finds_servers_that_do_not_answer(threecross: Run, tmp_path: Path, free_port: int) -> None:
    nowhere = f"127.0.0.1:{free_port}"
    addresses = ("--bootstrap", nowhere, "--dsn", f"postgresql://x@{nowhere}/x")
    result = threecross("doctor", "--data-dir", tmp_path, *addresses, "--json")
    wrong = {finding["what"] for finding in result.json["findings"] if finding["state"] == "wrong"}
    assert (result.code, wrong) == (1, {"kafka", "postgresql"})
