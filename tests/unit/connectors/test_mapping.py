"""The loader of mappings: what it does not understand it refuses, naming file and key."""

import pytest

from connectors.contract import BadMapping
from connectors.csvfile import mapping
from tests.csv_samples import CITY_TOML, city


def changed(old: str, new: str, count: int = 1) -> None:
    assert old in CITY_TOML
    mapping.parse("city", CITY_TOML.replace(old, new, count).encode())


def test_every_shipped_mapping_loads() -> None:
    assert {"nyc311", "zhongyuan_month"} <= set(mapping.names())
    assert all(mapping.load(name).name == name for name in mapping.names())


def test_a_mapping_knows_which_columns_are_personal() -> None:
    assert city().personal_columns() == {"诉求内容", "联系电话"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("when_column", "whne_column", r'city.toml.claims\[4\]: unknown key "whne_column"; known are .*when_column'),
        ("delimiter", "delimeter", r'city.toml.file: unknown key "delimeter"'),
        ('system = "city12345"', 'system = "city12345"\ncolour = "red"', r'city.toml: unknown key "colour"'),
        ('zone = "Asia/Shanghai"', 'zone = "Asia/Nowhere"', r'city.toml.time: "zone" is "Asia/Nowhere"'),
        ("%H:%M", "%H:%M %Q", r'city.toml.time: "format" is not understood: %Q'),
        ('event = "File"', 'event = "Filed"', r'claims\[2\]: "event" is "Filed", which is not a claim'),
        ('inlet = "hotline"', "", r'claims\[1\].fields: Report needs the field "inlet"'),
        ('inlet = "hotline"', 'inlet = "hotline"\nfood = "x"', r'"food" is not a field of Report'),
        ('kind = "recorded"', 'kind = "gone"', r'"kind" must be one of unknown, checked'),
        ('kind = "recorded"', 'kind = { column = "类别" }', r'"kind" must be one of unknown, checked'),
        ('table = "division"', 'table = "towns"', r'"table" is "towns", but there is no \[tables.towns\]'),
        ('code = { column = "类别" }', 'code = { column = "类型" }', 'column "类型" used, but not among file.columns'),
        ('["诉求内容"]', '["备注"]', 'column "备注" used, but not among file.columns'),
        ('"联系电话"]', '"联系电话", "天气"]', 'column "天气" never used: move to file.ignored'),
        ('identity = ["受理时间", "类别"]', 'identity = ["联系电话"]', 'column "联系电话" goes to the vault'),
        ('lead = { column = "承办单位" }', 'lead = { column = "诉求内容" }', 'column "诉求内容" goes to the vault'),
        ('encoding = "gb18030"', 'encoding = "utf-16"', r'"encoding" is "utf-16"; use one of utf-8, gb18030'),
        ('delimiter = ";"', 'delimiter = "||"', r'"delimiter" must be one character'),
        ("already_done = true", 'already_done = "yes"', r'"already_done" must be true or false'),
        ('identity = ["受理时间"]\n', "", r'claims\[2\]: "identity" must be a list of texts'),
        ("[time]", "[zeit]", r'city.toml: "time" is missing'),
        ("[time]", "[time", "not readable as TOML"),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_and_key(old: str, new: str, told: str) -> None:
    with pytest.raises(BadMapping, match=told):
        changed(old, new)


def test_a_personal_number_must_not_stand_in_an_identity() -> None:
    with pytest.raises(BadMapping, match='column "工单号" goes to the vault'):
        mapping.parse(
            "city",
            CITY_TOML.replace('number_column = "工单号"', 'number_column = "工单号"\npersonal = true')
            .replace('identity = ["受理时间"]', 'identity = ["工单号"]')
            .encode(),
        )


def test_an_unknown_name_is_answered_with_those_that_there_are() -> None:
    known = ", ".join(mapping.names())
    with pytest.raises(BadMapping, match=f'there is no mapping "gotham"; use {known} or the path'):
        mapping.load("gotham")


def test_a_path_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadMapping, match="there is no such file"):
        mapping.load("nowhere/gotham.toml")
