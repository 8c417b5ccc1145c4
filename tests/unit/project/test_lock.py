"""The lock is what pyproject.toml asks for: every package by version and hash, for every supported Python."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def entries(text: str) -> list[str]:
    """One string per locked package: its requirement, then its hashes."""
    return [entry.replace("\\\n", " ") for entry in re.split(r"\n(?=\S)", text.strip())]


def problems(text: str) -> list[str]:
    """What a lock must not contain: a package without exact version or hash, an address."""
    found = [
        entry for entry in entries(text) if not re.match(r"[\w.\-\[\]]+==\S+ ", entry) or "--hash=sha256:" not in entry
    ]
    return found + [line for line in text.splitlines() if "://" in line or line.startswith("-")]


def locked(name: str) -> dict[str, set[str]]:
    """Canonical package name → the versions that a lock has of it (more than one where Pythons differ)."""
    versions: dict[str, set[str]] = {}
    for entry in entries((ROOT / name).read_text("utf-8")):
        package, version = entry.split(" ", 1)[0].split("==")
        versions.setdefault(canonicalize_name(package), set()).add(version)
    return versions


def unmet(requirements: list[str], versions: dict[str, set[str]]) -> list[str]:
    """The requirements that some locked version does not satisfy, or that are not locked at all."""
    parsed = [Requirement(text) for text in requirements]
    return [
        str(wanted)
        for wanted in parsed
        if not (found := versions.get(canonicalize_name(wanted.name)))
        or not all(wanted.specifier.contains(version, prereleases=True) for version in found)
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_version_and_hashes_and_no_address(name: str) -> None:
    assert problems((ROOT / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "bad",
    [
        "six==1.17.0\n",
        "six>=1 \\\n    --hash=sha256:00\n",
        "--index-url https://example.org\n",
        "six @ https://example.org/six.whl\n",
    ],
)
def test_a_package_without_version_or_hash_is_found(bad: str) -> None:
    assert problems(bad) != []


def test_the_locks_have_all_that_the_project_asks_for() -> None:
    project = PROJECT["project"]
    assert unmet(project["dependencies"], locked("requirements.lock")) == []
    everything = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert unmet(everything, locked("requirements-dev.lock")) == []
    assert unmet(PROJECT["build-system"]["requires"], locked("requirements-build.lock")) == []


def test_a_requirement_that_the_lock_lacks_is_found() -> None:
    assert unmet(["six>=2", "no-such-package"], {"six": {"1.17.0"}}) == ["six>=2", "no-such-package"]


def test_tests_run_with_the_versions_that_are_shipped() -> None:
    development = locked("requirements-dev.lock")
    for name in ("requirements.lock", "requirements-build.lock"):
        assert {k: v for k, v in locked(name).items() if development.get(k) != v} == {}


def test_faust_is_pinned_to_the_version_whose_parts_are_overridden() -> None:
    assert "faust-streaming==0.15.3" in PROJECT["project"]["dependencies"]
