"""Kinds of connectors that are not the hub's own: a folder beside a department's file, or an installed package."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import department, kinds
from connectors.contract import Refused
from connectors.department import BadDepartment

KIND = """
import msgspec
from connectors.contract import Kind, Made
from {name}.translate import ABOUT

class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str

KIND = Kind("{name}", Options, lambda _options, _around: Made(), ABOUT)
"""
FILE = '[department]\norg = "street"\nkind = "telegraph"\n[telegraph]\npath = "x"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A departments' folder with a kind of its own; what was imported from it is forgotten afterwards."""
    written(tmp_path, "telegraph")
    yield tmp_path
    for name in ("telegraph", "json", "drop"):
        kinds.forget(name, tmp_path)


def written(folder: Path, name: str, init: str = KIND) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "__init__.py").write_text(init.replace("{name}", name), "utf-8")
    (folder / name / "translate.py").write_text('ABOUT = "by telegraph"\n', "utf-8")


def refusal(folder: Path, name: str) -> str:
    with pytest.raises(Refused) as wrong:
        kinds.kind(name, folder)
    return str(wrong.value)


def test_a_folder_beside_a_departments_file_is_a_kind(folder: Path) -> None:
    (folder / "street.toml").write_text(FILE, "utf-8")
    loaded = department.load(folder / "street.toml")
    assert (loaded.kind.about, loaded.options.path) == ("by telegraph", "x")
    assert "telegraph" in kinds.names(folder)
    assert "telegraph" not in kinds.names()


def test_its_options_are_as_strict_as_any(folder: Path) -> None:
    (folder / "street.toml").write_text(FILE + "wire = 2\n", "utf-8")
    with pytest.raises(BadDepartment, match="unknown field `wire`: its keys are path"):
        department.load(folder / "street.toml")


def test_elsewhere_there_is_no_such_kind(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert kinds.kind("telegraph", folder)
    assert 'no kind of connector "telegraph"' in refusal(tmp_path_factory.mktemp("other"), "telegraph")


def test_its_code_is_imported_once_and_anew_when_it_is_forgotten(folder: Path) -> None:
    before = kinds.kind("telegraph", folder)
    (folder / "telegraph" / "translate.py").write_text('ABOUT = "by a faster telegraph"\n', "utf-8")
    assert kinds.kind("telegraph", folder) is before
    kinds.forget("telegraph", folder)
    assert kinds.kind("telegraph", folder).about == "by a faster telegraph"


def test_code_that_breaks_is_told_with_its_place_and_can_be_mended(folder: Path) -> None:
    written(folder, "telegraph", "import msgspec\nfrom telegraph.translate import MISSING\n")
    told = refusal(folder, "telegraph")
    assert "telegraph cannot be imported: ImportError in __init__.py:2" in told
    assert "MISSING" in told
    written(folder, "telegraph")
    assert kinds.kind("telegraph", folder).name == "telegraph"


@pytest.mark.parametrize(
    ("name", "init", "sentence"),
    [
        ("telegraph", "x = 1\n", "has no KIND"),
        ("telegraph", KIND.replace('Kind("{name}"', 'Kind("telex"'), 'calls itself "telex"'),
        ("json", KIND, "Python has a module json already: rename the folder"),
        ("drop", KIND, 'several kinds of connectors "drop": rename yours'),
    ],
)
def test_a_folder_that_cannot_be_a_kind_is_told_why(folder: Path, name: str, init: str, sentence: str) -> None:
    written(folder, name, init)
    assert sentence in refusal(folder, name)


def test_a_folder_without_init_is_none(folder: Path) -> None:
    (folder / "secrets").mkdir()
    assert "secrets" not in kinds.names(folder)


ASKED = "from connectors import kinds; print(kinds.kind('telegraph').about, 'telegraph' in kinds.names())"


@pytest.mark.parametrize(
    ("point", "told"),
    [
        ("telegraph = telegraph:KIND", "by telegraph True"),
        ("telegraph = telegraph:KINDS", "the installed telegraph:KINDS cannot be imported"),
        ("drop = telegraph:KIND", 'there is no kind of connector "telegraph"'),
    ],
)
def test_an_installed_package_names_its_kind_as_an_entry_point(folder: Path, point: str, told: str) -> None:
    info = folder / "telegraph-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: telegraph\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[{kinds.GROUP}]\n{point}\n", "utf-8")
    given = os.environ | {"PYTHONPATH": str(folder)}
    asked = subprocess.run([sys.executable, "-c", ASKED], env=given, capture_output=True, text=True, check=False)
    assert told in asked.stdout + asked.stderr
