"""A newcomer changes the three things that change most, by doing what CONTRIBUTING.md says and nothing else."""

import re
from pathlib import Path

import pytest

from schemas import codec
from schemas.events import HandBack
from schemas.frames import Unreadable
from tests.builders import claim
from tests.contract.newcomer import Block, Newcomer, blocks, section, with_row

pytestmark = pytest.mark.timeout(300)  # seconds; the generator, ruff and pytest run in the copy

CONTRACT = (
    "tests/contract/test_golden.py",
    "tests/contract/test_compatibility.py",
    "tests/contract/test_schema_style.py",
)


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    return Newcomer(tmp_path / "project")


def own_tests(done: list[Block]) -> list[str]:
    return [block.file for block in done if block.file.startswith("tests/")]


# ------------------------------------------------------------ a field of an event

DECODED = """
import sys
from schemas import codec
meta, body = codec.decode(bytes.fromhex(sys.argv[1]))
assert body.crew is None, body
print(codec.encode(meta, body).hex(), meta.claim_id, body.party)
again = codec.decode(codec.encode(meta, body))
assert again == (meta, body)
"""


def test_a_newcomer_adds_a_field_to_an_event(newcomer: Newcomer) -> None:
    before = claim(HandBack("power"))
    done = newcomer.follow("A field of an event")
    checked = newcomer.check(*CONTRACT, own=own_tests(done))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    golden = "tests/contract/golden/threecross.claim.disposal.HandBack"
    assert (newcomer.folder / f"{golden}.v1.json").read_bytes() == Path(f"{golden}.v1.json").read_bytes()
    assert (newcomer.folder / f"{golden}.v2.json").is_file()
    decoded = newcomer.python("-c", DECODED, before.value.hex())
    assert decoded.returncode == 0, decoded.stderr
    value, claim_id, party = decoded.stdout.split()
    assert (claim_id, party) == (before.meta.claim_id, "power")
    with pytest.raises(Unreadable, match="unknown-schema"):  # readers are upgraded first
        codec.decode(bytes.fromhex(value))


def test_a_field_without_its_default_is_refused_and_nothing_is_written(newcomer: Newcomer) -> None:
    before = (newcomer.folder / "schemas/ids.lock.toml").read_text("utf-8")
    copy, field, generate = blocks("A field of an event")[:3]
    newcomer.do(copy)
    newcomer.do(
        field._replace(text=field.text.replace(', "default": null', "").replace('["null", "string"]', '"string"'))
    )
    refused = newcomer.do(generate)
    assert refused is not None
    assert refused.returncode != 0
    assert "HandBack.v2.avsc cannot read what HandBack.v1.avsc wrote" in refused.stderr
    assert (newcomer.folder / "schemas/ids.lock.toml").read_text("utf-8") == before


def test_an_edited_release_is_refused(newcomer: Newcomer) -> None:
    _, field, generate = blocks("A field of an event")[:3]
    newcomer.do(field._replace(file=field.file.replace("v2", "v1")))
    refused = newcomer.do(generate)
    assert refused is not None
    assert "put the change into HandBack.v2.avsc" in refused.stderr


# ------------------------------------------------------------ a department


def test_a_newcomer_adds_a_department(newcomer: Newcomer) -> None:
    done = newcomer.follow("A department")
    assert {Path(block.file).suffix for block in done if not block.file.startswith("tests/")} == {".toml"}
    checked = newcomer.check("tests/contract/connectors", "tests/unit/connectors/test_mapping.py", own=own_tests(done))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_command_of_a_department_knows_it(newcomer: Newcomer) -> None:
    (command,) = re.findall(r"`threecross (import FILE [^`]+)`", section("A department"))
    run = "import sys; from ops.cli import main; sys.exit(main())"
    unknown = newcomer.python("-c", run, *command.split())
    assert 'there is no mapping "yongtai_lamps"' in unknown.stderr
    newcomer.follow("A department")
    known = newcomer.python("-c", run, *command.split())
    assert known.returncode == 2
    assert "No hub" in known.stderr


# ------------------------------------------------------------ a rule


def test_a_newcomer_adds_a_rule(newcomer: Newcomer) -> None:
    row, test = blocks("A rule")
    newcomer.do(test)
    twin = newcomer.test(test.file)
    assert "1 failed, 1 passed" in twin.stdout  # without the rule the operator may
    newcomer.do(row)
    checked = newcomer.check("tests/unit/core/test_authority.py", own=[test.file])
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("change", ['["NoClaim"]\nroles = []', '["File"]\nrolls = []'])
def test_a_row_that_is_not_there_is_no_row_of_the_guide(change: str) -> None:
    with pytest.raises(ValueError, match=r"no row|no such key"):
        with_row('["File"]\nroles = ["dispatcher"]\n\n["Close"]\nroles = []\n', change)
