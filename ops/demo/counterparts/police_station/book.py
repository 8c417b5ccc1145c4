"""The station's book, in SQLite: what came, what was answered, which capsules were opened, what was sent."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from typing import Any, Self

TABLES = """
CREATE TABLE IF NOT EXISTS received (lane TEXT, number INTEGER, digest TEXT, lines TEXT, PRIMARY KEY (lane, number));
CREATE TABLE IF NOT EXISTS lines (key TEXT PRIMARY KEY, lane TEXT, number INTEGER, line INTEGER, kind TEXT,
    case_name TEXT, body TEXT, capsule TEXT, outcome TEXT, reason TEXT, at INTEGER);
CREATE TABLE IF NOT EXISTS cases (case_name TEXT PRIMARY KEY, their_number TEXT, stage TEXT, hub_number TEXT);
CREATE TABLE IF NOT EXISTS persons (reference TEXT PRIMARY KEY, name TEXT, identity TEXT, case_name TEXT);
CREATE TABLE IF NOT EXISTS looks (capsule TEXT PRIMARY KEY, officer TEXT, case_name TEXT, contact TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS refused_looks (capsule TEXT, officer TEXT, reason TEXT);
CREATE TABLE IF NOT EXISTS spool (id INTEGER PRIMARY KEY, lane TEXT, line TEXT);
CREATE TABLE IF NOT EXISTS numbers (lane TEXT, case_name TEXT, n INTEGER, PRIMARY KEY (lane, case_name));
CREATE TABLE IF NOT EXISTS sent (lane TEXT, number INTEGER, digest TEXT, content BLOB, outcome TEXT, again INTEGER
    DEFAULT 0, PRIMARY KEY (lane, number));
CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, outcome TEXT, reason TEXT, number TEXT);
CREATE TABLE IF NOT EXISTS aside (file TEXT, reason TEXT);
"""


class Book:
    """One connection that threads share, one statement at a time; each statement is durable."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(TABLES)

    def __enter__(self) -> Self:
        """Several statements together, or none of them."""
        self._lock.acquire()
        self._connection.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(self, kind: object, _wrong: object, _at: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")
        self._lock.release()

    def run(self, statement: str, *values: Any) -> int:
        """Change something; how many rows were."""
        with self._lock:
            return self._connection.execute(statement, values).rowcount

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values).fetchall()]

    def value(self, query: str, *values: Any) -> Any:
        """The first column of the first row; None without any."""
        found = self.rows(query, *values)
        return next(iter(found[0].values())) if found else None

    def tables(self, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """Whole tables, for whoever compares."""
        return {name: self.rows(f"SELECT * FROM {name}") for name in names}


def text(value: Any) -> str:
    """How a value stands in the book."""
    return json.dumps(value, ensure_ascii=False)
