"""The assistant: tells the hub what members write, and puts what it replies into the group."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx

from ops.demo.counterparts.chat_group.book import Book, Faults
from ops.demo.counterparts.chat_group.signing import signed

TICK_SECONDS = 0.05
LATER = frozenset({425, 429})
PHOTO = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
"""A photo of one pixel, which a message calls "street"; any other is sent as its letters."""


class Assistant:
    """Tells the hub what members write, one message after the other, and puts its replies into the groups."""

    def __init__(self, book: Book, faults: Faults, app_key: str, secret: str) -> None:
        self.url: str | None = None
        self._book, self._faults, self._app_key, self._secret = book, faults, app_key, secret
        self._http = httpx.Client(timeout=30)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="assistant", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            waiting = self._book.rows("SELECT * FROM messages WHERE waits ORDER BY tries, id") if self.url else []
            for row in waiting:
                try:
                    self._tell(row)
                except httpx.HTTPError:
                    self._book.rows("UPDATE messages SET tries = tries + 1 WHERE id = ?", row["id"])

    def _tell(self, row: Mapping[str, Any]) -> None:
        photos = [self._content(photo) for photo in json.loads(row["photos"])]
        for content in photos:
            answer = self._put(content)
            if not answer.is_success:
                return self._answered(row, answer)
        body = json.dumps(self._message(row, photos), ensure_ascii=False).encode()
        for answer in [self._post(body) for _ in range(2 if self._faults.happens("twice") else 1)]:
            self._answered(row, answer)
        return None

    def _message(self, row: Mapping[str, Any], photos: list[bytes]) -> dict[str, Any]:
        (member,) = self._book.rows("SELECT * FROM members WHERE id = ?", row["writer"])
        sender = {name: value for name, value in member.items() if value is not None}
        told = {"id": row["key"], "group": row["group_name"], "sender": sender, "text": row["text"]}
        told["photos"] = [sha256(content).hexdigest() for content in photos]
        at = datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="milliseconds")
        return {**told, "at": at, "place": json.loads(row["place"])}

    @staticmethod
    def _content(photo: str) -> bytes:
        return PHOTO if photo == "street" else photo.encode()

    def _put(self, content: bytes) -> httpx.Response:
        headers = self._signed(content) | {"Content-Type": "image/png"}
        return self._http.put(f"{self.url}/files/{sha256(content).hexdigest()}", content=content, headers=headers)

    def _post(self, body: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/json", **self._signed(body)}
        return self._http.post(f"{self.url}/messages", content=body, headers=headers)

    def _signed(self, body: bytes) -> dict[str, str]:
        at = time.time() - (3_600 if self._faults.happens("stale") else 0)
        secret = "somebody else's" if self._faults.happens("forged") else self._secret
        return signed(self._app_key, secret, at, f"{time.time_ns()}", body)

    def _answered(self, row: Mapping[str, Any], answer: httpx.Response) -> None:
        told = answer.json() if answer.headers.get("content-type") == "application/json" else {}
        again = answer.status_code in LATER or answer.status_code >= 500
        query = "UPDATE messages SET waits = ?, tries = tries + 1, outcome = ?, number = ? WHERE id = ?"
        self._book.rows(query, again, told.get("outcome"), told.get("number"), row["id"])
        if told.get("reply"):
            self._book.said(f"reply to {row['key']}", row["group_name"], told["reply"], told.get("number"))
