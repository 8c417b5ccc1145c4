"""The station's side of the two folders: batches in their order, acknowledgements, and mishaps on demand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.demo.counterparts.police_station import wire
from ops.demo.counterparts.police_station.book import Book, text
from ops.demo.counterparts.police_station.station import Station
from ops.demo.counterparts.police_station.wire import Keys, NotTrusted, Read

LANES = ("urgent", "regular")


class Terms(NamedTuple):
    """Both names, both folders, seconds between batches and of patience."""

    us: str
    them: str
    outgoing: Path
    incoming: Path
    interval: float
    patience: float


class Post:
    """`round` does what is to be done now. `mishaps` holds what is to go wrong with the next regular batches, one each:
    lose, twice, forge, bad-disk, other-content."""

    def __init__(self, book: Book, keys: Keys, terms: Terms, station: Station, clock: Callable[[], int]) -> None:
        self._book = book
        self._keys = keys
        self._terms = terms
        self._station = station
        self._clock = clock
        self._closed_at = 0
        self._asked_at: dict[int, int] = {}
        self.mishaps: list[str] = []

    def round(self) -> None:
        """Read what came, answer it, send what is due."""
        for path in sorted(self._terms.incoming.glob("*.ack")):
            with contextlib.suppress(NotTrusted):
                self._acknowledged(wire.read_acknowledgement(path.read_bytes(), self._keys.theirs))
            path.unlink()
        self._read_batches()
        while waiting := self._book.rows("SELECT id FROM spool WHERE lane = 'urgent' ORDER BY id LIMIT 1"):
            self._close("urgent", waiting)
        if self._clock() - self._closed_at >= self._terms.interval * 1_000_000:
            self._closed_at = self._clock()
            self._close("regular", self._book.rows("SELECT id FROM spool WHERE lane = 'regular' ORDER BY id"))
        self._send_again()

    # ------------------------------------------------------------ in

    def _read_batches(self) -> None:
        found: list[tuple[Path, Read]] = []
        for path in sorted(self._terms.incoming.glob("*.batch")):
            try:
                found.append((path, wire.read_batch(path.read_bytes(), self._keys.theirs)))
            except NotTrusted as wrong:
                self._book.run("INSERT INTO aside VALUES (?, ?)", path.name, str(wrong))
                path.unlink()
        for path, one in sorted(found, key=lambda pair: (pair[1].manifest["lane"], pair[1].manifest["number"])):
            self._read(path, one)

    def _read(self, path: Path, one: Read) -> None:
        lane, number = one.manifest["lane"], one.manifest["number"]
        known = self._book.value("SELECT digest FROM received WHERE lane = ? AND number = ?", lane, number)
        last = self._book.value("SELECT max(number) FROM received WHERE lane = ?", lane) or 0
        if known is None and lane == "regular" and number > last + 1:
            if self._asked_at.get(number, 0) + self._terms.patience * 500_000 <= self._clock():
                self._asked_at[number] = self._clock()
                self._answer(lane, number, one.digest, "waiting", list(range(last + 1, number)), [])
            return
        if known is None:
            self._take(one)
        elif known != one.digest:
            self._book.run("INSERT INTO aside VALUES (?, 'replaced')", path.name)
        verdicts = self._book.value("SELECT lines FROM received WHERE lane = ? AND number = ?", lane, number)
        self._answer(lane, number, one.digest, "taken", [], json.loads(verdicts))
        path.unlink()

    def _take(self, one: Read) -> None:
        """All lines of a batch, or none of them."""
        lane, number, now = one.manifest["lane"], one.manifest["number"], self._clock()
        verdicts = []
        with self._book as book:
            for place, line in enumerate(one.lines, 1):
                new = book.run(
                    "INSERT OR IGNORE INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)",
                    *(line["key"], lane, number, place, line["kind"], line["case"], text(line["body"])),
                    *(text(line.get("capsule")), now),
                )
                outcome, reason = self._station.hear(line, now) if new else ("accepted", "known-before")
                book.run("UPDATE lines SET outcome = ?, reason = ? WHERE key = ?", outcome, reason, line["key"])
                number_here = book.value("SELECT their_number FROM cases WHERE case_name = ?", line["case"])
                verdicts.append({"line": place, "key": line["key"], "outcome": outcome, "reason": reason})
                verdicts[-1]["number"] = number_here
            book.run("INSERT INTO received VALUES (?, ?, ?, ?)", lane, number, one.digest, text(verdicts))

    def _answer(
        self, lane: str, number: int, digest: str, outcome: str, again: list[int], lines: list[dict[str, Any]]
    ) -> None:
        said: dict[str, Any] = {"sender": self._terms.us, "receiver": self._terms.them, "lane": lane, "number": number}
        said |= {"digest": digest, "outcome": outcome, "made_at": self._clock(), "reason": None}
        content = wire.acknowledgement({**said, "again": again, "lines": lines}, self._keys.signing)
        wire.put(self._terms.outgoing / f"{lane}-{number:08}.ack", content)

    # ------------------------------------------------------------ out

    def _acknowledged(self, said: dict[str, Any]) -> None:
        lane, number = said["lane"], said["number"]
        statement = "UPDATE sent SET outcome = ? WHERE lane = ? AND number = ? AND outcome IS NOT 'taken'"
        self._book.run(statement, said["outcome"], lane, number)
        for one in said["lines"]:
            self._book.run(
                "INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?)",
                *(one["key"], one["outcome"], one.get("reason"), one.get("number")),
            )
        for again in said["again"]:
            self._book.run("UPDATE sent SET again = 0 WHERE lane = ? AND number = ?", lane, again)

    def _close(self, lane: str, waiting: list[dict[str, Any]]) -> None:
        lines = [json.loads(self._book.value("SELECT line FROM spool WHERE id = ?", one["id"])) for one in waiting]
        number = (self._book.value("SELECT max(number) FROM sent WHERE lane = ?", lane) or 0) + 1
        previous = self._book.value("SELECT digest FROM sent WHERE lane = ? AND number = ?", lane, number - 1)
        interval = max(1, int(self._terms.interval)) if lane == "regular" else 0
        manifest: dict[str, Any] = {
            "format": "threecross-batch-1",
            "sender": self._terms.us,
            "receiver": self._terms.them,
        }
        manifest |= {"lane": lane, "number": number, "previous": previous, "made_at": self._clock()}
        manifest |= {"interval_seconds": interval, "count": 0, "content": ""}
        content, digest = wire.batch(manifest, lines, self._keys.signing)
        with self._book as book:
            later = self._clock() + int(self._terms.patience * 1_000_000)
            book.run("INSERT INTO sent VALUES (?, ?, ?, ?, NULL, ?)", lane, number, digest, content, later)
            for one in waiting:
                book.run("DELETE FROM spool WHERE id = ?", one["id"])
        self._place(lane, number, content, manifest, lines)

    def _place(
        self, lane: str, number: int, content: bytes, manifest: dict[str, Any], lines: list[dict[str, Any]]
    ) -> None:
        """Into the outgoing folder, unless something goes wrong with it."""
        path = self._terms.outgoing / f"{lane}-{number:08}.batch"
        match self.mishaps.pop(0) if lane == "regular" and lines and self.mishaps else "":
            case "lose":
                return
            case "forge":
                forged = wire.batch(manifest, lines, Ed25519PrivateKey.generate())[0]
                wire.put(path.with_name(f"forged-{path.name}"), forged)
            case "bad-disk":
                path.write_bytes(content[: len(content) * 2 // 3])
                return
            case "other-content":
                other, _ = wire.batch(manifest, [], self._keys.signing)
                wire.put(path.with_name(f"zz-{path.name}"), other)
            case "twice":
                wire.put(path.with_name(f"copy-{path.name}"), content)
        wire.put(path, content)

    def _send_again(self) -> None:
        """What is asked for again, or not acknowledged in time."""
        query = "SELECT * FROM sent WHERE outcome IS NOT 'taken' AND again <= ?"
        for one in self._book.rows(query, self._clock()):
            later = self._clock() + int(self._terms.patience * 1_000_000)
            self._book.run("UPDATE sent SET again = ? WHERE lane = ? AND number = ?", later, one["lane"], one["number"])
            wire.put(self._terms.outgoing / f"{one['lane']}-{one['number']:08}.batch", one["content"])
