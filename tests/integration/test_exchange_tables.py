"""Exchange tables in a real PostgreSQL, with the shipped SQL and the shipped department's file."""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.contract import BadData, Down, FileContent, Surroundings
from ops.wires.links.exchange_database import Exchanged, exchange
from schemas.events import HandBack
from tests.builders import T0
from tests.integration.exchange_database import CASE, INTO, NUMBER, OUT, ask, connector, delivery, rows
from tests.link_samples import Clock, Numbers, around

HAPPENED = datetime(2025, 11, 23, 7, 30)  # noqa: DTZ001  a column without offset


@pytest.fixture
def tables(dsn: str) -> Iterator[Exchanged]:
    with exchange(dsn) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock(T0)


@pytest.fixture
def given(tmp_path: Path, clock: Clock) -> Surroundings:
    return around(tmp_path, org="xuesong-squad", clock=clock, look_up=Numbers({("hub", NUMBER): CASE.id}))


def answer(message: str, word: str = "签收", text: str | None = None, **changed: Any) -> dict[str, Any]:
    """A whole row of theirs, then perhaps spoiled."""
    row = {
        "消息编号": message,
        "案件编号": NUMBER,
        "状态词": word,
        "情况说明": text,
        "发生时间": HAPPENED,
        "写入标志": "1",
    }
    row |= {name: value for name, value in changed.items() if name in row}
    said = "|".join("" if row[name] is None else str(row[name]) for name in list(row)[:5])
    return {**row, "校验码": hashlib.md5(said.encode()).hexdigest(), **changed}


def write(tables: Exchanged, *rows: dict[str, Any]) -> None:
    with psycopg.connect(tables.department) as c:
        put(c, *rows)


def put(c: psycopg.Connection[Any], *rows: dict[str, Any]) -> None:
    for row in rows:
        names, places = ", ".join(f'"{name}"' for name in row), ", ".join("%s" for _ in row)
        c.execute(f"INSERT INTO {INTO} ({names}) VALUES ({places})".encode(), list(row.values()))


def marks(tables: Exchanged) -> dict[str, tuple[str, str | None]]:
    """State and receipt of each answer by its message."""
    return {row[0]: row[1:] for row in rows(tables, f'SELECT "消息编号", "状态", "回执" FROM {INTO} ORDER BY "序号"')}


# ------------------------------------------------------------ orders to them


