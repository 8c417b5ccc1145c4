"""The chat's own book: its groups, their members, every message. And what shall go wrong."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Mapping
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS groups (name TEXT PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS members (id TEXT PRIMARY KEY, name TEXT, phone TEXT);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, group_name TEXT NOT NULL, writer TEXT NOT NULL,
    text TEXT NOT NULL, at REAL NOT NULL, number TEXT, place TEXT, photos TEXT NOT NULL DEFAULT '[]',
    waits INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, outcome TEXT);
"""
ROBOT_FAULTS = ("500", "429", "409", "hang")
"""When the hub says something. `hang`: it is said, and not answered in time."""
TELLING_FAULTS = ("twice", "forged", "stale")
"""When it tells the hub something: twice, with a wrong signature, with one of an hour ago."""


class Book:
    """Groups, members, messages, in SQLite. Any thread may use it."""

    def __init__(self, database: str) -> None:
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._rows.executescript(TABLES)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What a statement answers."""
        with self._lock:
            found = self._rows.execute(query, values)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def written(self, told: Mapping[str, Any]) -> None:
        """A member has written something into a group; it waits to be told."""
        member, group = told["member"], told["group"]
        self.rows("INSERT OR IGNORE INTO members VALUES (?, ?, ?)", member, told.get("name"), told.get("phone"))
        self.rows("INSERT OR IGNORE INTO groups VALUES (?, ?)", group, told.get("title", group))
        place, photos = json.dumps(told.get("place")), json.dumps(told.get("photos", []))
        self.rows(
            "INSERT OR IGNORE INTO messages (key, group_name, writer, text, at, place, photos, waits) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 1)",
            *(told["id"], group, member, told.get("text", ""), time.time(), place, photos),
        )

    def said(self, key: str, group: str, text: str, number: str | None) -> bool:
        """The robot says something into a group; False: it was said before."""
        known = self.rows("SELECT 1 FROM messages WHERE key = ?", key)
        columns = "key, group_name, writer, text, at, number"
        query = f"INSERT OR IGNORE INTO messages ({columns}) VALUES (?, ?, 'robot', ?, ?, ?)"
        self.rows(query, key, group, text, time.time(), number)
        return not known


class Faults:
    """What shall go wrong how often from now on. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.left: dict[str, int] = {}

    def happens(self, kind: str) -> bool:
        """Whether it happens now; counts it."""
        with self._lock:
            left = self.left.get(kind, 0)
            self.left[kind] = max(0, left - 1)
            return left > 0
