"""The folder of a test is its tier: cheap tiers run first, each has its marker, time-out and line in the report."""

import re
from pathlib import Path

import pytest

from tests.plugins.tiers import TIMEOUTS, tier_of

ROOT = Path(__file__).parents[3]


def test_tiers_run_cheap_ones_first_with_marker_time_out_and_a_line_before_the_closing_one(
    pytester: pytest.Pytester,
) -> None:
    for tier in ("faults", "integration", "laws", "unit"):
        test = "def test_it(request): print(*request.node.iter_markers())\n"
        (pytester.mkdir(tier) / f"test_{tier}.py").write_text(test, "utf-8")
    result = pytester.runpytest_subprocess("-p", "tests.plugins.tiers", "-v", "-s", "--import-mode=importlib")
    report, order = str(result.stdout), ["unit", "laws", "integration", "faults"]
    assert re.findall(r"test_(\w+)\.py::", report) == order
    assert "name='integration'" in report
    assert f"name='timeout', args=({TIMEOUTS['integration']},)" in report
    assert re.findall(r"^(\w+) +1 tests +\d+\.\d s$", report, re.MULTILINE) == order
    assert re.fullmatch(r"=+ 4 passed.* in .*=+", report.splitlines()[-1])


def test_a_path_outside_the_tiers_has_none() -> None:
    assert tier_of(["tests", "elsewhere"]) is None


def test_every_folder_of_tests_is_a_tier_or_holds_no_test() -> None:
    others = [path for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name not in TIMEOUTS]
    assert [str(test) for folder in others for test in folder.rglob("test_*.py")] == []
