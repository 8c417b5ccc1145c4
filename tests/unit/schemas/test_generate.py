"""The generator: nothing lags, ids are given once, what is released is not edited."""

import json
import shutil
from pathlib import Path

import pytest

from schemas.generate import __main__ as command
from schemas.generate import build, codec, lock
from schemas.generate.model import AVRO, BadSchema, load
from tests.contract.evolution import add_field, evolved, named


def test_the_generated_files_are_up_to_date() -> None:
    assert command.main(["--check"]) == 0


@pytest.fixture
def avro(tmp_path: Path) -> Path:
    """A copy of the schemas that a test may change, with the lock beside it."""
    shutil.copy(lock.LOCK, tmp_path / "ids.lock.toml")
    return Path(shutil.copytree(AVRO, tmp_path / "avro"))


def outputs(avro: Path) -> dict[str, str]:
    return build.outputs(avro, avro.parent / "ids.lock.toml")


def test_a_file_that_lags_is_named_and_check_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in build.outputs().items():
        (tmp_path / name).write_text(text + ("# stale\n" if name == "events.py" else ""), encoding="utf-8")
    monkeypatch.setattr(command, "OUTPUTS", tmp_path)
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().err.startswith("schemas/events.py lags behind")
    (tmp_path / "_codec.so").touch()
    assert command.main([]) == 0
    assert capsys.readouterr().out.endswith("run `make compile` again.\n")
    assert command.main(["--check"]) == 0


def test_an_edited_release_is_refused_with_the_remedy(avro: Path) -> None:
    path = avro / "report" / "Filed.v1.avsc"
    path.write_text(path.read_text(encoding="utf-8").replace("speakable number", "number"), encoding="utf-8")
    with pytest.raises(
        BadSchema, match=r"Filed\.v1\.avsc is released \(id \d+\) and was edited; .* into Filed\.v2\.avsc"
    ):
        outputs(avro)


def test_white_space_and_the_order_of_keys_are_no_edit(avro: Path) -> None:
    path = avro / "report" / "Filed.v1.avsc"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), sort_keys=True), encoding="utf-8")
    assert outputs(avro)["ids.lock.toml"] == lock.LOCK.read_text(encoding="utf-8")


def test_a_missing_release_is_refused(avro: Path) -> None:
    (avro / "report" / "Filed.v1.avsc").unlink()
    with pytest.raises(BadSchema, match="is missing; restore it"):
        outputs(avro)


def test_a_new_version_gets_the_next_id_and_all_others_keep_theirs(avro: Path) -> None:
    schemas = evolved("threecross.fact.report.Filed", add_field("note", ["null", "string"], default=None))
    new = next(s for s in schemas if s.path.name == "Filed.v2.avsc")
    (avro / "report" / "Filed.v2.avsc").write_text(json.dumps(new.json), encoding="utf-8")
    before = lock.read(lock.LOCK.read_text(encoding="utf-8"))
    after = lock.read(outputs(avro)["ids.lock.toml"])
    assert after[:-1] == before
    assert (after[-1].id, after[-1].name, after[-1].version) == (len(before) + 1, new.full_name, 2)


def test_an_incompatible_version_is_refused(avro: Path) -> None:
    schemas = evolved("threecross.fact.report.Filed", add_field("note", "string"))
    new = next(s for s in schemas if s.path.name == "Filed.v2.avsc")
    (avro / "report" / "Filed.v2.avsc").write_text(json.dumps(new.json), encoding="utf-8")
    with pytest.raises(BadSchema, match=r"Filed\.v2\.avsc cannot read what Filed\.v1\.avsc wrote"):
        outputs(avro)


@pytest.mark.parametrize("name", ["Filed.avsc", "Filed.v0.avsc", "filed.v1.avsc"])
def test_a_file_name_without_event_and_version_is_refused(avro: Path, name: str) -> None:
    shutil.copy(avro / "report" / "Filed.v1.avsc", avro / "report" / name)
    with pytest.raises(BadSchema, match="must be <Event>"):
        load(avro)


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "record"}'])
def test_a_file_that_is_no_schema_is_named(avro: Path, text: str) -> None:
    (avro / "report" / "Filed.v2.avsc").write_text(text, encoding="utf-8")
    with pytest.raises(BadSchema, match=r"Filed\.v2\.avsc"):
        load(avro)


def test_an_id_that_stands_twice_in_the_lock_is_refused() -> None:
    entries = lock.extend([], load())
    with pytest.raises(BadSchema, match="stands twice"):
        lock.read(lock.render([*entries, entries[0]]))


def test_a_nested_type_with_two_shapes_is_refused() -> None:
    def widen(document: object) -> None:
        add_field("floor", ["null", "string"], default=None)(named(document, "Place"))

    schemas = evolved("threecross.claim.report.Report", widen)
    with pytest.raises(BadSchema, match=r"threecross\.Place has another shape"):
        codec.render(schemas, lock.extend([], schemas))
