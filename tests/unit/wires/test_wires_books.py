"""What a department's own book must say in the end; each book that differs is a bad twin, told in one sentence."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.chat.connector import QUIET
from ops.wires.links import batches, chat, exchange, intake, open311, orders, rest
from ops.wires.links.batches import Carrier
from ops.wires.links.link import Sent, shipped

SENT = Sent([{"key": "a", "detail": ""}, {"key": "b", "detail": ""}], [])
KEYS = [{"key": "b"}, {"key": "a"}]
COMPANY: Mapping[str, Any] = {"orders": KEYS[:1], "instructions": KEYS[1:], "events": [], "plans": []}
SQUAD: Mapping[str, Any] = {"orders": KEYS, "plan": [{"done": 1}], "codes": [0, 40105]}
HOTLINE: Mapping[str, Any] = {
    "answers": KEYS,
    "orders": [
        {"number": "1", "outcome": "已受理", "status": "已办结"},
        {"number": "2", "outcome": "退回", "status": None},
    ],
}
POLICE: Mapping[str, Any] = {
    "lines": KEYS,
    "aside": [],
    "numbers": [{"n": 1}],
    "verdicts": [{"outcome": "accepted", "reason": None}],
    "persons": [{"name": "巴特尔", "identity": "15020319420101001X"}],
}
SAID = Sent([{"key": "a", "detail": "201"}, {"key": "b", "detail": "201"}, {"key": "c", "detail": QUIET}], [])
PLAIN = {
    "group_name": "yc-0001",
    "number": "yc-0001-7K3P9QXM",
    "writer": "robot",
    "text": "",
    "outcome": None,
    "at": 9.0,
}
WRITTEN = {**PLAIN, "key": "m-1", "writer": "u-7", "outcome": "repeated", "at": 1.0}
NUMBERED, ANSWERED = {**PLAIN, "key": "a", "text": "已收到。"}, {**PLAIN, "key": "b", "text": "答复：正在核实。"}
ASKED, REPLIED = {**WRITTEN, "key": "m-2", "outcome": "answered"}, {**PLAIN, "key": "reply to m-2"}
GROUP = [WRITTEN, NUMBERED, ANSWERED, ASKED, REPLIED]
REPORT = {"problem": "", "other_numbers": 0, "stage": "closed"}


def test_books_that_agree_say_nothing() -> None:
    assert list(rest.differences(COMPANY, SENT)) == []
    assert list(exchange.differences(SQUAD, SENT)) == []
    assert list(orders.differences(HOTLINE, SENT)) == []
    assert list(batches.differences(POLICE, SENT, [b"GA-15027-0001"])) == []
    assert list(chat.differences(GROUP, SAID)) == []
    assert list(intake.differences([REPORT])) == []
    assert list(open311.differences([{"status": "fixed"}, {"status": "duplicate"}])) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"orders": []}, "it has taken 1 orders and instructions, 2 were delivered"),
        ({"plans": [{"id": 1}]}, "it has something to tell still"),
        ({"events": [{"next_try": None, "answered": 422}]}, "the hub answered 422 to what it told"),
    ],
)
def test_a_company_that_differs(changed: dict[str, Any], says: str) -> None:
    assert list(rest.differences({**COMPANY, **changed}, SENT)) == [says]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"orders": KEYS[:1]}, "it has 1 orders in its book, 2 were delivered"),
        ({"orders": [{"key": "a"}, {"key": "c"}]}, "it has 2 orders in its book, 2 were delivered"),
        ({"plan": [{"done": 0}]}, "it has something to tell still"),
        ({"codes": [0, 42201]}, "the hub answered 42201 to what it called back"),
    ],
)
def test_a_squad_that_differs(changed: dict[str, Any], says: str) -> None:
    assert list(exchange.differences({**SQUAD, **changed}, SENT)) == [says]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"answers": []}, "it has 0 answers in its book, 2 were delivered"),
        ({"orders": [{"number": "1", "outcome": None, "status": None}]}, "it has no verdict on its order 1"),
        (
            {"orders": [{"number": "1", "outcome": "已受理", "status": "办理中"}]},
            "it shows 办理中 for a case that is closed",
        ),
    ],
)
def test_a_hotline_that_differs(changed: dict[str, Any], says: str) -> None:
    assert list(orders.differences({**HOTLINE, **changed}, SENT)) == [says]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"lines": []}, "it has 0 lines of ours in its book, 2 were delivered"),
        ({"aside": [{"file": "f.batch", "reason": "truncated"}]}, "it set f.batch aside: truncated"),
        ({"numbers": [{"n": 2}]}, "it has said 2 lines, and knows what became of 1"),
        ({"verdicts": [{"outcome": "refused", "reason": "no-case"}]}, "the hub refused a line of it: no-case"),
    ],
)
def test_police_that_differ(changed: dict[str, Any], says: str) -> None:
    assert list(batches.differences({**POLICE, **changed}, SENT, [])) == [says]


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        (GROUP[:-1], ["1 asked for a status, 0 were answered"]),
        ([*GROUP, {**NUMBERED, "key": "x", "text": "more"}], ["the robot has said 3 things, 2 were delivered"]),
        ([{**WRITTEN, "outcome": None}, *GROUP[1:]], ["m-1 is not told yet"]),
        ([{**WRITTEN, "outcome": "no_place"}, *GROUP[1:]], ["m-1 is no_place"]),
        ([WRITTEN, NUMBERED, {**ANSWERED, "at": 3_602.0}, ASKED, REPLIED], ["the first answer to m-1 came late"]),
        (
            [WRITTEN, {**NUMBERED, "group_name": "yc-0002"}, ANSWERED, ASKED, REPLIED],
            ["the number of m-1 does not stand once in its group"],
        ),
        (
            [WRITTEN, NUMBERED, {**ANSWERED, "text": "已立案"}, ASKED, REPLIED],
            ["the first answer to m-1 does not stand once in its group"],
        ),
    ],
)
def test_groups_that_differ(messages: list[dict[str, Any]], says: list[str]) -> None:
    assert list(chat.differences(messages, SAID)) == says


@pytest.mark.parametrize("crossed", ["…巴特尔…", "15020319420101001X"])
def test_who_somebody_is_must_not_cross(crossed: str) -> None:
    told = list(batches.differences(POLICE, SENT, [b"", crossed.encode()]))
    assert told == ["a name or an identity number that it keeps has crossed"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"stage": ""}, "it shows nothing for a case that is closed"),
        ({"problem": "the API key is unknown"}, "the API key is unknown"),
        ({"other_numbers": 1}, "it was given two numbers for one report"),
    ],
)
def test_an_app_that_differs(changed: dict[str, Any], says: str) -> None:
    assert list(intake.differences([{**REPORT, **changed}])) == [says]


def test_a_civic_app_that_differs() -> None:
    assert list(open311.differences([{"status": "open"}])) == ["it shows open for a report that has ended"]


def test_a_carrier_takes_whole_files_across_and_keeps_what_has_crossed(tmp_path: Path) -> None:
    out, incoming = tmp_path / "out", tmp_path / "in"
    for folder in (out, incoming):
        folder.mkdir()
    (out / "1.batch").write_bytes(b"whole")
    (out / ".2.batch.part").write_bytes(b"being written")
    carrier, came = Carrier((out, incoming)), threading.Event()
    carrier.start()
    while not (incoming / "1.batch").exists() or (out / "1.batch").exists():
        assert not came.wait(0.01)
    carrier.stop()
    assert carrier.carried == [b"whole"]
    assert [path.name for path in out.iterdir()] == [".2.batch.part"]


def test_a_shipped_file_that_lacks_what_is_to_be_changed_is_named() -> None:
    with pytest.raises(KeyError, match="no url of this kind"):
        shipped("power", {"no url of this kind": "x"})
