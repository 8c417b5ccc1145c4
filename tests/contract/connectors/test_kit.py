"""The smallest good connector keeps every sentence; for each sentence there is one that breaks it, and is caught."""

import re
from pathlib import Path

import pytest

from tests.kit import model
from tests.kit.outside import about
from tests.kit.participants import EXEMPTIONS, coverage, without_harness
from tests.kit.reading import ROOT
from tests.kit.sentences import SENTENCES, Sentence


@pytest.mark.parametrize("one", SENTENCES, ids=lambda one: one.id)
def test_the_smallest_good_connector_keeps_every_sentence(one: Sentence, tmp_path: Path) -> None:
    with model.start(tmp_path) as harness:
        one.check(harness)


@pytest.mark.parametrize("one", SENTENCES, ids=lambda one: one.id)
def test_a_connector_that_breaks_a_sentence_is_caught(one: Sentence, tmp_path: Path) -> None:
    with model.start(tmp_path, broken=one.id) as harness, pytest.raises(BaseException) as caught:
        one.check(harness)
    assert not isinstance(caught.value, (KeyboardInterrupt, SystemExit))


CONTRACT = (ROOT / "connectors" / "CONTRACT.md").read_text("utf-8")
STATED = re.findall(r"^- \*\*(CON-\d{3})\*\*", CONTRACT, re.MULTILINE)
RUNNERS = "CON-06"


def test_every_sentence_of_the_contract_is_checked_and_no_other() -> None:
    assert sorted({one.id for one in SENTENCES}) == sorted(
        number for number in STATED if not number.startswith(RUNNERS)
    )
    assert len(set(STATED)) == len(STATED)


def test_sentences_of_the_runner_name_tests_that_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", CONTRACT)
    assert len(named) == len([number for number in STATED if number.startswith(RUNNERS)])
    assert [test for path, test in named if f"def {test}(" not in (ROOT / path).read_text("utf-8")] == []


def test_the_table_in_the_contract_is_the_one_of_the_kit() -> None:
    assert coverage() in CONTRACT


def test_every_kind_has_a_harness_or_says_why_not() -> None:
    assert without_harness() - set(EXEMPTIONS["kinds"]) == set()


def test_an_exemption_is_of_a_sentence_that_is_there_and_gives_its_reason() -> None:
    known = {one.id for one in SENTENCES}
    named = {name: set(lines) - known for name, lines in EXEMPTIONS.items() if name != "kinds"}
    assert {name: unknown for name, unknown in named.items() if unknown} == {}
    assert all(len(reason) > 10 for lines in EXEMPTIONS.values() for reason in lines.values())


def test_a_connector_from_outside_is_run_through_what_is_about_it() -> None:
    mine = {one.id for one in about("sink", "source", exempt={"CON-013": "a file gives no answer"})}
    assert {"CON-001", "CON-012", "CON-036"} <= mine
    assert not {"CON-013", "CON-040"} & mine


@pytest.mark.parametrize(
    ("part", "exempt", "told"),
    [
        ("sinks", {}, "no part sinks"),
        ("sink", {"CON-036": "a sink has no source"}, "CON-036 is no sentence about such a connector"),
        ("sink", {"CON-013": " "}, "exempt without a reason"),
    ],
)
def test_from_outside_nothing_is_left_out_silently(part: str, exempt: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        about(part, exempt=exempt)
