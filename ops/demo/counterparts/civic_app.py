"""A civic app: residents report through it, it passes their reports on by Open311 and asks for updates every while.

A program of its own with its own database; it knows nothing of whom it talks to but the address of an endpoint. Its
poller is a hard one: it asks from the very second at which its last question ended, and never looks back.

    python -m ops.demo.counterparts.civic_app --port 0 --database app.sqlite --endpoint URL --api-key KEY

prints {"port": …}. POST /reports takes a resident's report, GET /reports and GET /updates show what the app knows.
"""

from __future__ import annotations

import argparse
import json
import socket
import sqlite3
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import uvicorn
from fastapi import Body, FastAPI

TABLES = """
CREATE TABLE IF NOT EXISTS reports (
    id INTEGER PRIMARY KEY, form TEXT NOT NULL, service_request_id TEXT, token TEXT, status TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS updates (
    update_id TEXT PRIMARY KEY, service_request_id TEXT NOT NULL, status TEXT NOT NULL, at TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS polled (until INTEGER NOT NULL);
"""


class App:
    """What residents told the app, and what it heard back. Rows in SQLite; calls in XML or JSON."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.endpoint: str = options.endpoint
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(options.database, check_same_thread=False, isolation_level=None)
        self._rows.executescript(TABLES)
        self._http = httpx.Client(timeout=options.timeout)
        self.stopped = threading.Event()

    @contextmanager
    def rows(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._rows

    def add(self, form: dict[str, str]) -> int:
        """Keep a resident's report; it is sent by the next round."""
        with self.rows() as rows:
            return rows.execute("INSERT INTO reports (form) VALUES (?)", (json.dumps(form),)).lastrowid or 0

    def table(self, name: str) -> list[dict[str, Any]]:
        """All rows of a table."""
        with self.rows() as rows:
            found = rows.execute(f"SELECT * FROM {name} ORDER BY 1")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]

    def run(self) -> None:
        """Send and ask, round by round, until stopped; whatever fails is tried in the next round."""
        while not self.stopped.wait(self._options.every):
            for step in (self.send, self.resolve, self.poll):
                try:
                    step()
                except (httpx.HTTPError, ET.ParseError, ValueError):
                    continue

    def send(self) -> None:
        for row in self.table("reports"):
            if row["service_request_id"] or row["token"] or row["problem"]:
                continue
            with self.rows() as rows:
                rows.execute("UPDATE reports SET tries = tries + 1 WHERE id = ?", (row["id"],))
            answer = self._call("POST", "requests", data={**self._key(row["id"]), **json.loads(row["form"])})
            told = answer[0] if answer else {}
            with self.rows() as rows:
                rows.execute(
                    "UPDATE reports SET service_request_id = ?, token = ?, problem = ? WHERE id = ?",
                    (told.get("service_request_id"), told.get("token"), told.get("description") or "", row["id"]),
                )

    def resolve(self) -> None:
        """Ask for the numbers that tokens stand for."""
        for row in self.table("reports"):
            if row["token"] and not row["service_request_id"]:
                answer = self._call("GET", f"tokens/{row['token']}")
                number = answer[0].get("service_request_id") if answer else None
                with self.rows() as rows:
                    rows.execute("UPDATE reports SET service_request_id = ? WHERE id = ?", (number, row["id"]))

    def poll(self) -> None:
        """Ask for updates from where the last question ended."""
        with self.rows() as rows:
            last = rows.execute("SELECT max(until) FROM polled").fetchone()[0]
        end = int(time.time())
        start = end - 3_600 if last is None else last
        found = self._call("GET", "servicerequestupdates", params={"start_date": _w3c(start), "end_date": _w3c(end)})
        with self.rows() as rows:
            rows.execute("BEGIN")
            for update in found:
                self._heard(rows, update)
            rows.execute("INSERT INTO polled VALUES (?)", (end,))
            rows.execute("COMMIT")

    def _heard(self, rows: sqlite3.Connection, update: dict[str, Any]) -> None:
        known = "INSERT INTO updates VALUES (?, ?, ?, ?, 1) ON CONFLICT (update_id) DO UPDATE SET seen = seen + 1"
        names = ("update_id", "service_request_id", "status", "updated_datetime")
        rows.execute(known, tuple(update[name] for name in names))
        rows.execute(
            "UPDATE reports SET status = ? WHERE service_request_id = ?",
            (update["status"], update["service_request_id"]),
        )

    def _key(self, report: int) -> dict[str, str]:
        return {"api_key": self._options.api_key, "attribute[external_id]": f"{self._options.name}-{report}"}

    def _call(self, method: str, path: str, **request: Any) -> list[dict[str, Any]]:
        """Records of an answer, errors among them; raises where the endpoint failed, so that it is tried again."""
        form = self._options.format
        if self._options.jurisdiction:
            place = "data" if method == "POST" else "params"
            request[place] = {"jurisdiction_id": self._options.jurisdiction, **request.get(place, {})}
        answer = self._http.request(method, f"{self.endpoint}/{path}.{form}", **request)
        if answer.status_code >= 500 or (answer.status_code >= 400 and method == "GET"):
            answer.raise_for_status()
        if form == "json":
            return list(answer.json())
        return [{field.tag: field.text for field in record} for record in ET.fromstring(answer.content)]


def _w3c(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def site(app: App) -> FastAPI:
    """What the app offers to its residents, and to whoever wants to see its database."""
    made = FastAPI(title="A civic app")

    @made.post("/reports")
    def report(form: Annotated[dict[str, str], Body()]) -> dict[str, int]:
        return {"id": app.add(form)}

    @made.post("/endpoint")
    def endpoint(address: Annotated[str, Body()]) -> dict[str, bool]:
        app.endpoint = address
        return {"heard": True}

    @made.get("/reports")
    def reports() -> list[dict[str, Any]]:
        return app.table("reports")

    @made.get("/updates")
    def updates() -> list[dict[str, Any]]:
        return app.table("updates")

    return made


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--endpoint", required=True, help="base address of the Open311 endpoint")
    parser.add_argument("--api-key", required=True)
    parser.add_argument("--name", default="app", help="begins the numbers that the app gives to its reports")
    parser.add_argument("--jurisdiction", default="")
    parser.add_argument("--format", choices=("xml", "json"), default="xml")
    parser.add_argument("--every", type=float, default=1.0, help="seconds from round to round")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds after which an answer is given up")
    return parser.parse_args()


def main() -> None:
    """Serve until killed."""
    chosen = options()
    app = App(chosen)
    listening = socket.create_server(("127.0.0.1", chosen.port))
    threading.Thread(target=app.run, name="rounds", daemon=True).start()
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    uvicorn.Server(uvicorn.Config(site(app), log_level="warning")).run([listening])


if __name__ == "__main__":
    main()
