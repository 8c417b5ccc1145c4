"""A file that is doubtful as a whole is refused before a row of it is used."""

from pathlib import Path

import pytest

from connectors.contract import BadFile, BadRow, Row
from connectors.csvfile.transport import CsvFile
from tests.csv_samples import NYC, city, city_file, nyc, nyc_lines, written


def rows(path: Path) -> list[Row | BadRow]:
    return [row for row, _ in CsvFile(path, nyc().file).read()]


def refused(path: Path) -> str:
    with pytest.raises(BadFile) as told:
        rows(path)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_the_shipped_extract_has_1000_rows_with_their_lines() -> None:
    found = rows(NYC)
    assert len(found) == 1000
    assert [row.line for row in found] == list(range(2, 1002))


def test_reading_goes_on_behind_a_position() -> None:
    file = CsvFile(NYC, nyc().file)
    assert list(file.read(990)) == list(file.read())[990:]


def test_a_wrong_header_is_refused_naming_missing_and_unexpected_columns(tmp_path: Path) -> None:
    lines = nyc_lines()
    lines[0] = lines[0].replace("Closed Date", "Date Closed")
    told = refused(written(tmp_path, lines))
    assert 'line 1: wrong header: missing "Closed Date"; unexpected "Date Closed"' in told
    assert "Nothing was sent" in told


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    lines = nyc_lines()
    lines[0] += ",Status"
    assert 'there twice "Status"' in refused(written(tmp_path, lines))


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert len(rows(written(tmp_path, nyc_lines(), encoding="utf-8-sig"))) == 1000


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("\r\n".join([*nyc_lines(), ""]).encode())
    assert len(rows(path)) == 1000


def test_columns_in_another_order_are_found_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, [",".join(reversed(line.split(","))) for line in nyc_lines()[:5] if '"' not in line])
    assert CsvFile(path, nyc().file).header[-1] == "Unique Key"


@pytest.mark.parametrize("cut", [1, 2, 20, 60])
def test_a_half_written_last_line_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(NYC.read_bytes()[:-cut])
    assert "line 1001: the last line has no line end" in refused(path)


def test_a_last_line_with_an_open_quote_is_refused(tmp_path: Path) -> None:
    told = refused(written(tmp_path, [*nyc_lines(), '1,"06/26/2018']))
    assert "line 1002: a quote is opened and never closed: the file was cut off" in told


def test_a_source_that_never_ends_its_last_line_may_say_so(tmp_path: Path) -> None:
    path = written(tmp_path, nyc_lines()[:3], end="")
    layout = nyc().file
    open_ended = type(layout)(layout.encoding, layout.delimiter, False, layout.columns, layout.ignored)
    assert len(list(CsvFile(path, open_ended).read())) == 2
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(BadFile, match=r"line 3: the last line has . fields, the header has 10: the file was cut off"):
        list(CsvFile(path, open_ended).read())


def test_gb18030_is_read_where_the_mapping_says_so(tmp_path: Path) -> None:
    found = [row for row, _ in CsvFile(city_file(tmp_path), city().file).read()]
    assert [row.line for row in found] == [2, 3, 4]
    assert isinstance(found[2], Row)
    assert found[2].values[6] == "夜里吵\n睡不着"


def test_gb18030_that_the_mapping_does_not_say_is_refused_with_a_hint(tmp_path: Path) -> None:
    layout = city().file
    utf8 = type(layout)("utf-8", layout.delimiter, True, layout.columns, layout.ignored)
    with pytest.raises(BadFile, match=r"line 1: byte 0x.. at position 1 is not UTF-8.* read as gb18030") as told:
        CsvFile(city_file(tmp_path), utf8)
    assert "Nothing was sent" in str(told.value)


def test_gb18030_in_a_later_line_is_refused_with_its_line(tmp_path: Path) -> None:
    lines = nyc_lines()
    lines[316] = lines[316].replace("QUEENS", "皇后区").replace("BROOKLYN", "皇后区").replace("MANHATTAN", "皇后区")
    lines[316] = lines[316].replace("BRONX", "皇后区")
    path = written(tmp_path, lines, encoding="gb18030")
    assert "line 317: byte 0xbb" in refused(path)


def test_utf_8_that_the_mapping_calls_gb18030_is_refused_with_a_hint(tmp_path: Path) -> None:
    path = city_file(tmp_path)
    path.write_bytes(path.read_bytes().decode("gb18030").encode("utf-8"))
    with pytest.raises(BadFile, match="utf-8"):
        CsvFile(path, city().file)
    path.write_bytes(path.read_bytes().decode("utf-8").encode("utf-8-sig"))
    with pytest.raises(BadFile, match="marked as UTF-8, but the mapping says gb18030"):
        CsvFile(path, city().file)


def test_utf_16_is_refused(tmp_path: Path) -> None:
    assert "the file is UTF-16: save it as UTF-8" in refused(written(tmp_path, nyc_lines(), encoding="utf-16"))


def test_a_file_that_ends_inside_a_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(NYC.read_bytes() + "街".encode()[:2])
    assert "line 1002: the last line ends inside a character" in refused(path)


def test_a_zero_byte_is_refused(tmp_path: Path) -> None:
    assert "line 3: holds a zero byte" in refused(written(tmp_path, [*nyc_lines()[:2], "a\0b"]))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "the file is empty" in refused(written(tmp_path, [], end=""))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in refused(tmp_path / "nothing.csv")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, nyc_lines())
    file = CsvFile(path, nyc().file)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(BadFile, match="has changed while it was read"):
        list(file.read())


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    assert len(rows(written(tmp_path, [*nyc_lines()[:3], "", ""]))) == 2


def test_a_row_with_too_few_fields_is_a_bad_row_with_its_bytes(tmp_path: Path) -> None:
    found = rows(written(tmp_path, [*nyc_lines()[:2], "1,2,3", nyc_lines()[2]]))
    assert isinstance(found[1], BadRow)
    assert found[1].raw == b"1,2,3\n"
    assert "line 3: has 3 fields, the header has 10" in str(found[1])
    assert isinstance(found[2], Row)


def test_two_megabytes_in_one_field_are_a_bad_row(tmp_path: Path) -> None:
    lines = nyc_lines()
    lines[2] = lines[2].replace("DOF Property - Reduction Issue", "x" * 2_000_000)
    found = rows(written(tmp_path, lines))
    assert isinstance(found[1], BadRow)
    assert "line 3: is not CSV (field larger than field limit (131072)): quote the field, or shorten it" in str(
        found[1]
    )
    assert len(found) == 1000
