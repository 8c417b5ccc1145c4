"""A made-up city whose export has nothing in common with New York's: Chinese columns, GB18030, 24-hour times, free text
and a phone number. Only its mapping makes it readable."""

from __future__ import annotations

from pathlib import Path

from connectors.contract import Draft, Row
from connectors.csvfile import mapping
from connectors.csvfile.look import look_through
from connectors.csvfile.mapping import Mapping

ROOT = Path(__file__).parents[1]
NYC = ROOT / "ops" / "demo" / "nyc311.csv"
MONTH = ROOT / "ops" / "demo" / "district_month.csv"

PHONE = "13800007311"
TEXT = "门口的路灯坏了三天，找王阿姨"

CITY_TOML = """
system = "city12345"
already_done = true

[file]
encoding = "gb18030"
delimiter = ";"
columns = ["工单号", "受理时间", "办结时间", "类别", "区县", "承办单位", "诉求内容", "联系电话"]
ignored = ["备注"]

[time]
format = "%Y年%m月%d日 %H:%M"
zone = "Asia/Shanghai"

[case]
number_column = "工单号"

[actor]
org = "city12345"
role = "source"

[tables.division]
"驿城区" = "411702"
"永泰县" = "350125"

[[claims]]
event = "Report"
at_column = "受理时间"
identity = ["受理时间", "类别"]
[claims.fields]
inlet = "hotline"
category = { scheme = "city12345", version = "1", code = { column = "类别" } }
place = { division = { column = "区县", table = "division" } }
text = { columns = ["诉求内容"] }
reporter = { column = "联系电话" }

[[claims]]
event = "File"
at_column = "受理时间"
identity = ["受理时间"]

[[claims]]
event = "Dispatch"
at_column = "受理时间"
identity = ["受理时间", "承办单位"]
[claims.fields]
parties = { lead = { column = "承办单位" } }

[[claims]]
event = "Close"
at_column = "办结时间"
when_column = "办结时间"
identity = ["办结时间"]
[claims.fields]
kind = "recorded"
"""

CITY_CSV = f"""工单号;受理时间;办结时间;类别;区县;承办单位;诉求内容;联系电话;备注
A-1;2026年11月02日 09:15;2026年11月03日 16:00;路灯;驿城区;住建局;{TEXT};{PHONE};x
A-2;2026年11月02日 23:59;;井盖;永泰县;城管局;井盖松动;;y
A-3;2026年11月04日 08:00;2026年11月04日 08:30;噪声;驿城区;环保局;"夜里吵
睡不着";{PHONE};z
"""


def city() -> Mapping:
    """The made-up city's mapping."""
    return mapping.parse("city12345", CITY_TOML.encode())


def city_file(folder: Path) -> Path:
    """The made-up city's export, in GB18030."""
    path = folder / "city.csv"
    path.write_bytes(CITY_CSV.encode("gb18030"))
    return path


def long_text(characters: int) -> tuple[str, list[str]]:
    """A mapping whose free text comes from seven columns, and three rows: the second one fills each of them with so
    many characters of three bytes."""
    columns = [f"诉求{n}" for n in range(7)]
    toml = CITY_TOML.replace('"诉求内容"', ", ".join(f'"{column}"' for column in columns))
    header = f"工单号;受理时间;办结时间;类别;区县;承办单位;{';'.join(columns)};联系电话;备注"
    texts = [TEXT, "灯" * characters, TEXT]
    row = "A-{};2026年11月02日 09:15;;路灯;驿城区;住建局;{};;"
    return toml, [header, *(row.format(n, ";".join([text] * 7)) for n, text in enumerate(texts))]


def nyc() -> Mapping:
    """The shipped mapping of New York."""
    return mapping.load("nyc311")


def month() -> Mapping:
    """The shipped mapping of the district month."""
    return mapping.load("zhongyuan_month")


def nyc_lines() -> list[str]:
    """Lines of the shipped extract, header first, without their ends."""
    return NYC.read_text(encoding="utf-8").splitlines()


def written(folder: Path, lines: list[str], *, end: str = "\n", encoding: str = "utf-8") -> Path:
    """A CSV file of these lines."""
    path = folder / "export.csv"
    path.write_bytes(("\n".join(lines) + end).encode(encoding))
    return path


def drafts(path: Path, made: Mapping) -> list[Draft]:
    """All claims of a good file, in order."""
    look = look_through(path, made)
    assert look.problems == []
    rows = [row for row, _ in look.file.read() if isinstance(row, Row)]
    return [draft for row in rows for draft in look.translation.translate(row, look.translation.number(row))]
