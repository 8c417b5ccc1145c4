"""`make` is the way in: it lists what there is, CI goes the same way, and an unfit machine is told in one sentence."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ops import bootstrap

ROOT = Path(__file__).parents[3]
TARGETS = {"help", "setup", "demo", "test", "check", "bench", "faults", "up", "lock", "schemas", "compile", "clean"}

PARTS = {"still", "fast", "packages"}
"""Targets that others run; nobody calls them alone."""


def make(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")} | ({"PATH": path} if path else {})
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_make_alone_lists_every_target_with_its_purpose() -> None:
    listed = dict(re.findall(r"^  make (\w+) +(\S.*)$", make().stdout, re.MULTILINE))
    assert listed.keys() == TARGETS


def test_every_target_works_whatever_files_are_there() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == TARGETS | PARTS


def test_ci_runs_what_a_person_runs() -> None:
    script = (ROOT / ".ci/run").read_text("utf-8")
    assert script.rstrip().endswith("exec make test")
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.parametrize(("exit_value", "flag"), [("EXIT=1", True), ("EXIT=", False), ("EXIT=0", False)])
def test_the_demo_ends_by_itself_when_asked(exit_value: str, flag: bool) -> None:
    assert ("threecross demo --exit" in make("--dry-run", "demo", exit_value).stdout) is flag


def test_a_machine_without_the_named_python_is_told_so() -> None:
    result = make("setup", "PYTHON=no-such-python")
    assert result.returncode == 2
    assert "install 3.11 or newer" in result.stderr


def test_an_old_python_is_told_that_it_is_too_old() -> None:
    with pytest.raises(bootstrap.CannotSetUp, match=r"Python 3\.10 is too old: ThreeCross needs 3\.11 or newer\."):
        bootstrap.require_python((3, 10, 9))
    bootstrap.require_python((3, 11, 0))


def test_a_package_that_tests_need_and_nobody_can_install_is_named(tmp_path: Path) -> None:
    for tool in ("make", "sh", "id"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    missing = make("packages", "DEBIAN_TEST_PACKAGES=no-such-package", "PYTHON=python3", path=str(tmp_path))
    assert missing.returncode == 2
    assert "Tests need no-such-package: install them" in missing.stderr
    assert make("packages", "DEBIAN_TEST_PACKAGES=", "PYTHON=python3", path=str(tmp_path)).returncode == 0


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with what the environment is made from."""
    for name in (bootstrap.LOCK, "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (bootstrap.LOCK, "aiohttp==", "aiohttp==0."),
        ("pyproject.toml", "threecross = ", "tc = "),
        ("pyproject.toml", '"*.avsc"', '"*.avro"'),
    ],
)
def test_the_environment_is_made_again_when_an_ingredient_changes(project: Path, file: str, old: str, new: str) -> None:
    before = bootstrap.digest(str(project), (3, 11, 7))
    edited(project / file, old, new)
    assert bootstrap.digest(str(project), (3, 11, 7)) != before


def test_the_environment_is_made_again_for_another_python_only(project: Path) -> None:
    before = bootstrap.digest(str(project), (3, 11, 7))
    assert bootstrap.digest(str(project), (3, 11, 8)) == before
    assert bootstrap.digest(str(project), (3, 12, 0)) != before


def test_a_rule_of_a_checker_is_no_reason_to_make_it_again(project: Path) -> None:
    before = bootstrap.digest(str(project), (3, 11, 7))
    edited(project / "pyproject.toml", "line-length = 120", "line-length = 100")
    assert bootstrap.digest(str(project), (3, 11, 7)) == before


def test_an_unfinished_or_broken_environment_is_not_taken_for_a_ready_one(tmp_path: Path) -> None:
    assert not bootstrap.is_ready(str(tmp_path), "wanted")
    (tmp_path / bootstrap.STAMP).write_text("wanted", "utf-8")
    assert not bootstrap.is_ready(str(tmp_path), "wanted"), "a stamp without a Python that runs"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(ROOT / ".venv/bin/python")
    assert bootstrap.is_ready(str(tmp_path), "wanted")
    assert not bootstrap.is_ready(str(tmp_path), "another lock")


def test_a_failed_step_says_what_to_do() -> None:
    with pytest.raises(bootstrap.CannotSetUp, match="see pip's lines above"):
        bootstrap.run(bootstrap.NO_PACKAGES, "false")
