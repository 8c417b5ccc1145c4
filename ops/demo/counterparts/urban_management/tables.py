"""Working by exchange tables: reads orders, marks them, writes answers; with the faults that real front ends have."""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from ops.demo.counterparts.urban_management.book import Book, Planned
from ops.demo.counterparts.urban_management.faults import Faults
from ops.demo.counterparts.urban_management.squad import Squad, due

ZONE = ZoneInfo("Asia/Shanghai")
PHOTO = b"\x89PNG\r\n\x1a\nnot a real picture"
_NEW_ORDERS = (
    'SELECT "序号", "单号", "案件编号", "业务类型", "情况描述", "地址" FROM "交换"."派遣单"'
    """ WHERE "状态" = '0' ORDER BY "序号" LIMIT 100 FOR UPDATE SKIP LOCKED"""
)
_MARK = (
    'UPDATE "交换"."派遣单" SET "状态" = %s, "读取时间" = now(), "签收时间" = now(), "城管编号" = %s, "拒收原因" = %s'
)
_COLUMNS = (
    "批次号",
    "消息编号",
    "案件编号",
    "状态词",
    "情况说明",
    "原因",
    "期限",
    "处置人员",
    "发生时间",
    "写入标志",
    "校验码",
)
_HOLD_SECONDS = 1.5


class Tables:
    """The worker; `down` and `up` may be called by other threads. `offset` puts its clock wrong by so many seconds."""

    def __init__(self, squad: Squad, dsn: str, book: Book, faults: Faults, offset: float = 0.0) -> None:
        self._squad = squad
        self._dsn = dsn
        self._book = book
        self._faults = faults
        self._offset = offset
        self._ended = threading.Event()
        self._paused = threading.Event()
        self._edit: list[int] = []
        self._thread = threading.Thread(target=self._run, name="tables")
        self._slow: list[threading.Thread] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        for thread in (self._thread, *self._slow):
            thread.join()

    def down(self) -> None:
        self._paused.set()

    def up(self) -> None:
        self._paused.clear()

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            if not self._paused.is_set():
                with suppress(psycopg.OperationalError), psycopg.connect(self._dsn, autocommit=True) as c:
                    self._work(c)

    def _work(self, c: psycopg.Connection[tuple[Any, ...]]) -> None:
        while not self._ended.wait(0.05) and not self._paused.is_set():
            self._read_orders(c)
            for one in self._book.due(time.time()):
                self._tell(c, one)
                self._book.told(one, time.time())
            self._edit_what_was_read(c)

    def _read_orders(self, c: psycopg.Connection[tuple[Any, ...]]) -> None:
        with c.transaction():
            for serial, key, number, word, text, address in c.execute(_NEW_ORDERS).fetchall():
                refuse = word in self._squad.refuses or self._faults.happens("refuse")
                if refuse:
                    c.execute(_MARK + ' WHERE "序号" = %s', ["9", None, "无法受理", serial])
                    continue
                ours, new = self._book.take(key, number, word, time.time(), {"情况描述": text, "地址": address})
                c.execute(_MARK + ' WHERE "序号" = %s', ["2", ours, None, serial])
                if word in self._squad.ends:
                    self._book.drop(number)
                if new:
                    self._book.plan(key, number, due(self._squad, word, time.time()))

    def _tell(self, c: psycopg.Connection[tuple[Any, ...]], one: Planned) -> None:
        row = self._row(one)
        if one.answer.photo:
            c.execute(
                'INSERT INTO "交换"."反馈附件" VALUES (%s, %s, %s, %s)', [one.message, "现场.png", "image/png", PHOTO]
            )
        if self._faults.happens("half"):
            insert(c, {**row, "消息编号": one.message + "H", "情况说明": None, "写入标志": "0"})
        if self._faults.happens("wrong-checksum"):
            insert(c, {**row, "消息编号": one.message + "W", "校验码": "0" * 32})
        if self._faults.happens("slow-commit"):
            self._slow.append(threading.Thread(target=self._slowly, args=[row]))
            self._slow[-1].start()
            return
        if self._faults.happens("half-then-whole"):
            serial = insert(c, {**row, "写入标志": "0", "校验码": None})
            time.sleep(0.5)
            values = [row["校验码"], serial]
            c.execute("""UPDATE "交换"."反馈单" SET "写入标志" = '1', "校验码" = %s WHERE "序号" = %s""", values)
            return
        serial = insert(c, row)
        if self._faults.happens("edited"):
            self._edit.append(serial)
        if self._faults.happens("twice"):
            insert(c, {**row, "批次号": "again"})
        if self._faults.happens("same-number"):
            insert(c, checked({**row, "情况说明": "同一编号，另一内容"}))

    def _slowly(self, row: dict[str, Any]) -> None:
        with psycopg.connect(self._dsn) as c:
            insert(c, row)
            self._ended.wait(_HOLD_SECONDS)

    def _edit_what_was_read(self, c: psycopg.Connection[tuple[Any, ...]]) -> None:
        for serial in list(self._edit):
            found = c.execute('SELECT "状态" FROM "交换"."反馈单" WHERE "序号" = %s', [serial]).fetchone()
            if found and found[0] == "2":
                c.execute("""UPDATE "交换"."反馈单" SET "情况说明" = '改了' WHERE "序号" = %s""", [serial])
                self._edit.remove(serial)

    def _row(self, one: Planned) -> dict[str, Any]:
        now = datetime.now(ZONE).replace(tzinfo=None, microsecond=0) + timedelta(seconds=self._offset)
        until = now + timedelta(days=one.answer.until_days) if one.answer.until_days else None
        batch, answer = f"{now:%Y%m%d}", one.answer
        values = (batch, one.message, one.number, answer.word, answer.text, answer.reason, until, "一组", now, "1", "")
        return checked(dict(zip(_COLUMNS, values, strict=True)))


def checked(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its checksum."""
    said = [row[name] for name in ("消息编号", "案件编号", "状态词", "情况说明", "发生时间")]
    joined = "|".join("" if part is None else str(part) for part in said)
    return {**row, "校验码": hashlib.md5(joined.encode()).hexdigest()}


def insert(c: psycopg.Connection[tuple[Any, ...]], row: dict[str, Any]) -> int:
    """Write an answer; gives its serial number."""
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    places = ", ".join("%s" for _ in _COLUMNS)
    statement = f'INSERT INTO "交换"."反馈单" ({names}) VALUES ({places}) RETURNING "序号"'
    (serial,) = c.execute(statement.encode(), [row[name] for name in _COLUMNS]).fetchone() or (0,)
    return int(serial)
