"""An app of grid workers 网格员: they report with a picture and look how it stands; it passes that on to an intake.

A program of its own with its own database; it knows nothing of whom it talks to but an address and a key. What it has
sent without hearing an answer it sends again under the same Idempotency-Key; told to, it does so although it heard one.

    python -m ops.demo.counterparts.worker_app --database app.sqlite --intake URL --api-key KEY

prints {"port": …}. POST /reports takes a worker's report, GET /reports shows what the app knows, POST /twice/{times}
lets it send the next ones twice.
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import threading
from hashlib import sha256
from typing import Annotated, Any
from uuid import uuid4

import httpx
from fastapi import Body, FastAPI

from ops.demo.counterparts.listener import Listener

TABLES = """
CREATE TABLE IF NOT EXISTS reports (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, form TEXT NOT NULL, number TEXT, stage TEXT NOT NULL DEFAULT '',
    sent INTEGER NOT NULL DEFAULT 0, other_numbers INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '');
"""
PICTURE = b"\x89PNG\r\n\x1a\nnot a real picture"
DIGEST = sha256(PICTURE).hexdigest()
TAKEN = 202


class App:
    """What workers told the app, and what it heard back; `run` sends and asks, round by round."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(options.database, check_same_thread=False, isolation_level=None)
        self._rows.executescript(TABLES)
        self._http = httpx.Client(base_url=options.intake, timeout=10, headers={"X-API-Key": options.api_key})
        self.twice = 0
        self.stopped = threading.Event()

    def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """What a statement gives."""
        with self._lock:
            found = self._rows.execute(statement, values)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found]

    def add(self, form: dict[str, str]) -> None:
        """Keep a worker's report; it is sent by the next round."""
        self.rows("INSERT INTO reports (key, form) VALUES (?, ?)", str(uuid4()), json.dumps(form, ensure_ascii=False))

    def run(self) -> None:
        """Until stopped; what fails is tried in the next round."""
        while not self.stopped.wait(self._options.every):
            for row in self.rows("SELECT * FROM reports WHERE problem = '' ORDER BY id"):
                try:
                    self._send(row) if row["number"] is None else self._ask(row)
                except httpx.HTTPError:
                    break

    def _send(self, row: dict[str, Any]) -> None:
        form = json.loads(row["form"])
        if form.get("picture"):
            kind = {"Content-Type": "image/png"}
            self._http.put(f"/files/{DIGEST}", content=PICTURE, headers=kind).raise_for_status()
        for _ in range(2 if self.twice else 1):
            self.rows("UPDATE reports SET sent = sent + 1 WHERE id = ?", row["id"])
            self._heard(row["id"], self._http.post("/reports", json=self._told(form), headers=_named(row["key"])))
        self.twice = max(0, self.twice - 1)

    def _heard(self, report: int, answer: httpx.Response) -> None:
        if answer.status_code == TAKEN:
            number = answer.json()["number"]
            statement = "UPDATE reports SET other_numbers = other_numbers + (number IS NOT NULL AND number <> ?1)"
            self.rows(f"{statement}, number = ?1 WHERE id = ?2", number, report)
        elif answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            self.rows("UPDATE reports SET problem = ? WHERE id = ?", answer.text, report)

    def _told(self, form: dict[str, str]) -> dict[str, Any]:
        scheme, _, version = self._options.categories.partition("/")
        told: dict[str, Any] = {"category": {"scheme": scheme, "version": version, "code": form["category"]}}
        told["place"] = {"point": {"x": float(form["x"]), "y": float(form["y"]), "system": form["system"]}}
        told["place"] |= {"address": form["address"]} if "address" in form else {}
        told |= {"text": form.get("text", ""), "evidence": [DIGEST] if form.get("picture") else []}
        return told

    def _ask(self, row: dict[str, Any]) -> None:
        answer = self._http.get(f"/reports/{row['number']}").raise_for_status().json()
        self.rows("UPDATE reports SET stage = ? WHERE id = ?", answer["stage"], row["id"])


def _named(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def site(app: App) -> FastAPI:
    """What the app offers to its workers, and to whoever wants to see its database."""
    made = FastAPI(title="An app of grid workers", openapi_url=None)

    @made.post("/reports")
    def report(form: Annotated[dict[str, str], Body()]) -> None:
        app.add(form)

    @made.get("/reports")
    def reports() -> list[dict[str, Any]]:
        return app.rows("SELECT * FROM reports ORDER BY id")

    @made.post("/twice/{times}")
    def twice(times: int) -> None:
        app.twice = times

    return made


def options() -> argparse.ArgumentParser:
    """What can be said to it."""
    made = argparse.ArgumentParser(prog="worker_app", description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--port", type=int, default=0)
    made.add_argument("--database", default=":memory:")
    made.add_argument("--intake", required=True, help="base address of the intake")
    made.add_argument("--api-key", required=True)
    made.add_argument("--categories", default="tianyuan/2026", help="list and version of its categories")
    made.add_argument("--every", type=float, default=1.0, help="seconds from round to round")
    return made


def main() -> None:
    """Serve until told to end."""
    given = options().parse_args()
    app, ended = App(given), threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    listener = Listener(site(app), given.port)
    listener.up()
    rounds = threading.Thread(target=app.run, name="rounds")
    rounds.start()
    print(json.dumps({"port": listener.port}), flush=True)
    ended.wait()
    app.stopped.set()
    rounds.join()


if __name__ == "__main__":
    main()
