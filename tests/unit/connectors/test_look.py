"""Before anything is sent the whole file is looked through; a refusal names line, column, value, and what to do."""

from pathlib import Path

import pytest

from connectors.contract import MAX_TEXT_BYTES
from connectors.csvfile import files
from connectors.csvfile.look import Look, look_through
from connectors.csvfile.mapping import parse
from ops.vault.store import Limits
from tests.csv_samples import CITY_TOML, MONTH, NYC, PHONE, city, city_file, long_text, month, nyc, nyc_lines, written


def looked(folder: Path, lines: list[str]) -> Look:
    return look_through(written(folder, lines), nyc())


def test_the_shipped_extract_is_good() -> None:
    look = look_through(NYC, nyc())
    assert (look.rows, look.problems) == (1000, [])


def test_a_bad_date_in_row_317_is_refused_with_line_column_value_and_remedy(tmp_path: Path) -> None:
    lines = nyc_lines()
    fields = lines[316].split(",")
    fields[1] = "31/12/2018"
    lines[316] = ",".join(fields)
    told = str(looked(tmp_path, lines).refusal())
    assert 'line 317, column "Created Date": "31/12/2018" is not a time like 06/26/2018 10:58:54 PM' in told
    assert "--skip-bad-rows. Nothing was sent." in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("Unique Key", "", 'column "Unique Key": is empty: every row needs the number of its case'),
        ("Created Date", "", 'column "Created Date": is empty, and must not be'),
        ("Due Date", "tomorrow", 'column "Due Date": "tomorrow" is not a time'),
        ("Closed Date", "03/12/2017 02:30:00 AM", "never happened in America/New_York"),
        ("Agency", "NSA", '"NSA" is not in [tables.agency] of nyc311.toml: add it there'),
        ("Agency", "", 'column "Agency": is empty'),
        ("Borough", "GOTHAM", '"GOTHAM" is not in [tables.borough]'),
        ("Complaint Type", "", 'column "Complaint Type": is empty'),
        ("Latitude", "91", '"91" is not a number of degrees between -90 and 90'),
        ("Latitude", "nan", '"nan" is not a number of degrees'),
        ("Longitude", "west", '"west" is not a number of degrees between -180 and 180'),
        ("Longitude", "", 'column "Longitude": is empty'),
    ],
)
def test_each_bad_value_is_named(tmp_path: Path, column: str, value: str, told: str) -> None:
    lines = nyc_lines()[:2]
    fields = lines[1].split(",")
    fields[lines[0].split(",").index(column)] = value
    look = looked(tmp_path, [lines[0], ",".join(fields)])
    assert told in str(look.refusal())


def test_the_refusal_counts_the_other_bad_rows(tmp_path: Path) -> None:
    lines = nyc_lines()
    lines[5:8] = ["x,y"] * 3
    assert "line 6: has 2 fields, the header has 10" in str(looked(tmp_path, lines).refusal())
    assert "2 more rows are wrong." in str(looked(tmp_path, lines).refusal())


def test_a_number_with_two_contents_is_refused(tmp_path: Path) -> None:
    lines = nyc_lines()
    twice = lines[1].replace(",Closed,", ",Open,")
    told = str(looked(tmp_path, [*lines, twice]).refusal())
    assert 'line 1002, column "Unique Key": "39573567" stands in line 2 with other content' in told


def test_the_same_row_twice_is_no_problem(tmp_path: Path) -> None:
    lines = nyc_lines()
    assert looked(tmp_path, [*lines, lines[1]]).problems == []


def test_a_claim_above_the_limit_of_a_record_is_refused(tmp_path: Path) -> None:
    rows = [f"A-1;2026年11月02日 09:15;;{'灯' * 130_000};驿城区;住建局;x;1;"]
    toml = CITY_TOML.replace(
        'place = { division = { column = "区县", table = "division" } }',
        'place = { division = { column = "区县", table = "division" }, address = { column = "类别" } }\n'
        'upstream_status = { column = "类别" }',
    )
    header = "工单号;受理时间;办结时间;类别;区县;承办单位;诉求内容;联系电话;备注"
    path = written(tmp_path, [header, *rows], encoding="gb18030")
    told = str(look_through(path, parse("city", toml.encode())).refusal())
    assert "line 2: makes a claim of 1,170" in told
    assert "more than 900,000: shorten it" in told


def test_a_text_of_two_megabytes_from_several_columns_is_refused(tmp_path: Path) -> None:
    toml, lines = long_text(100_000)
    look = look_through(written(tmp_path, lines, encoding="gb18030"), parse("city", toml.encode()))
    (problem,) = look.problems
    assert str(problem) == "line 3: holds a free text of 2,100,006 bytes, more than 1,048,576: shorten it"


def test_a_text_of_one_megabyte_is_taken(tmp_path: Path) -> None:
    toml, lines = long_text(49_000)
    assert look_through(written(tmp_path, lines, encoding="gb18030"), parse("city", toml.encode())).problems == []


def test_what_the_look_lets_pass_the_vault_takes() -> None:
    assert (Limits().text, Limits().file) == (MAX_TEXT_BYTES, files.LARGEST)


def test_evidence_that_is_not_there_is_refused(tmp_path: Path) -> None:
    lines = MONTH.read_text(encoding="utf-8").splitlines()[:6]
    path = written(tmp_path, lines)
    assert look_through(MONTH, month()).problems == []
    told = str(look_through(path, month()).refusal())
    assert "is not a file in" in told


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "evidence"])
def test_evidence_outside_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "in" / "evidence").mkdir(parents=True)
    lines = MONTH.read_text(encoding="utf-8").splitlines()
    header, settled = lines[0], next(line for line in lines if "自行处置" in line)
    path = written(tmp_path / "in", [header, settled.rsplit(",", 1)[0] + "," + name])
    assert "is not a file in" in str(look_through(path, month()).refusal())


def test_an_unknown_event_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    lines = MONTH.read_text(encoding="utf-8").splitlines()[:2]
    path = written(tmp_path, [lines[0], lines[1].replace("上报", "吹哨")])
    told = str(look_through(path, month()).refusal())
    assert '"吹哨" is not an event of zhongyuan_month.toml, which has 上报, 自行处置' in told


def test_what_a_refusal_says_without_its_value_is_fit_for_logs(tmp_path: Path) -> None:
    path = city_file(tmp_path)
    path.write_bytes(path.read_bytes().replace("2026年11月02日 09:15".encode("gb18030"), PHONE.encode()))
    (problem,) = look_through(path, city()).problems
    assert PHONE in str(problem)
    assert PHONE not in problem.without_value()
