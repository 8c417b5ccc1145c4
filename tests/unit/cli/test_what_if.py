"""What-if refuses in one sentence what it cannot suppose, before it asks any server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Run

CALENDAR = Path(__file__).parents[3] / "ops/reference/calendars/china.toml"
PERIOD = ("--from", "2026-03-01", "--to", "2026-03-31")
NOWHERE = ("--bootstrap", "localhost:1")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (PERIOD, "Give one document: --standard FILE or --calendar FILE."),
        (("--standard", CALENDAR, "--calendar", CALENDAR, *PERIOD), "Give one document"),
        (("--standard", CALENDAR, *PERIOD), "is a document of calendars, not of standards."),
        (("--calendar", "nothing.toml", *PERIOD), "nothing.toml: there is no such file."),
        (("--calendar", CALENDAR, "--from", "2026-03-02", "--to", "2026-03-01"), "lies before --from 2026-03-02."),
        (("--calendar", CALENDAR, "--from", "March", "--to", "2026-03-01"), "--from March: write a day like"),
    ],
)
def test_what_cannot_be_supposed_is_one_sentence(words: tuple[str, ...], sentence: str, threecross: Run) -> None:
    result = threecross("what-if", *words, *NOWHERE)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert result.err.count("\n") == 1


def test_a_document_that_cannot_be_read_says_where(threecross: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text('kind = "standards"\nname = "gb 1"\n[[items]]\nscheme = "gb"\n', "utf-8")
    result = threecross("what-if", "--standard", path, *PERIOD, *NOWHERE)
    assert result.code == 2
    assert "odd.toml" in result.err
