"""Which rows are whole, what a checksum is made of, what their times mean."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors import department
from connectors.contract import BadMessage
from connectors.exchange.judging import checksum, half_written, local, moment
from connectors.exchange.layout import Checksum
from connectors.exchange.settings import Exchange
from connectors.exchange.translate import answer, order_columns

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONFIG: Exchange = department.example("yicheng-urban-management").options
AT = datetime(2026, 3, 2, 8, 30)  # noqa: DTZ001  as a column without offset gives it
ROW: dict[str, Any] = {
    **dict.fromkeys(CONFIG.into.columns.values()),
    "消息编号": "M1",
    "案件编号": "411702-1",
    "状态词": "签收",
    "发生时间": AT,
    "写入标志": "1",
}


def row(**changed: Any) -> dict[str, Any]:
    """A whole row, with what was changed after its checksum was made."""
    assert CONFIG.into.checksum is not None
    return {**ROW, "校验码": checksum(CONFIG.into.checksum, ROW), **changed}


def test_a_whole_row_is_whole() -> None:
    assert half_written(CONFIG.into, row()) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"写入标志": "0"}, "写入标志"),
        ({"写入标志": None}, "写入标志"),
        ({"状态词": "  "}, "状态词"),
        ({"发生时间": None}, "发生时间"),
        ({"校验码": None}, "checksum"),
        ({"情况说明": "写了一半"}, "other content"),
    ],
)
def test_a_row_that_lacks_something_is_half_written(changed: dict[str, Any], why: str) -> None:
    missing = half_written(CONFIG.into, row(**changed))
    assert missing is not None
    assert why in missing
    assert "写了一半" not in missing


def test_a_checksum_is_what_the_other_side_computes() -> None:
    """Made with md5sum, sha256sum, wc and Python's zlib over "城管|7"."""
    columns = {"a": "城管", "b": 7}
    rule = Checksum("c", ("a", "b"))
    assert checksum(rule, columns) == "44f1b798bc2be82138568f56677bb490"
    assert (
        checksum(Checksum("c", ("a", "b"), "sha256"), columns)
        == "90a3f4414294bfb8fb53e1b734fb682c7bcee705a1af8e3a27ed424c2ef0a17c"
    )
    assert checksum(Checksum("c", ("a", "b"), "length"), columns) == "8"
    assert checksum(Checksum("c", ("a", "b"), "length", encoding="gb18030"), columns) == "6"
    assert checksum(Checksum("c", ("a", "b"), encoding="gb18030"), columns) == "db02108ce6477d5f7cb518c1fc7549c4"


def test_a_time_without_offset_is_of_their_zone() -> None:
    wanted = 1_772_411_400_000_000
    assert moment(AT, SHANGHAI) == wanted
    assert moment("2026-03-02 08:30:00", SHANGHAI) == wanted
    assert moment("2026/03/02 08:30", SHANGHAI, "%Y/%m/%d %H:%M") == wanted
    assert moment(datetime(2026, 3, 2, 0, 30, tzinfo=UTC), SHANGHAI) == wanted
    assert local(wanted, SHANGHAI) == AT
    with pytest.raises(ValueError, match="something else"):
        moment(7, SHANGHAI)


def test_a_row_becomes_an_answer_told_apart_by_its_content() -> None:
    found = answer(CONFIG.into, 7, "abc", row(情况说明=" 好 ", 期限=AT), SHANGHAI)
    assert (found.place, found.word, found.number, found.occurrence, found.text) == (
        "row 7",
        "签收",
        "411702-1",
        "abc",
        "好",
    )
    assert found.until == found.at


@pytest.mark.parametrize("bad", ["", "tomorrow"])
def test_a_row_without_a_time_that_can_be_read_is_refused(bad: str) -> None:
    with pytest.raises(BadMessage, match="发生时间"):
        answer(CONFIG.into, 7, "abc", row(发生时间=bad), SHANGHAI)


def test_an_order_fills_their_columns_in_their_zone_with_its_checksum() -> None:
    body = {"word": "派遣", "number": "411702-1", "text": "井盖缺失", "sent_at": 1_772_411_400_000_000, "evidence": []}
    found = order_columns(CONFIG.out, "key-1", body, 1_772_411_400_000_000, SHANGHAI)
    assert (found["单号"], found["业务类型"], found["派遣时间"], found["写入时间"]) == ("key-1", "派遣", AT, AT)
    assert CONFIG.out.checksum is not None
    assert found["校验码"] == checksum(CONFIG.out.checksum, found)