def test_an_order_is_written_once_and_reads_back(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    one = delivery("order-1", {"evidence": [FileContent(b"png", "image/png")]})
    assert made.sink.read_back(one) is None
    made.sink.deliver(one)
    assert made.sink.deliver(one).detail == "the row was there already"
    assert rows(tables, f'SELECT "单号", "案件编号", "业务类型", "情况描述", "状态" FROM {OUT}') == [
        (one.key, NUMBER, "派遣", "占道经营", "0")
    ]
    assert rows(tables, 'SELECT "单号", "文件名", "内容" FROM "交换"."派遣附件"') == [(one.key, "1.png", b"png")]
    found = made.sink.read_back(one)
    assert found is not None
    assert "not read yet" in found.detail


def test_reading_back_shows_how_far_they_are_and_their_number(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    one = delivery("order-1")
    made.sink.deliver(one)
    rows(tables, f"""UPDATE {OUT} SET "状态" = '2', "城管编号" = 'XS1'""")
    found = made.sink.read_back(one)
    assert found is not None
    assert (found.their_number, "acknowledged" in found.detail) == ("XS1", True)


def test_an_order_that_they_refuse_is_bad_data_and_told_once(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    one = delivery("order-1")
    made.sink.deliver(one)
    rows(tables, f"""UPDATE {OUT} SET "状态" = '9', "拒收原因" = '张三 13800000000'""")
    with pytest.raises(BadData, match="refused row 1") as refused:
        made.sink.read_back(one)
    assert "13800000000" not in str(refused.value)
    assert [wrong.place for wrong in ask(made).bad] == [f"order {one.key}"]
    assert ask(made).bad == []


def test_what_their_columns_cannot_hold_is_bad_data_without_its_content(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    with pytest.raises(BadData) as refused:
        made.sink.deliver(delivery("order-1", {"minutes": "张三"}))
    assert "张三" not in str(refused.value)
    made.sink.deliver(delivery("order-2"))


def test_a_text_that_no_postgresql_holds_is_bad_data_and_the_next_order_is_taken(
    tables: Exchanged, given: Surroundings
) -> None:
    sink = connector(tables, given).sink
    assert sink is not None
    with pytest.raises(BadData, match="does not take the row: data error"):
        sink.deliver(delivery("order-1", {"text": "a\0b"}))
    assert sink.deliver(delivery("order-2")).detail == "row 1"


def test_a_database_that_is_gone_is_down_and_is_met_again(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    made.sink.deliver(delivery("order-1"))
    with psycopg.connect(tables.admin, autocommit=True) as c:
        c.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'threecross %'")
    with pytest.raises(Down):
        made.sink.deliver(delivery("order-2"))
    made.sink.deliver(delivery("order-2"))
    assert len(rows(tables, f"SELECT 1 FROM {OUT}")) == 2


# ------------------------------------------------------------ answers of theirs


def test_an_answer_is_read_once_acknowledged_and_its_photo_comes_with_it(
    tables: Exchanged, given: Surroundings
) -> None:
    made = connector(tables, given)
    write(tables, answer("M1"), answer("M2", "处置反馈", "已清理"))
    rows(tables, """INSERT INTO "交换"."反馈附件" VALUES ('M2', 'a.png', 'image/png', 'png')""")
    found = ask(made)
    assert found.bad == []
    assert found.claims == ["Acknowledge", "HandBack"]
    assert found.drafts[1].personal.text == "已清理"
    assert [file.content for file in found.drafts[1].personal.attached] == [b"png"]
    assert isinstance(found.drafts[1].body, HandBack)
    assert found.drafts[0].meta.occurred_at == T0 - 30 * 60 * 1_000_000
    assert marks(tables) == {"M1": ("2", None), "M2": ("2", None)}
    assert ask(made) == ([], [])


def test_a_reader_that_was_killed_tells_the_same_again_and_then_finishes(
    tables: Exchanged, given: Surroundings
) -> None:
    write(tables, answer("M1"), answer("M2", "无此词"))
    first = ask(connector(tables, given), finish=False)
    assert marks(tables) == {"M1": ("1", None), "M2": ("1", None)}
    again = connector(tables, given)
    second = ask(again, finish=False)
    assert [d.meta for d in first.drafts] == [d.meta for d in second.drafts]
    assert again.source is not None
    positions = [position for _, position in again.source.read({})]
    after = connector(tables, given).source
    assert after is not None
    after.done(positions[-1])
    assert marks(tables)["M1"] == ("2", None)
    state, told = marks(tables)["M2"]
    assert (state, "no row of answers" in (told or "")) == ("9", True)


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        ({"写入标志": "0"}, "flag"),
        ({"状态词": None}, "is empty"),
        ({"校验码": "0" * 32}, "other content"),
        ({"校验码": None}, "checksum"),
    ],
)
def test_a_half_written_row_waits_then_is_bad_and_holds_up_nobody(
    tables: Exchanged, given: Surroundings, clock: Clock, spoiled: dict[str, Any], why: str
) -> None:
    made = connector(tables, given)
    write(tables, answer("M1", **spoiled), answer("M2"))
    assert (ask(made).claims, marks(tables)["M1"]) == (["Acknowledge"], ("0", None))
    clock.pass_seconds(119)
    assert ask(made) == ([], [])
    clock.pass_seconds(2)
    (bad,) = ask(made).bad
    assert why in bad.reason
    assert marks(tables)["M1"][0] == "9"


def test_a_half_written_row_that_is_finished_in_time_counts(
    tables: Exchanged, given: Surroundings, clock: Clock
) -> None:
    made = connector(tables, given)
    write(tables, answer("M1", 写入标志="0"))
    assert ask(made) == ([], [])
    with psycopg.connect(tables.department) as c:
        c.execute(f"""UPDATE {INTO} SET "写入标志" = '1'""".encode())
    clock.pass_seconds(500)
    assert ask(made).claims == ["Acknowledge"]


def test_a_row_whose_transaction_is_open_is_passed_over_and_read_when_it_commits(
    tables: Exchanged, given: Surroundings
) -> None:
    """Its serial number is the smaller one: whoever read up to a number would never see it."""
    made = connector(tables, given)
    with psycopg.connect(tables.department) as slow:
        put(slow, answer("M1"))
        write(tables, answer("M2"))
        assert ask(made).claims == ["Acknowledge"]
        assert marks(tables) == {"M2": ("2", None)}
    assert ask(made).claims == ["Acknowledge"]
    assert marks(tables) == {"M1": ("2", None), "M2": ("2", None)}


def test_a_row_that_they_hold_in_a_transaction_is_left_to_them(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    write(tables, answer("M1"), answer("M2"))
    with psycopg.connect(tables.department) as slow:
        slow.execute(f"""UPDATE {INTO} SET "原因" = 'x' WHERE "消息编号" = 'M1'""".encode())
        assert ask(made).claims == ["Acknowledge"]
        assert marks(tables)["M1"] == ("0", None)
    assert ask(made).claims == ["Acknowledge"]


def test_the_same_content_again_is_the_same_claim_and_they_are_told(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    write(tables, answer("M1"))
    first = ask(made)
    write(tables, answer("M1", 批次号="again"))
    second = ask(made)
    assert first.drafts[0].meta.claim_id == second.drafts[0].meta.claim_id
    told = rows(tables, f'SELECT "状态", "回执" FROM {INTO} WHERE "序号" = 2')
    assert told == [("2", "says the same as row 1: counted once")]


def test_another_content_under_the_same_number_is_refused(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    write(tables, answer("M1"))
    ask(made)
    write(tables, answer("M1", "退回", 原因="位置不明"))
    (bad,) = ask(made).bad
    assert "row 1, which says something else" in bad.reason


def test_a_row_that_was_changed_after_it_was_read_is_told_once(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    write(tables, answer("M1", "处置中", "一组在现场"))
    ask(made)
    with psycopg.connect(tables.department) as c:
        c.execute(f"""UPDATE {INTO} SET "情况说明" = '从未到场'""".encode())
    (bad,) = ask(made).bad
    assert "changed after it was read" in bad.reason
    assert marks(tables)["M1"][0] == "9"
    assert ask(made) == ([], [])


def test_a_row_that_is_changed_between_taking_and_finishing_counts_as_it_was_taken(
    tables: Exchanged, given: Surroundings
) -> None:
    made = connector(tables, given)
    write(tables, answer("M1", "处置中", "一组在现场"))
    assert made.source is not None
    ((_, position),) = made.source.read({})
    with psycopg.connect(tables.department) as c:
        c.execute(f"""UPDATE {INTO} SET "情况说明" = '从未到场'""".encode())
    made.source.done(position)
    (bad,) = ask(made).bad
    assert "changed after it was read" in bad.reason


def test_a_time_ahead_of_our_clock_is_refused(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given)
    write(tables, answer("M1", 发生时间=datetime(2025, 11, 23, 8, 2, 1)))  # noqa: DTZ001
    (bad,) = ask(made).bad
    assert "121 s ahead of our clock" in bad.reason


def test_four_readers_take_two_thousand_rows_once_each(tables: Exchanged, given: Surroundings) -> None:
    write(tables, *(answer(f"M{n}", "处置中", f"第 {n} 条") for n in range(2_000)))
    ready = threading.Barrier(4)

    def read(number: int) -> list[str]:
        made = connector(tables, given, reader=f"reader-{number}")
        ready.wait()
        found = [draft.meta.claim_id for _ in range(10) for draft in ask(made).drafts]
        made.close()
        return found

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(read, range(4)))
    counted = Counter(claim for share in shares for claim in share)
    assert (len(counted), max(counted.values())) == (2_000, 1)
    assert set(marks(tables).values()) == {("2", None)}


def test_what_a_dead_reader_had_is_taken_over_after_its_lease_and_not_before(
    tables: Exchanged, given: Surroundings
) -> None:
    write(tables, answer("M1"))
    ask(connector(tables, given, reader="dead"), finish=False)
    alive = connector(tables, given, reader="alive")
    assert ask(alive) == ([], [])
    rows(tables, f"""UPDATE {INTO} SET "领取时间" = "领取时间" - interval '901 s'""")
    assert ask(alive).claims == ["Acknowledge"]


# ------------------------------------------------------------ rights, encodings, looking at the whole


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM {OUT}",
        f"""UPDATE {OUT} SET "情况描述" = 'x'""",
        f"""UPDATE {INTO} SET "状态词" = '签收'""",
        f"DELETE FROM {INTO}",
        f"""INSERT INTO {INTO} ("状态词") VALUES ('签收')""",
        'CREATE TABLE "交换"."t" (a int)',
    ],
)
def test_the_hub_may_do_no_more_than_its_part(tables: Exchanged, statement: str) -> None:
    with psycopg.connect(tables.hub) as c, pytest.raises(psycopg.errors.InsufficientPrivilege):
        c.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        f"""UPDATE {OUT} SET "情况描述" = 'x'""",
        f"""INSERT INTO {OUT} ("单号") VALUES ('x')""",
        f"""UPDATE {INTO} SET "状态" = '0'""",
        f"""UPDATE {INTO} SET "内容摘要" = 'x'""",
        f"DELETE FROM {INTO}",
    ],
)
def test_the_department_may_do_no_more_than_its_part(tables: Exchanged, statement: str) -> None:
    with psycopg.connect(tables.department) as c, pytest.raises(psycopg.errors.InsufficientPrivilege):
        c.execute(statement.encode())


def test_a_line_in_gb18030_carries_every_character(tables: Exchanged, given: Surroundings) -> None:
    made = connector(tables, given, client_encoding="GB18030")
    assert made.sink is not None
    made.sink.deliver(delivery("order-1", {"text": "𠮷野家门前"}))
    assert rows(tables, f'SELECT "情况描述" FROM {OUT}') == [("𠮷野家门前",)]
    write(tables, answer("M1", "处置反馈", "𠮷野家门前已清理"))
    assert ask(made).drafts[0].personal.text == "𠮷野家门前已清理"


def test_a_database_in_euc_cn_carries_the_common_characters_and_refuses_the_others(
    dsn: str, given: Surroundings
) -> None:
    with exchange(dsn, encoding="EUC_CN") as tables:
        made = connector(tables, given)
        assert made.sink is not None
        made.sink.deliver(delivery("order-1"))
        with pytest.raises(BadData):
            made.sink.deliver(delivery("order-2", {"text": "𠮷野家门前"}))
        write(tables, answer("M1", "处置反馈", "已清理"))
        assert ask(made).drafts[0].personal.text == "已清理"
        assert [sentence for sentence in made.check() if "clock" not in sentence] == []
        (told,) = connector(tables, given, client_encoding="GB18030").check()
        assert "EUC_CN" in told


def test_check_tells_missing_columns_a_wrong_clock_and_a_closed_door(
    tables: Exchanged, given: Surroundings, clock: Clock
) -> None:
    made = connector(tables, given)
    assert [sentence for sentence in made.check() if "clock" not in sentence] == []
    assert any("their clock is" in sentence for sentence in made.check())
    rows(tables, f'ALTER TABLE {INTO} DROP COLUMN "原因"')
    rows(tables, f'ALTER TABLE {OUT} DROP CONSTRAINT "派遣单_单号_key" CASCADE')
    told = " ".join(made.check())
    assert '"交换.反馈单" has no column "原因"' in told
    assert '"单号" is not unique' in told
    closed = connector(tables._replace(hub=re.sub(r":[^:@/]+@", ":wrong@", tables.hub)), given)
    assert len(closed.check()) == 1
