"""What the station does with what comes, and what it says of its own accord."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from ops.demo.counterparts.police_station import wire
from ops.demo.counterparts.police_station.book import Book, text
from ops.demo.counterparts.police_station.wire import Keys

DAY = 86_400_000_000


class Manners(NamedTuple):
    """How it behaves. `refuse`: kinds that it refuses, with a reason; `knows`: whom it identifies by case, else nobody;
    `works`: whether it reports in and hands back what it takes."""

    refuse: dict[str, str]
    identifies: bool
    works: bool
    answers: bool


def manners(path: Path | None) -> Manners:
    """From a TOML file; polite and diligent without one."""
    told = tomllib.loads(path.read_text("utf-8")) if path else {}
    return Manners(
        told.get("refuse", {}), told.get("identifies", True), told.get("works", True), told.get("answers", True)
    )


class Station:
    """`hear` is given each line of the hub once, in order; `say` puts lines of its own on the spool."""

    def __init__(self, book: Book, keys: Keys, how: Manners) -> None:
        self._book = book
        self._keys = keys
        self._how = how

    def hear(self, line: dict[str, Any], now: int) -> tuple[str, str | None]:
        """(outcome, reason) of a line."""
        case, body = line["case"], line["body"]
        self._book.run("INSERT OR IGNORE INTO cases (case_name, stage) VALUES (?, 'known')", case)
        match line["kind"]:
            case "hand-over":
                self._asked_to_take(line, "hand-over-answer", "urgent", now)
            case "transfer":
                self._asked_to_take(line, "transfer-answer", "regular", now)
            case "question" if self._how.answers:
                self._identify(case, now)
            case "summons" if self._how.works:
                self.say("regular", case, "report-in", {"at": now})
            case "transfer-answer":
                stage = "taken over" if body["accepted"] else "refused"
                self._book.run(
                    "UPDATE cases SET stage = ?, hub_number = ? WHERE case_name = ?", stage, body["number"], case
                )
            case "gone":
                self._book.run("UPDATE cases SET stage = 'gone' WHERE case_name = ?", case)
        return "accepted", None

    def say(self, lane: str, case: str, kind: str, body: dict[str, Any], sealed: dict[str, Any] | None = None) -> str:
        """Spool a line under the next number of its case; returns its key."""
        n = (self._book.value("SELECT n FROM numbers WHERE lane = ? AND case_name = ?", lane, case) or 0) + 1
        self._book.run("INSERT OR REPLACE INTO numbers VALUES (?, ?, ?)", lane, case, n)
        key = f"{lane}/{case}/{n}"
        line: dict[str, Any] = {"key": key, "case": case, "n": n, "kind": kind, "body": body}
        if sealed:
            line["capsule"] = wire.seal(self._keys.sealing, key, case, sealed, body["at"] + DAY)
        self._book.run("INSERT INTO spool (lane, line) VALUES (?, ?)", lane, text(line))
        return key

    def look(self, capsule: str, officer: str, now: int) -> dict[str, Any] | None:
        """Open a capsule, once; a second look, or one that comes too late, is refused and written down."""
        found = self._book.rows("SELECT case_name, capsule FROM lines WHERE json_extract(capsule, '$.id') = ?", capsule)
        if not found:
            self._refuse_look(capsule, officer, "unknown")
            return None
        sealed = json.loads(found[0]["capsule"])
        if now >= sealed["expires_at"]:
            self._refuse_look(capsule, officer, "expired")
            return None
        case = found[0]["case_name"]
        if not self._book.run(
            "INSERT OR IGNORE INTO looks (capsule, officer, case_name) VALUES (?, ?, ?)", capsule, officer, case
        ):
            self._refuse_look(capsule, officer, "used")
            return None
        content = wire.unseal(self._keys.opening, sealed, case)
        self._book.run(
            "UPDATE looks SET contact = ?, text = ? WHERE capsule = ?",
            text(content.get("contact")),
            content.get("text"),
            capsule,
        )
        return content

    def _refuse_look(self, capsule: str, officer: str, reason: str) -> None:
        self._book.run("INSERT INTO refused_looks VALUES (?, ?, ?)", capsule, officer, reason)

    def _asked_to_take(self, line: dict[str, Any], answer: str, lane: str, now: int) -> None:
        case, reason = line["case"], self._how.refuse.get(line["kind"])
        if not self._how.answers:
            return
        if reason:
            self.say(lane, case, answer, {"at": now, "accepted": False, "reason": reason})
            self._book.run("UPDATE cases SET stage = 'refused' WHERE case_name = ?", case)
            return
        number = self._number(case)
        self.say(lane, case, answer, {"at": now, "accepted": True, "number": number})
        if line.get("capsule"):
            self.look(line["capsule"]["id"], "duty officer", now)
        if self._how.works:
            self.say("regular", case, "hand-back", {"at": now + 1}, {"text": "民警已到场处理完毕。"})
            self._book.run("UPDATE cases SET stage = 'handed back' WHERE case_name = ?", case)

    def _number(self, case: str) -> str:
        known = self._book.value("SELECT their_number FROM cases WHERE case_name = ?", case)
        if known is None:
            count = self._book.value("SELECT count(*) FROM cases WHERE their_number IS NOT NULL")
            known = f"JJ-2026-{count + 1:06}"
            self._book.run("UPDATE cases SET their_number = ?, stage = 'taken' WHERE case_name = ?", known, case)
        return str(known)

    def _identify(self, case: str, now: int) -> None:
        """Who it is stays here; the hub gets a reference."""
        body: dict[str, Any] = {"at": now, "outcome": "unknown"}
        if self._how.identifies:
            count = self._book.value("SELECT count(*) FROM persons")
            reference = f"GA-15027-{count + 1:04}"
            self._book.run("INSERT INTO persons VALUES (?, ?, ?, ?)", reference, "巴特尔", "15020319420101001X", case)
            body = {"at": now, "outcome": "identified", "reference": reference}
        self.say("regular", case, "reference", body)
