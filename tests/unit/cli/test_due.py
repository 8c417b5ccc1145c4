"""`threecross due`: one question or a file of them, answers as table or JSON, and what cannot be answered."""

from pathlib import Path

import pytest

from tests.command_line import Run

HEAD = "start,unit,amount\n"


def file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "limits.csv"
    path.write_text(text, encoding)
    return path


def test_one_question_is_answered_by_chinas_calendar(threecross: Run) -> None:
    result = threecross("due", "2026-09-30T16:00", "working_days", "1", "--json")
    assert result.code == 0
    assert result.json == [
        {"start": "2026-09-30T16:00", "unit": "working_days", "amount": "1", "due": "2026-10-08T16:00:00+08:00"}
    ]


def test_the_table_names_the_calendar_its_version_and_its_zone(threecross: Run) -> None:
    result = threecross("due", "2026-09-30 16:00", "urgent_hours", "0.5")
    assert "calendar china 2026.1, Asia/Shanghai" in result.out
    assert "2026-09-30 16:30:00+08:00" in result.out


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-06T16:00", "2026-03-09T10:00:00-04:00"),
        ("2026-03-06T21:00Z", "2026-03-09T10:00:00-04:00"),
        ("2026-03-07T05:00:00.5+08:00", "2026-03-09T10:00:00.500000-04:00"),
        ("2026-11-01T01:30", "2026-11-02T11:00:00-05:00"),
    ],
)
def test_a_time_without_offset_is_of_the_calendars_zone(start: str, due: str, threecross: Run) -> None:
    assert threecross("due", start, "working_hours", "2", "--calendar", "new_york", "--json").json[0]["due"] == due


def test_what_runs_into_an_unknown_year_is_said_and_is_no_error(threecross: Run) -> None:
    words = ("due", "2026-12-31T17:00", "working_days", "1")
    (said,) = threecross(*words, "--json").json
    assert (said["due"], said["not_before"]) == (None, "2027-01-01T00:00:00+08:00")
    result = threecross(*words)
    assert result.code == 0
    assert "not before 2027-01-01 00:00:00+08:00: the calendar does not know 2027" in result.out


def test_each_row_of_a_file_is_answered_in_order(threecross: Run, tmp_path: Path) -> None:
    text = "amount,why,start,unit\n2,x,2026-03-03T17:00,working_hours\n\n 1 ,,2026-12-31T17:00,working_days\n"
    result = threecross("due", "--csv", file(tmp_path, text, "utf-8-sig"), "--json")
    assert [(row["amount"], row["due"]) for row in result.json] == [("2", "2026-03-04T09:00:00+08:00"), ("1", None)]
    assert "not_before" not in result.json[0]


def test_a_file_without_rows_has_no_answers(threecross: Run, tmp_path: Path) -> None:
    result = threecross("due", "--csv", file(tmp_path, HEAD), "--json")
    assert (result.code, result.json) == (0, [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            HEAD + "2026-03-03T09:00,working_hours,2\n2026-03-03T09:00,hours,2\n",
            'line 3, column unit: "hours" is no unit',
        ),
        (HEAD + "2026-03-03,working_hours,2\n", 'line 2, column start: "2026-03-03" is no date and time like'),
        (HEAD + "2026-02-30T10:00,working_hours,2\n", 'line 2, column start: "2026-02-30T10:00" is no date and time'),
        (HEAD + "1100-02-03T10:00,working_hours,2\n", "line 2, column start: "),
        (HEAD + "2026-03-03T09:00,working_hours,NaN\n", 'line 2, column amount: "NaN" is no amount'),
        (HEAD + "2026-03-03T09:00,working_hours,-2\n", 'line 2, column amount: "-2" is no amount'),
        (HEAD + "2026-03-03T09:00,working_hours\n", 'line 2, column amount: "" is no amount'),
        (HEAD + '2026-03-03T09:00,working_hours,"2\n', "not readable as CSV"),
        ("start,unit\n", "line 1, column amount: is missing; the first line is start,unit,amount."),
        ("", "line 1, column start: is missing"),
    ],
)
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_bad_row_is_named_by_line_and_column_and_nothing_is_printed(
    text: str, sentence: str, as_json: list[str], threecross: Run, tmp_path: Path
) -> None:
    path = file(tmp_path, text)
    result = threecross("due", "--csv", path, *as_json)
    assert (result.code, result.out) == (2, "")
    assert str(path) in result.err
    assert sentence in result.err


def test_a_file_in_another_encoding_is_refused(threecross: Run, tmp_path: Path) -> None:
    result = threecross("due", "--csv", file(tmp_path, HEAD + "二〇二六,working_hours,1\n", "gb18030"))
    assert result.code == 2
    assert "not readable as UTF-8" in result.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Give START UNIT AMOUNT, or --csv FILE"),
        (("2026-03-03T09:00", "working_hours"), "Give START UNIT AMOUNT, or --csv FILE"),
        (("2026-03-03T09:00", "working_hours", "1", "--csv", "x.csv"), "Give START UNIT AMOUNT, or --csv FILE"),
        (("2026-03-03T09:00", "working_hours", "0"), "amount: an amount of 0 is no limit"),
        (("2026-03-08T02:30", "working_hours", "1", "--calendar", "new_york"), "never happened in America/New_York"),
        (("2026-03-03T09:00", "working_hours", "1", "--calendar", "x"), 'There is no calendar "x": use china'),
        (("2026-03-03T09:00", "working_hours", "1", "--calendar", "x.toml"), "x.toml: there is no such file"),
        (("--csv", "no-such.csv"), "no-such.csv cannot be used: No such file or directory"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(words: tuple[str, ...], sentence: str, threecross: Run) -> None:
    result = threecross("due", *words)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert result.err.count("\n") == 1
