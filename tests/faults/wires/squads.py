"""Urban management in a storm: one squad works by exchange tables, another by pushes to its platform."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from connectors import department
from ops.wires.links.exchange_database import Exchanged, exchange
from tests.faults.wires.books import Book, Entry, Reading
from tests.faults.wires.side import rows
from tests.integration.exchange_database import Counterpart, counterpart
from tests.integration.exchange_database import rows as of_tables

SAYS = {"签收": "Acknowledged", "处置中": "Progressed", "处置反馈": "HandedBack"}
PUSH_KINDS = (
    *("500", "busy", "conflict", "hang", "refuse", "unreadable"),
    *("twice", "replayed", "reordered", "forged", "skewed", "other-body"),
)
ROW_KINDS = ("half", "half-then-whole", "wrong-checksum", "twice", "same-number", "edited", "slow-commit")
LOCK_SECONDS = 6
"""Longer than the hub waits for a lock of theirs."""
_IDLE = "SELECT 1 FROM plan WHERE done = 0 LIMIT 1"


class Squad:
    """What both have in common: a program with a switchboard and a book in SQLite."""

    def __init__(self, name: str, program: Counterpart, database: Path) -> None:
        self.name, self._program, self._database = name, program, database

    def fault(self, kind: str, times: int) -> None:
        self._program.control(f"faults/{kind}/{1 if kind in ('conflict', 'refuse') else times}")

    def down(self) -> None:
        self._program.control("down")

    def up(self) -> None:
        self._program.control("up")

    def moved(self, hub: str) -> None:
        """It calls back to that address from now on."""
        self._program.tell("call-backs", {"url": f"{hub}/in/{self.name}/callback"})

    def idle(self) -> bool:
        return not rows(self._database, _IDLE)


class Platform(Squad):
    """Orders are pushed to it, and it calls back, in no order that it could prove."""

    faults = PUSH_KINDS
    silent = "hang"
    reading = Reading("songshan-squad", {"Dispatched": ("dispatch",), "Urged": ("urge",)}, SAYS, in_order=False)

    def calm(self) -> None:
        for kind in PUSH_KINDS:
            self._program.control(f"faults/{kind}/0")

    def took(self, case: str) -> bool:
        return bool(rows(self._database, "SELECT 1 FROM orders WHERE json_extract(body, '$.caseId') = ?", case))

    def book(self) -> Book:
        orders = rows(self._database, "SELECT number, word, body FROM orders ORDER BY rowid")
        bodies = [json.loads(order["body"]) for order in orders]
        told = [Entry(body["caseId"], body["type"], body["sendTime"]) for body in bodies]
        case = {order["number"]: body["caseId"] for order, body in zip(orders, bodies, strict=True)}
        said = rows(self._database, "SELECT number, word FROM told ORDER BY rowid")
        return Book(told, [Entry(case[row["number"]], row["word"]) for row in said])


class Tables(Squad):
    """It reads orders from exchange tables and writes answers into them. What else goes wrong, goes wrong in the
    database: `gone` for a moment, `cut` connections, a table that somebody holds `locked`."""

    faults = (*ROW_KINDS, "cut", "locked")
    silent = None
    reading = Reading("xuesong-squad", {"Dispatched": ("派遣",), "Urged": ("催办",)}, SAYS)

    def __init__(self, name: str, program: Counterpart, database: Path, tables: Exchanged, server: str) -> None:
        super().__init__(name, program, database)
        self._tables, self._server = tables, server
        self._locking: list[threading.Thread] = []

    def fault(self, kind: str, times: int) -> None:
        if kind == "cut":
            self._cut()
        elif kind == "locked":
            self._locking.append(threading.Thread(target=self._lock))
            self._locking[-1].start()
        else:
            super().fault(kind, times)

    def down(self) -> None:
        """The squad rests, and its database takes no connection."""
        super().down()
        self._allow(False)
        self._cut()

    def up(self) -> None:
        self._allow(True)
        super().up()

    def calm(self) -> None:
        for thread in self._locking:
            thread.join()
        for kind in ROW_KINDS:
            self._program.control(f"faults/{kind}/0")

    def moved(self, hub: str) -> None:
        """It writes into its tables, wherever the hub is."""

    def took(self, case: str) -> bool:
        found = of_tables(self._tables, 'SELECT "单号" FROM "交换"."派遣单" WHERE "案件标识" = %s', case)
        return bool(found) and bool(rows(self._database, "SELECT 1 FROM orders WHERE key = ?", found[0][0]))

    def book(self) -> Book:
        written = of_tables(self._tables, 'SELECT "单号", "案件标识", "案件编号", "派遣时间" FROM "交换"."派遣单"')
        at = {key: (case, moment) for key, case, _, moment in written}
        case_of = {number: case for _, case, number, _ in written}
        orders = rows(self._database, "SELECT key, word FROM orders ORDER BY rowid")
        told = [Entry(at[order["key"]][0], order["word"], at[order["key"]][1]) for order in orders]
        return Book(told, list(self._said(case_of)))

    def _said(self, case_of: dict[str, str]) -> Iterator[Entry]:
        """In the order in which the hub took the rows; one that was changed afterwards has lost its place."""
        said = {row["message"]: row for row in rows(self._database, "SELECT message, number, word FROM told")}
        for (message,) in of_tables(
            self._tables, 'SELECT "消息编号" FROM "交换"."反馈单" WHERE "状态" = \'2\' ORDER BY "领取时间", "序号"'
        ):
            if (row := said.pop(message, None)) is not None:
                yield Entry(case_of[row["number"]], row["word"])
        for row in said.values():
            yield Entry(case_of[row["number"]], row["word"], loose=True)

    def _cut(self) -> None:
        self._at_server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", self._named)

    def _allow(self, yes: bool) -> None:
        self._at_server(f'ALTER DATABASE "{self._named}" ALLOW_CONNECTIONS {str(yes).lower()}')

    @property
    def _named(self) -> str:
        return str(conninfo_to_dict(self._tables.admin)["dbname"])

    def _at_server(self, statement: str, *values: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as c:
            c.execute(statement.encode(), values)

    def _lock(self) -> None:
        try:
            with psycopg.connect(self._tables.admin) as c:
                c.execute('LOCK TABLE "交换"."派遣单" IN EXCLUSIVE MODE')
                c.execute("SELECT pg_sleep(%s)", [LOCK_SECONDS])
        except psycopg.OperationalError:
            return  # cut, or not let in: nothing is locked then, which is as well


def example(name: str, **changed: str) -> str:
    """A shipped department file with some words changed."""
    text = str((department._examples() / f"{name}.toml").read_text("utf-8"))
    for before, after in changed.items():
        assert before in text
        text = text.replace(before, after)
    return text


@contextmanager
def tables(folder: Path, server: str) -> Iterator[tuple[Tables, str, dict[str, str]]]:
    """The squad of the tables, its department file, and what the connectors must have in their environment."""
    name = "yicheng-urban-management"
    changed = {"poll_seconds = 2.0": "poll_seconds = 0.3", "patience_seconds = 120.0": "patience_seconds = 3.0"}
    made, database = folder / name, folder / f"{name}.sqlite"
    made.mkdir()
    with (
        exchange(server) as exchanged,
        counterpart(made, "--database", str(database), COUNTERPART_DSN=exchanged.department) as program,
    ):
        side = Tables(name, program, database, exchanged, server)
        yield side, example(name, **changed), {"YICHENG_URBAN_MANAGEMENT_DSN": exchanged.hub}


@contextmanager
def platform(folder: Path) -> Iterator[tuple[Platform, str, dict[str, str]]]:
    """The squad of the pushes, its department file, and what the connectors must have in their environment."""
    name = "tianyuan-urban-management"
    made, database = folder / name, folder / f"{name}.sqlite"
    made.mkdir()
    options = ("--mode", "push", "--squad", "songshan", "--hang-seconds", "2", "--database", str(database))
    with counterpart(made, *options, COUNTERPART_SECRET="agreed") as program:
        url = f"http://127.0.0.1:{program.ports['port']}"
        text = example(name, **{"http://127.0.0.1:8460": url, "[push]\n": "[push]\ntimeout_seconds = 1\n"})
        yield Platform(name, program, database), text, {"TIANYUAN_URBAN_MANAGEMENT_SECRET": "agreed"}
