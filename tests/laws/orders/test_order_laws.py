"""Whatever sheets come, however often, wherever a process ends: an order is told once, and again when it changes."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import BadMessage, Department, Draft
from connectors.orders import FOLDERS
from connectors.orders.config import Columns, Config, TheirCode
from connectors.orders.incoming import OrderSource
from schemas.events import Report
from tests.link_samples import Notepad

HEADINGS = ("工单编号", "受理时间", "诉求类别", "诉求内容")
ORDERS = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.sampled_from(["灯", "井"]), st.sampled_from("xyz")))
SHEETS = st.lists(st.tuples(ORDERS, st.sampled_from(["utf-8", "gb18030"]), st.integers(0, 2)), max_size=6)
"""Sheets: orders by number with kind and words, encoding, how often a process ends before the sheet is done."""


class Aliases(dict[tuple[str, str], str]):
    """Aliases as the vault gives them: the same for the same."""

    def alias(self, system: str, number: str) -> str:
        return self.setdefault((system, number), f"alias-{len(self)}")


def source(folder: Path, notes: Notepad, aliases: Any) -> OrderSource:
    config = Config(
        folder=str(folder),
        system="hotline",
        columns=Columns(*((name,) for name in HEADINGS)),
        categories={word: TheirCode("s", "1", word) for word in ("灯", "井")},
        settle_seconds=0,
    )
    department = Department("hotline", "hotline", "operator", ZoneInfo("Asia/Shanghai"))
    return OrderSource(config, department, aliases, notes, lambda: time.time_ns() // 1_000)


def put(folder: Path, number: int, orders: dict[str, tuple[str, str]], encoding: str) -> None:
    text = io.StringIO(newline="")
    rows = [[key, "2026-11-27 08:30", kind, words] for key, (kind, words) in orders.items()]
    csv.writer(text).writerows([HEADINGS, *rows])
    (folder / "inbox" / f"{number:04}.csv").write_bytes(text.getvalue().encode(encoding))


def told(made: OrderSource, done: bool) -> list[Draft]:
    found = list(made.read({}))
    good = [message for message, _ in found if not isinstance(message, BadMessage)]
    assert len(good) == len(found)
    drafts = [draft for message in good for draft in made.translate(message, lambda _: None)]
    if found and done:
        made.done(found[-1][1])
    return drafts


@given(SHEETS)
def test_each_state_of_an_order_is_told_once(sheets: list[tuple[dict[str, tuple[str, str]], str, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, notes, aliases = Path(name), Notepad(), Aliases()
        for one in FOLDERS:
            (folder / one).mkdir()
        claims: dict[str, Draft] = {}
        known: dict[str, tuple[str, str]] = {}
        changes = 0
        for number, (orders, encoding, ends) in enumerate(sheets):
            put(folder, number, orders, encoding)
            for _ in range(ends):  # what was sent before the end is sent again, in the same words
                drafts = told(source(folder, notes, aliases), done=False)
                assert all(claims.setdefault(draft.meta.claim_id, draft) == draft for draft in drafts)
            drafts = told(source(folder, notes, aliases), done=True)
            assert all(claims.setdefault(draft.meta.claim_id, draft) == draft for draft in drafts)
            changes += sum(known.get(key) != state for key, state in orders.items())
            known |= orders
        assert len(claims) == changes
        assert sum(isinstance(draft.body, Report) for draft in claims.values()) == len(known)
        assert [path.name for path in (folder / "inbox").iterdir()] == []
        assert len(list((folder / "verdicts").iterdir())) == len(sheets)
