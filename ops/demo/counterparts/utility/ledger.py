"""The company's own book: orders, instructions, events, call-backs that are still to be made. SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS orders (
  id INTEGER PRIMARY KEY, number TEXT UNIQUE, key TEXT UNIQUE NOT NULL, content TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS instructions (
  id INTEGER PRIMARY KEY, number TEXT NOT NULL, key TEXT UNIQUE NOT NULL, kind TEXT, content TEXT NOT NULL,
  at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS plans (
  id INTEGER PRIMARY KEY, number TEXT NOT NULL, key TEXT NOT NULL, due REAL NOT NULL, answer TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, number TEXT NOT NULL, sequence INTEGER NOT NULL, status TEXT NOT NULL, content TEXT NOT NULL,
  next_try REAL, tries INTEGER NOT NULL DEFAULT 0, answered INTEGER
);
"""


class Ledger:
    """One company's book. Each method is one transaction."""

    def __init__(self, path: str, prefix: str) -> None:
        self._prefix = prefix
        self._lock = RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(TABLES)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What stands in the book."""
        with self._lock:
            return [dict(row) for row in self._db.execute(query, values)]

    def open(self, key: str, content: dict[str, Any], now: float) -> tuple[str, bool, bool]:
        """(number, whether it is new, whether the content is that of the first time) of the order under a key."""
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        with self._transaction() as db:
            row = db.execute("SELECT number, content FROM orders WHERE key = ?", (key,)).fetchone()
            if row is not None:
                return row["number"], False, row["content"] == text
            made = db.execute("INSERT INTO orders (key, content, at) VALUES (?, ?, ?)", (key, text, now)).lastrowid
            number = f"{self._prefix}-{made:06}"
            db.execute("UPDATE orders SET number = ? WHERE id = ?", (number, made))
        return number, True, True

    def instruct(self, number: str, key: str, kind: str | None, content: dict[str, Any], now: float) -> bool | None:
        """Whether the instruction is new; None: there is no such order."""
        with self._transaction() as db:
            if db.execute("SELECT 1 FROM orders WHERE number = ?", (number,)).fetchone() is None:
                return None
            text = json.dumps(content, ensure_ascii=False)
            row = (number, key, kind, text, now)
            into = "INSERT INTO instructions (number, key, kind, content, at)"
            return db.execute(f"{into} VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount == 1

    def plan(self, number: str, key: str, due: float, answer: dict[str, Any]) -> None:
        """An answer to the instruction under `key` will happen."""
        with self._transaction() as db:
            row = (number, key, due, json.dumps(answer, ensure_ascii=False))
            db.execute("INSERT INTO plans (number, key, due, answer) VALUES (?, ?, ?, ?)", row)

    def drop(self, number: str) -> None:
        """Nothing more happens about an order."""
        with self._transaction() as db:
            db.execute("DELETE FROM plans WHERE number = ?", (number,))

    def due(self, now: float) -> list[dict[str, Any]]:
        """Answers whose moment has come, earliest first."""
        return self.rows("SELECT * FROM plans WHERE due <= ? ORDER BY due, id", now)

    def happen(self, plan: int, number: str, event: dict[str, Any], next_try: float | None) -> dict[str, Any]:
        """A planned answer has happened: it is an event, numbered within its order, to be told from `next_try` on."""
        with self._transaction() as db:
            db.execute("DELETE FROM plans WHERE id = ?", (plan,))
            query = "SELECT coalesce(max(sequence), 0) + 1 FROM events WHERE number = ?"
            sequence: int = db.execute(query, (number,)).fetchone()[0]
            event = {**event, "order": number, "sequence": sequence, "event_id": f"{number}-{sequence}"}
            row = (number, sequence, event["status"], json.dumps(event, ensure_ascii=False), next_try)
            db.execute("INSERT INTO events (number, sequence, status, content, next_try) VALUES (?, ?, ?, ?, ?)", row)
        return event

    def to_tell(self, now: float) -> list[dict[str, Any]]:
        """Events whose next try has come."""
        return self.rows("SELECT * FROM events WHERE next_try <= ? ORDER BY next_try, id", now)

    def tried(self, event: int, answered: int | None, next_try: float | None) -> None:
        """What came of telling an event; `next_try` None: no more."""
        with self._transaction() as db:
            query = "UPDATE events SET tries = tries + 1, answered = ?, next_try = ? WHERE id = ?"
            db.execute(query, (answered, next_try, event))

    def postpone(self, event: int, next_try: float | None) -> None:
        """Tell an event later, or never (None)."""
        with self._transaction() as db:
            db.execute("UPDATE events SET next_try = ? WHERE id = ?", (next_try, event))
