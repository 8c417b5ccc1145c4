"""Another council with an Open311 endpoint: requests come in, its staff says how far they are, and it has bad days.

A program of its own with its own database. It speaks GeoReport v2 in XML and JSON and the updates of British councils.
It takes the same external_id twice as two requests unless told otherwise, as many real systems do.

    python -m ops.demo.counterparts.council --port 0 --database council.sqlite [--behave FILE.toml]

prints {"port": …}. Its staff works at /desk (say a status), whoever tests it at /behave (faults, also FILE.toml).
"""

from __future__ import annotations

import argparse
import json
import socket
import sqlite3
import threading
import time
import tomllib
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import uvicorn
from fastapi import Body, FastAPI, Request, Response

TABLES = """
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL, resolved INTEGER NOT NULL, external_id TEXT, service_code TEXT,
    form TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'open', at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS updates (
    id INTEGER PRIMARY KEY, request INTEGER NOT NULL, status TEXT NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS told (update_id TEXT PRIMARY KEY, request TEXT, status TEXT, description TEXT);
"""
NAMES = {"requests": "request", "servicerequestupdates": "request_update", "services": "service", "errors": "error"}
ROOTS = {"requests": "service_requests", "servicerequestupdates": "service_request_updates"}


class Behaviour:
    """What goes wrong, and for how many calls yet. `mode`: down, 500, 429, 409, slow, or lost (taken, no answer);
    `tokens`: a token comes first; `keys_tell`: shows external_id; `clock`: seconds by which its clock is wrong."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.mode, self.calls = str(given.get("mode", "")), int(given.get("calls", 0))
        self.tokens, self.keys_tell = bool(given.get("tokens")), bool(given.get("keys_tell"))
        self.clock, self.api_key = int(given.get("clock", 0)), str(given.get("api_key", ""))
        self.services = list(given.get("services", ["lamp", "pothole"]))

    def next(self, writing: bool) -> str:
        """What goes wrong with this call; an answer is lost only where something was written."""
        if self.calls <= 0 or (self.mode == "lost" and not writing):
            return ""
        self.calls -= 1
        return self.mode


class Council:
    """The council's rows."""

    def __init__(self, database: Path, behave: dict[str, Any]) -> None:
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._rows.executescript(TABLES)
        self.behaviour = Behaviour(behave)

    def ask(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            found = self._rows.execute(sql, values)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found]

    def now(self) -> int:
        return int(time.time()) + self.behaviour.clock

    def order(self, form: dict[str, str]) -> dict[str, Any]:
        token, waits = uuid4().hex, self.behaviour.tokens
        names = "token, resolved, external_id, service_code, form, at"
        sql = f"INSERT INTO requests ({names}) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
        given = form.get("attribute[external_id]")
        row = self.ask(sql, token, not waits, given, form.get("service_code"), json.dumps(form), self.now())[0]
        return {"token": token} if waits else {"service_request_id": row["id"], "service_notice": None}

    def say(self, request: int, status: str, note: str) -> None:
        self.ask("UPDATE requests SET status = ? WHERE id = ?", status, request)
        sql = "INSERT INTO updates (request, status, note, at) VALUES (?, ?, ?, ?)"
        self.ask(sql, request, status, note, self.now())

    def requests(self, query: Any) -> list[dict[str, Any]]:
        start = _second(query.get("start_date"), 0)
        rows = self.ask("SELECT * FROM requests WHERE at >= ? ORDER BY id", start)
        code = query.get("service_code")
        return [self._request(row) for row in rows if not code or row["service_code"] == code]

    def _request(self, row: dict[str, Any]) -> dict[str, Any]:
        form = json.loads(row["form"])
        shown = {"external_id": row["external_id"]} if self.behaviour.keys_tell else {}
        at = _w3c(row["at"])
        return {
            "service_request_id": row["id"],
            "status": "open" if row["status"] == "open" else "closed",
            "service_code": row["service_code"],
            "requested_datetime": at,
            "updated_datetime": at,
            "lat": form.get("lat"),
            "long": form.get("long"),
            **shown,
        }

    def updates(self, query: Any) -> list[dict[str, Any]]:
        start, end = _second(query.get("start_date"), 0), _second(query.get("end_date"), self.now())
        page, size = int(query.get("page", 1)), int(query.get("page_size", 10_000))
        sql = "SELECT * FROM updates WHERE at BETWEEN ? AND ? ORDER BY id LIMIT ? OFFSET ?"
        rows = self.ask(sql, start, end, size, (page - 1) * size)
        names = ("update_id", "service_request_id", "status", "updated_datetime", "description")
        told = [(row["id"], row["request"], row["status"], _w3c(row["at"]), row["note"]) for row in rows]
        return [dict(zip(names, each, strict=True)) for each in told]


