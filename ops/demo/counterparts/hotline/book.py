"""The hotline's book, in SQLite: orders, what was exported, verdicts, answers."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS orders (number TEXT PRIMARY KEY, at TEXT, category TEXT, community TEXT, address TEXT,
    text TEXT, caller TEXT, phone TEXT, remark TEXT, outcome TEXT, reason TEXT, hub_case TEXT, hub_number TEXT,
    status TEXT);
CREATE TABLE IF NOT EXISTS verdicts (file TEXT, row TEXT, number TEXT, outcome TEXT, reason TEXT, hub_case TEXT,
    PRIMARY KEY (file, row));
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, number TEXT, hub_number TEXT, status TEXT, org TEXT, at TEXT,
    text TEXT, times INTEGER DEFAULT 1);
CREATE TABLE IF NOT EXISTS exports (name TEXT PRIMARY KEY, rows INTEGER);
"""
ORDER = ("number", "at", "category", "community", "address", "text", "caller", "phone", "remark")


class Book:
    """One connection that threads share, one statement at a time."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(TABLES)

    def run(self, statement: str, *values: Any) -> int:
        """Change something; how many rows were."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values).fetchall()]

    def take_down(self, told: dict[str, Any]) -> None:
        """A new order, or other words for one that is there."""
        given = {name: told.get(name, "") for name in ORDER}
        columns, marks = ", ".join(ORDER), ", ".join("?" * len(ORDER))
        changes = ", ".join(f"{name} = excluded.{name}" for name in ORDER[1:])
        statement = f"INSERT INTO orders ({columns}) VALUES ({marks}) ON CONFLICT (number) DO UPDATE SET {changes}"
        self.run(statement, *given.values())

    def judge(self, file: str, row: dict[str, str]) -> None:
        """A verdict on one of our rows."""
        number, outcome, reason = row["工单编号"].removeprefix("'"), row["结果"], row["原因"]
        self.run(
            "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?, ?)",
            *(file, row["行号"], number, outcome, reason, row["平台编号"]),
        )
        self.run(
            "UPDATE orders SET outcome = ?, reason = ?, hub_case = ? WHERE number = ?",
            *(outcome, reason, row["平台编号"], number),
        )

    def hear(self, row: dict[str, str]) -> None:
        """An answer about an order; the same again is counted and changes nothing."""
        values = (row["回复编号"], row["工单编号"].removeprefix("'"), row["平台编号"], row["办理状态"], row["承办单位"])
        new = self.run(
            "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
            *(*values, row["时间"], row["答复内容"]),
        )
        if not new:
            self.run("UPDATE answers SET times = times + 1 WHERE key = ?", values[0])
            return
        self.run("UPDATE orders SET status = ?, hub_number = ? WHERE number = ?", values[3], values[2], values[1])
