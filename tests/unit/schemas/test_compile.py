"""The compiled codec is optional: only one made from these very schemas is used, and what is missing is told."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import schemas
from schemas import codec
from schemas.generate import compile as compiler
from schemas.generate import native
from tests.codecs import NAMES


def loaded_beside(monkeypatch: pytest.MonkeyPatch, extension: Any) -> ModuleType:
    """A second copy of schemas/codec.py, loaded as if `extension` lay beside it."""
    monkeypatch.setitem(sys.modules, "schemas._codec", extension)
    monkeypatch.setattr(schemas, "_codec", extension, raising=False)
    if extension is None:
        monkeypatch.delattr(schemas, "_codec")
    spec = importlib.util.spec_from_file_location("codec_copy", str(codec.__file__))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fake(digest: str) -> Any:
    return SimpleNamespace(DIGEST=digest, **{name: f"compiled {name}" for name in NAMES})


def test_a_module_made_from_these_schemas_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    module = loaded_beside(monkeypatch, fake(codec.COMPILED_DIGEST))
    assert module.COMPILED
    assert [getattr(module, name) for name in NAMES] == [f"compiled {name}" for name in NAMES]


@pytest.mark.parametrize("extension", [fake("made from other schemas"), None])
def test_another_module_or_none_leaves_the_python_functions(monkeypatch: pytest.MonkeyPatch, extension: Any) -> None:
    module = loaded_beside(monkeypatch, extension)
    assert not module.COMPILED
    assert tuple(getattr(module, name) for name in NAMES) == module.STRAIGHT


@pytest.mark.parametrize(
    ("command", "need"),
    [("_compiler", "a C compiler and Python's headers are needed"), ("executable", "Cython is needed")],
)
def test_what_is_missing_is_told_in_one_sentence(
    command: str, need: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = str(tmp_path / "absent")
    monkeypatch.setattr(compiler, "AVRO", tmp_path / "schemas" / "avro")
    if command == "_compiler":
        monkeypatch.setattr(native, "render", lambda *_: ("x = 1\n", ""))
        monkeypatch.setattr(compiler, "_compiler", lambda: [absent])
    else:
        monkeypatch.setattr(sys, "executable", absent)
    assert compiler.main() == 2
    told = capsys.readouterr().err
    assert told.startswith(f"Not compiled, the codec runs as Python: {need}")
    assert told.count("\n") == 1
    assert list((tmp_path / "schemas").iterdir()) == []
