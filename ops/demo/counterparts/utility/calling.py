"""The company's worker: lets answers happen when their time has come, and tells them, each by itself, until taken."""

from __future__ import annotations

import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx

from ops.demo.counterparts.utility.company import Company, in_office, told
from ops.demo.counterparts.utility.faults import Faults
from ops.demo.counterparts.utility.ledger import Ledger

TICK_SECONDS = 0.05
RETRY_SECONDS = (0.2, 0.4, 0.8, 1.6, 3.0)
LASTING = frozenset({400, 409, 413, 422})
"""Answers after which telling the same again is of no use."""
SKEW_SECONDS = 3600
PHOTO = {
    "media_type": "image/svg+xml",
    "content": "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI4IiBoZWlnaHQ9IjgiLz4=",
}


class Worker:
    """A thread that works through the book. `url` may be set later; without one nothing is told.

    `attended`: somebody is there, or nobody is; None: as the company's hours say.
    """

    def __init__(self, company: Company, ledger: Ledger, faults: Faults, secret: str) -> None:
        self.url: str | None = None
        self.attended: bool | None = None
        self._company, self._ledger, self._faults, self._secret = company, ledger, faults, secret.encode()
        self._stopped = threading.Event()
        self._held: list[int] = []
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(timeout=10) as client, ThreadPoolExecutor(4) as pool:
            while not self._stopped.wait(TICK_SECONDS):
                if self.is_attended(time.time()):
                    self._let_happen()
                if self.url is not None:
                    list(pool.map(lambda event: self._tell(client, event), self._ledger.to_tell(time.time())))

    def is_attended(self, now: float) -> bool:
        """Whether somebody is in the office at a moment (Unix seconds)."""
        return in_office(self._company.office, now) == now if self.attended is None else self.attended

    def _let_happen(self) -> None:
        for plan in self._ledger.due(time.time()):
            answer = json.loads(plan["answer"])
            event = {
                "key": plan["key"],
                "answers": answer["to"],
                "status": answer["status"],
                "occurred_at": _iso(time.time()),
                "note": answer["note"],
                "reason": answer["reason"],
                "due": _iso(time.time() + answer["due_seconds"]) if answer["due_seconds"] else None,
                "photos": [PHOTO] if answer["photo"] else None,
            }
            self._ledger.happen(plan["id"], plan["number"], event, self._first_try())

    def _first_try(self) -> float | None:
        now = time.time()
        if self._faults.happens("lost"):
            return None
        return now + 1.0 if self._faults.happens("reordered") else now

    def _tell(self, client: httpx.Client, row: dict[str, Any]) -> None:
        body = json.dumps(told(self._company, json.loads(row["content"])), ensure_ascii=False).encode()
        answered = self._post(client, body)
        if answered == 200 and self._faults.happens("twice"):
            self._post(client, body)
        if answered == 200 or answered in LASTING:
            self._ledger.tried(row["id"], answered, None)
            return
        wait = RETRY_SECONDS[min(row["tries"], len(RETRY_SECONDS) - 1)]
        self._ledger.tried(row["id"], answered, time.time() + wait)

    def _post(self, client: httpx.Client, body: bytes) -> int | None:
        stamp = str(int(time.time()) - (SKEW_SECONDS if self._faults.happens("skewed") else 0))
        secret = b"somebody else's" if self._faults.happens("forged") else self._secret
        signed = hmac.new(secret, f"{stamp}.".encode() + body, sha256).hexdigest()
        headers = {"X-Timestamp": stamp, "X-Signature": f"v1={signed}", "Content-Type": "application/json"}
        try:
            return client.post(self.url or "", content=body, headers=headers).status_code
        except httpx.HTTPError:
            return None


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
