"""What was said in the groups and what lies in the mailboxes, in a database of their own."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, messenger TEXT NOT NULL, text TEXT NOT NULL, mentioned TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS letters (
    message_id TEXT PRIMARY KEY, sender TEXT NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
    text TEXT NOT NULL, encrypted INTEGER NOT NULL, user TEXT NOT NULL, times INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS refusals (id INTEGER PRIMARY KEY, messenger TEXT NOT NULL, code INTEGER NOT NULL);
"""


class Book:
    """Any thread may write and read."""

    def __init__(self, database: str) -> None:
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._rows.executescript(TABLES)

    def ask(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            found = self._rows.execute(sql, values)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found]

    def say(self, messenger: str, text: str, mentioned: str, at: float) -> None:
        """One more message in a group."""
        self.ask(
            "INSERT INTO messages (messenger, text, mentioned, at) VALUES (?, ?, ?, ?)", messenger, text, mentioned, at
        )

    def lay(self, letter: dict[str, Any]) -> None:
        """A letter into its mailbox; one with an identity that lies there already is counted, and not laid again."""
        names, marks = ", ".join(letter), ", ".join("?" * len(letter))
        sql = f"INSERT INTO letters ({names}, times) VALUES ({marks}, 1) ON CONFLICT DO UPDATE SET times = times + 1"
        self.ask(sql, *letter.values())

    def refuse(self, messenger: str, code: int) -> int:
        """Note that it said no; returns the code."""
        self.ask("INSERT INTO refusals (messenger, code) VALUES (?, ?)", messenger, code)
        return code

    def all(self) -> dict[str, list[dict[str, Any]]]:
        return {name: self.ask(f"SELECT * FROM {name} ORDER BY rowid") for name in ("messages", "letters", "refusals")}
