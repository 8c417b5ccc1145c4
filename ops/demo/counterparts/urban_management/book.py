"""The department's own book: orders it was given, answers it is to give, answers it gave. One SQLite file."""

from __future__ import annotations

import json
import sqlite3
from threading import Lock
from typing import Any, NamedTuple

from ops.demo.counterparts.urban_management.squad import Answer

_TABLES = """
CREATE TABLE IF NOT EXISTS orders (
    key TEXT PRIMARY KEY, number TEXT NOT NULL, word TEXT NOT NULL, ours TEXT NOT NULL, at REAL NOT NULL,
    times INTEGER NOT NULL DEFAULT 1, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS plan (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, number TEXT NOT NULL, due REAL NOT NULL, answer TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS told (
    message TEXT PRIMARY KEY, number TEXT NOT NULL, word TEXT NOT NULL, at REAL NOT NULL);
"""


class Planned(NamedTuple):
    """An answer that is due. `message` is the department's own number of it."""

    id: int
    message: str
    key: str
    number: str
    answer: Answer


class Book:
    """Any thread may read and write."""

    def __init__(self, file: str, prefix: str) -> None:
        self._lock = Lock()
        self._prefix = prefix
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.executescript(f"PRAGMA journal_mode = WAL; {_TABLES}")

    def take(self, key: str, number: str, word: str, now: float, body: dict[str, Any]) -> tuple[str, bool]:
        """An order: the department's own number of its case, and whether the order is new."""
        with self._lock:
            row = self._db.execute(
                "SELECT ours FROM orders WHERE number = ? ORDER BY rowid LIMIT 1", [number]
            ).fetchone()
            count = self._db.execute("SELECT count(DISTINCT number) FROM orders").fetchone()[0]
            ours = row[0] if row else f"{self._prefix}{count + 1:06}"
            made = self._db.execute(
                "INSERT INTO orders (key, number, word, ours, at, body) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET times = times + 1 RETURNING times",
                [key, number, word, ours, now, json.dumps(body, ensure_ascii=False, default=str)],
            )
            return ours, made.fetchone()[0] == 1

    def plan(self, key: str, number: str, answers: list[tuple[float, Answer]]) -> None:
        """Answers that are to be told."""
        rows = [(key, number, at, json.dumps(answer._asdict(), ensure_ascii=False)) for at, answer in answers]
        with self._lock:
            self._db.executemany("INSERT INTO plan (key, number, due, answer) VALUES (?, ?, ?, ?)", rows)

    def drop(self, number: str) -> None:
        """Nothing more is told of a case."""
        with self._lock:
            self._db.execute("UPDATE plan SET done = 2 WHERE number = ? AND done = 0", [number])

    def due(self, now: float) -> list[Planned]:
        """What is to be told now, in its order."""
        query = "SELECT id, key, number, answer FROM plan WHERE done = 0 AND due <= ? ORDER BY due, id"
        with self._lock:
            rows = self._db.execute(query, [now]).fetchall()
        return [
            Planned(row[0], f"{self._prefix}M{row[0]:08}", row[1], row[2], Answer(**json.loads(row[3]))) for row in rows
        ]

    def told(self, one: Planned, now: float) -> None:
        """It was told."""
        with self._lock:
            self._db.execute("UPDATE plan SET done = 1 WHERE id = ?", [one.id])
            row = [one.message, one.number, one.answer.word, now]
            self._db.execute("INSERT OR IGNORE INTO told (message, number, word, at) VALUES (?, ?, ?, ?)", row)

    def find(self, key: str) -> dict[str, Any] | None:
        """An order by its key."""
        with self._lock:
            row = self._db.execute("SELECT key, number, word, ours, times FROM orders WHERE key = ?", [key]).fetchone()
        return dict(zip(("key", "number", "word", "ours", "times"), row, strict=True)) if row else None

    def all(self) -> dict[str, list[dict[str, Any]]]:
        """The whole book, for whoever compares."""
        found: dict[str, list[dict[str, Any]]] = {}
        for table in ("orders", "plan", "told"):
            with self._lock:
                cursor = self._db.execute(f"SELECT * FROM {table} ORDER BY rowid")
                names = [column[0] for column in cursor.description]
                found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return found
