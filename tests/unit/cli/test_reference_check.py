"""`threecross reference check` of a workbook, without a hub."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import ops.demo
from ops.demo import make_standards
from tests.command_line import Run

EXAMPLE = Path(ops.demo.__file__).parent / "standards.xlsx"


def test_a_workbook_is_counted_and_what_is_refused_is_listed(threecross: Run) -> None:
    result = threecross("reference", "check", str(EXAMPLE), "--json")
    told = json.loads(result.out)
    assert result.code == 1
    assert list(told) == ["conditions", "types", "accepted", "refused"]
    assert (told["conditions"], told["types"], told["accepted"], len(told["refused"])) == (70, 18, 59, 11)
    assert told["refused"][0] == {
        "sheet": "设施类",
        "row": 7,
        "text": "15天（雨季顺延）",
        "reason": 'words behind the unit "天": "（雨季顺延）"',
    }


def test_in_words_it_tells_how_units_were_read_and_every_refusal(threecross: Run) -> None:
    result = threecross("reference", "check", str(EXAMPLE))
    assert result.code == 1
    assert "70 conditions of 18 types; 59 accepted, 11 refused." in result.out
    assert "Units are read by table zhongyuan 1: 小时、工作时 = working hours" in result.out
    assert 'Refused: sheet "事务类", row 24: "7日": "日" is not in table of units zhongyuan 1.' in result.out
    assert 'Note: sheet "事务类", row 38: 注：天指工作日，遇调休顺延。' in result.out


def test_a_workbook_in_which_everything_is_plain_ends_with_0(threecross: Run, tmp_path: Path) -> None:
    odd = [*make_standards.ODD]
    decided = "".join(f'[units.decided."{cell}"]\namount = 2\nunit = "working_days"\nwhy = "agreed"\n' for cell in odd)
    toml = EXAMPLE.with_suffix(".toml").read_text("utf-8").split("[units.decided")
    rest = toml[1].split("[layout]", 1)[1]
    (tmp_path / "standards.toml").write_text(f"{toml[0]}{decided}\n[layout]{rest}", "utf-8")
    result = threecross("reference", "check", str(shutil.copy(EXAMPLE, tmp_path)))
    assert (result.code, "70 accepted, nothing refused." in result.out) == (0, True)


def test_a_file_that_is_no_workbook_cannot_be_checked(threecross: Run, tmp_path: Path) -> None:
    (tmp_path / "paper.xlsx").write_text("paper", "utf-8")
    result = threecross("reference", "check", str(tmp_path / "paper.xlsx"))
    assert result.code == 2
    assert "paper.xlsx: it cannot be read as a workbook" in result.err


def test_a_check_of_a_workbook_loads_nothing_heavy() -> None:
    heavy = ("kafka", "shapely", "sqlalchemy", "fastavro", "faust")
    program = (
        f"import sys; from ops.cli import main; main(['reference', 'check', {str(EXAMPLE)!r}, '--json']); "
        f"print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