def _w3c(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _second(text: str | None, otherwise: int) -> int:
    return int(datetime.fromisoformat(text).timestamp()) if text else otherwise


def answer(name: str, records: list[dict[str, Any]], form: str, status: int = 200) -> Response:
    """Records as XML or JSON."""
    if form == "json":
        return Response(json.dumps(records), status, media_type="application/json; charset=utf-8")
    root = ET.Element(ROOTS.get(name, name))
    for record in records:
        made = ET.SubElement(root, NAMES[name])
        for field, value in record.items():
            ET.SubElement(made, field).text = None if value is None else str(value)
    return Response(ET.tostring(root, "utf-8", xml_declaration=True), status, media_type="text/xml; charset=utf-8")


def wrong(status: int, form: str, about: str) -> Response:
    """An error of GeoReport; 429 says when to come again."""
    made = answer("errors", [{"code": status, "description": about}], form, status)
    if status == 429:
        made.headers["retry-after"] = "1"
    return made


def site(council: Council) -> FastAPI:
    """The endpoint, the desk of its staff, and the switch for faults."""
    made = FastAPI(title="Another council")
    _speak(made, council)
    _desk(made, council)
    return made


def _speak(made: FastAPI, council: Council) -> None:
    @made.get("/{path:path}.{form}")
    def read(path: str, form: str, request: Request) -> Response:
        mode = council.behaviour.next(writing=False)
        if mode == "slow":
            time.sleep(3)
        elif mode:
            return _failing(mode, form)
        return _read(council, path, form, request)

    @made.post("/{path:path}.{form}")
    async def write(path: str, form: str, request: Request) -> Response:
        fields = {name: str(value) for name, value in (await request.form()).multi_items()}
        mode = council.behaviour.next(writing=True)
        if mode and mode not in ("lost", "slow"):
            return _failing(mode, form)
        taken = _write(council, path, form, fields)
        return _failing(mode, form) if mode == "lost" else taken


def _failing(mode: str, form: str) -> Response:
    return wrong(int(mode) if mode.isdecimal() else 500, form, "not now")


def _desk(made: FastAPI, council: Council) -> None:
    @made.post("/desk")
    def desk(words: Annotated[dict[str, Any], Body()]) -> dict[str, bool]:
        council.say(int(words["request"]), words["status"], words.get("note", ""))
        return {"said": True}

    @made.post("/resolve")
    def resolve() -> dict[str, bool]:
        council.ask("UPDATE requests SET resolved = 1")
        return {"resolved": True}

    @made.post("/behave")
    def behave(given: Annotated[dict[str, Any], Body()]) -> dict[str, bool]:
        council.behaviour = Behaviour(given)
        return {"heard": True}

    @made.get("/database")
    def database() -> dict[str, list[dict[str, Any]]]:
        return {name: council.ask(f"SELECT * FROM {name}") for name in ("requests", "updates", "told")}


def _read(council: Council, path: str, form: str, request: Request) -> Response:
    match path.split("/"):
        case ["services"]:
            return answer(
                path, [{"service_code": code, "service_name": code} for code in council.behaviour.services], form
            )
        case ["requests"]:
            return answer(path, council.requests(request.query_params), form)
        case ["tokens", token]:
            rows = council.ask("SELECT id FROM requests WHERE token = ? AND resolved", token)
            if not rows:
                return wrong(404, form, "no number for this token yet")
            return answer("requests", [{"service_request_id": rows[0]["id"], "token": token}], form)
        case ["servicerequestupdates"]:
            return answer(path, council.updates(request.query_params), form)
    return wrong(404, form, "not found")


def _write(council: Council, path: str, form: str, fields: dict[str, str]) -> Response:
    if council.behaviour.api_key and fields.pop("api_key", "") != council.behaviour.api_key:
        return wrong(403, form, "Invalid api_key")
    if path == "servicerequestupdates":
        names = ("update_id", "service_request_id", "status", "description")
        council.ask("INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?)", *(fields.get(name) for name in names))
        return answer(path, [{"update_id": fields.get("update_id")}], form)
    if fields.get("service_code") not in council.behaviour.services:
        return wrong(404, form, "service_code was not found")
    return answer(path, [council.order(fields)], form)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--behave", type=Path, help="TOML with what goes wrong")
    chosen = parser.parse_args()
    behave = tomllib.loads(chosen.behave.read_text("utf-8")) if chosen.behave else {}
    listening = socket.create_server(("127.0.0.1", chosen.port))
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    uvicorn.Server(uvicorn.Config(site(Council(chosen.database, behave)), log_level="warning")).run([listening])


if __name__ == "__main__":
    main()
